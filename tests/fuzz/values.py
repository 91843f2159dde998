"""What is put into one field of a form, and what may be done to the field itself."""

from collections.abc import Callable, Iterator
from random import Random

MEGABYTE = 1_000_000
# Two bytes each, and three signs a byte in a form: as many as one request may hold.
PILE = "a" + "\u0315\u0300" * 150_000

Fields = dict[str, list[str]]


def put(value: str) -> Callable[[Fields, str], None]:
    def change(fields: Fields, name: str):
        fields[name] = [value]

    return change


def missing(fields: Fields, name: str):
    del fields[name]


def doubled(fields: Fields, name: str):
    fields[name] = [*fields[name], "something else"]


def emptied_too(fields: Fields, name: str):
    fields[name] = [*fields[name], ""]


# Always asked, of every field.
FIRST = {
    "empty": put(""),
    "a megabyte of <": put("<" * MEGABYTE),
    "a pile of marks": put(PILE),
    "NUL": put("a\0b"),
    "missing": missing,
}
MORE = {
    "a megabyte of letters": put("a" * MEGABYTE),
    "a megabyte of nothing to be seen": put("\u200b" * (MEGABYTE // 5)),
    "a long word": put("a1" * 10_000),
    "twenty thousand parts": put("a1-" * 6_600),
    "line ends": put("\r\n" * 20_000),
    "half of a pair": put("\ud800"),
    "a pile within the limit": put("a" + "\u0315\u0300" * 60),
    "turned round": put("\u202eexe.gpj"),
    "a template": put("{promised} {{ 7|add:7 }} %(a)s {0}"),
    "a word": put("telepathy"),
    "minus one": put("-1"),
    "a large number": put(str(2**63)),
    "a number like none": put("1e400"),
    "a number of ten thousand digits": put("9" * 10_000),
    "an Arabic digit": put("\u0663"),
    "NaN": put("NaN"),
    "the year 10000": put("10000-01-01T00:00"),
    "the year 1": put("0001-01-01T00:00"),
    "the thirtieth of February": put("2026-02-30T24:61"),
    "somebody else's id": put("1"),
    "nobody's id": put("999999999"),
    "JSON": put('{"note": ["x"]}'),
    "another address": put("//elsewhere.example"),
    "a relative address": put("2"),
    "a header": put("a\r\nLocation: https://elsewhere.example/"),
    "doubled": doubled,
    "doubled and empty": emptied_too,
}


# Always asked of the fields of these names besides.
FIRST_OF = {"next": ["a relative address", "another address"]}


def always(fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield (field, kind) of what is always asked."""
    for name in fields:
        for kind in (*FIRST, *FIRST_OF.get(name, ())):
            yield name, kind


def at_random(fields: Fields, draw: Random) -> tuple[str, str]:
    """One field, and one kind of all there are."""
    return draw.choice(list(fields)), draw.choice([*FIRST, *MORE])
