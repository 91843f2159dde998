"""Text → tokens. Pure; the same rules index and query, so that what was typed is what is found."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Scripts written without spaces: Han with its extensions and compatibility forms, kana, Hangul.
_CJK = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0002fa1f\U00030000-\U000323af"
)
_RUN = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
# Plates, serial and phone numbers are written with or without what stands between their parts.
_JOINED = re.compile(r"[0-9a-z]+(?:[-·•./ ][0-9a-z]+)+")
_HAS_DIGIT = re.compile(r"\d")
LONGEST_WORD = 64
PHONE_TAIL = 4
SHORTEST_PHONE = 7


def normal(text: str) -> str:
    """Return `text` as it is compared: compatibility forms folded (ＡＢＣ → abc), lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (run, whether it is Chinese) of normalised text, in order."""
    for match in _RUN.finditer(text):
        yield match[0], bool(_IS_CJK.match(match[0]))


def tokens_of(text: str) -> set[str]:
    """Return what is indexed of a text: pairs of Chinese characters, words, numbers and their joined forms."""
    text = normal(text)
    found: set[str] = set()
    for run, chinese in runs(text):
        if chinese:
            found.update(run[i : i + 2] for i in range(len(run)))
        else:
            found.add(run[:LONGEST_WORD])
            if run.isdigit() and len(run) >= SHORTEST_PHONE:
                found.add(run[-PHONE_TAIL:])
    for match in _JOINED.finditer(text):
        if _HAS_DIGIT.search(match[0]):
            found.update(_joins(re.split(r"[-·•./ ]", match[0])))
    return found


def _joins(parts: list[str]) -> Iterator[str]:
    """Neighbouring parts written together: "139 0000 4417" is also "13900004417" and "00004417"."""
    for begin in range(len(parts)):
        joined = "".join(parts[begin : begin + 6])
        if len(joined) <= LONGEST_WORD and _HAS_DIGIT.search(joined):
            yield joined


@dataclass(frozen=True)
class Query:
    """A search understood. `exact` and `prefixes` must all be in a complaint; `phrases` are what to show and check."""

    exact: frozenset[str]
    prefixes: frozenset[str]
    phrases: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.exact and not self.prefixes

    def as_tsquery(self) -> str:
        """The query in PostgreSQL's own notation; every token is quoted."""
        parts = [_quoted(token) for token in sorted(self.exact)]
        parts += [f"{_quoted(token)}:*" for token in sorted(self.prefixes)]
        return " & ".join(parts)


def understand(text: str) -> Query:
    """Return the query in `text`: words are prefixes, Chinese runs are found as they stand. Never raises."""
    exact: set[str] = set()
    prefixes: set[str] = set()
    phrases: list[str] = []
    for run, chinese in runs(normal(text)):
        phrases.append(run[:LONGEST_WORD] if not chinese else run)
        if not chinese or len(run) == 1:
            prefixes.add(run[:LONGEST_WORD])
        else:
            exact.update(run[i : i + 2] for i in range(len(run) - 1))
    return Query(frozenset(exact), frozenset(prefixes), tuple(dict.fromkeys(phrases)))


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def vector_literal(weighted: dict[str, str]) -> str:
    """Return a tsvector literal for tokens with their weights ("A" … "D"), one position each.

    Positions carry the weight only: how far words stand apart does not matter here, and a position
    per occurrence would overflow in long texts.
    """
    return " ".join(f"{_quoted(token)}:1{weight}" for token, weight in weighted.items())
