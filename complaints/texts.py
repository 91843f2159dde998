"""Cleaning of texts that people type or paste, before they are stored: in time that grows no faster than the text."""

import functools
import re
import unicodedata
from typing import Literal

from django.utils.translation import ngettext

from complaints.errors import Refused
from ui.text_limits import most_read

# Bidirectional overrides and isolates can make a name or a file name read backwards.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)])
_INVISIBLE = _BIDI | _CONTROL
_BREAKS = re.compile(r"[\r\n\u2028\u2029\x85]+")
# No script puts so many marks on one letter (Vietnamese 2, Thai 3, Hindi 4, pointed Hebrew 5): UAX #15, section 13.
MOST_MARKS = 30


# No mark stands before or after these in Unicode.
_FIRST_MARK, _LAST_MARK = 0x300, 0x1EFFF


@functools.cache
def _pile() -> re.Pattern:
    """More marks in a row than are kept: characters that are one, or begin with one in a normal form."""
    every = map(chr, range(_FIRST_MARK, _LAST_MARK + 1))
    marks = "".join(one for one in every if unicodedata.combining(unicodedata.normalize("NFKD", one)[0]))
    return re.compile(f"[{marks}]{{{MOST_MARKS + 1},}}")


class TooLong(Refused):
    """A text with more characters than its place has; nothing was stored."""

    status = 422

    def __init__(self, limit: int, length: int):
        words = ngettext(
            "At most %(limit_value)d character (you wrote %(show_value)d).",
            "At most %(limit_value)d characters (you wrote %(show_value)d).",
            limit,
        )
        super().__init__(words % {"limit_value": limit, "show_value": length})


def normalised(form: Literal["NFC", "NFKC"], text: str) -> str:
    """Return `text` in a normal form of Unicode ("NFC", "NFKC"), of a pile of marks on one letter the first 30.

    Putting marks in order takes the square of their number: 20,000 on one letter are three seconds.
    """
    if text.isascii():
        return text
    # Once more afterwards, because a few marks are two: what is cleaned a second time stays as it is.
    return _without_piles(unicodedata.normalize(form, _without_piles(text)))


def _without_piles(text: str) -> str:
    return _pile().sub(lambda pile: pile[0][:MOST_MARKS], text)


def clean_text(text: str) -> str:
    """Return `text` in NFC, without control and bidi-override characters, lines ended by \\n, trimmed.

    A text of invisible characters only becomes "". Emoji with joiners stay whole.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Marks that only an invisible character keeps apart are one pile.
    text = normalised("NFC", text.translate(_INVISIBLE)).strip()
    return text if is_visible(text) else ""


def clean_line(text: str) -> str:
    """Return `text` cleaned and on one line, runs of white space as one space."""
    return " ".join(clean_text(_BREAKS.sub(" ", text)).split())


def read_text(raw: str, limit: int) -> str:
    """Return `raw` cleaned; see clean_text(). Raises TooLong, for a text that is far too long before any work."""
    return _read(raw, limit, clean_text)


def read_line(raw: str, limit: int) -> str:
    """Return `raw` cleaned and on one line; see clean_line(). Raises as read_text()."""
    return _read(raw, limit, clean_line)


def _read(raw: str, limit: int, clean) -> str:
    if len(raw) > most_read(limit):
        raise TooLong(limit, len(raw))
    text = clean(raw)
    if len(text) > limit:
        raise TooLong(limit, len(text))
    return text


def is_visible(text: str) -> bool:
    """Whether anything in `text` can be seen (not only spaces and zero-width characters)."""
    return any(unicodedata.category(c) not in ("Cf", "Zs", "Zl", "Zp", "Cc") for c in text)


def subject_from(narrative: str, limit: int = 80) -> str:
    """Return a subject: the narrative's first sentence or line, at most `limit` characters."""
    first = re.split(r"(?<=[。！？!?])|\n|(?<=\.)\s", clean_text(narrative), maxsplit=1)[0]
    line = clean_line(first)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
