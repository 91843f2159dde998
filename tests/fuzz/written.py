"""A form as the bytes that are sent."""

from functools import lru_cache
from urllib.parse import quote_plus, urlencode

# By its number, how a sign is written: half of a pair of surrogates as a broken browser would.
QUOTED = {number: quote_plus(chr(number), safe="<") for number in range(128)}
QUOTED |= {number: quote_plus(chr(number), errors="surrogatepass") for number in range(0xD800, 0xE000)}


def written(fields: dict[str, list[str]]) -> bytes:
    """The form in few bytes: "<" and what is not ASCII as they are. Reading "%CC%95" back took most of the time."""
    return "&".join(f"{quoted(name)}={quoted(value)}" for name in fields for value in fields[name]).encode()


@lru_cache(maxsize=100)
def quoted(text: str) -> str:
    return text.translate(QUOTED)


def as_browsers_write(fields: dict[str, list[str]]) -> bytes:
    """The form with every such sign as "%CC%95"."""
    return urlencode(fields, doseq=True, errors="surrogatepass").encode()
