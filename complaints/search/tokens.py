"""Text → tokens. Pure; the same rules index and query, so that what was typed is what is found."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
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
_BETWEEN = re.compile(r"[-·•./ ]")
_LETTERS = re.compile(r"[^\W\d_]+")
_HAS_DIGIT = re.compile(r"\d")
# In a search these are one number, whatever stands between its parts; a phone number may have spaces.
_NUMBER = re.compile(r"[0-9a-z]+(?:[-·•./][0-9a-z]+)+")
_SPACED_PHONE = re.compile(r"(?<![0-9a-z])\d{2,4}(?: \d{2,4})+(?![0-9a-z])")
# The country is left out before a number that is written apart from it: "+86 139 0000 4417".
_COUNTRY = re.compile(r"\+\d{1,3}(?=[- ]\d)")
_REFERENCE_WITHOUT_LETTER = re.compile(r"\d{4}-\d{6,}")
MOST_PARTS = 6
# Complaints whose ids lie in the same block of so many share a mark.
BLOCK = 4096
SHORTEST_PREFIX = 2
# Beginnings of words up to this length are indexed as such; of a longer one the index is asked for all that begin so.
LONGEST_BEGINNING = 12
LONGEST_WORD = 64
# Runs longer than this are found by every second pair: the others would add work and hardly a difference.
EVERY_PAIR = 6
# A part of a phone number is found from so many digits on; shorter numbers stand for themselves.
PHONE_PART = 4
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
            found.update(_tails(run))
    for match in _JOINED.finditer(text):
        if _HAS_DIGIT.search(match[0]):
            for joined in _joins(_BETWEEN.split(match[0])):
                found.add(joined)
                found.update(_tails(joined))
    return found


def tokens_of_reference(reference: str) -> set[str]:
    """Return what is indexed of a reference: the whole and its number, not the letter and the year that all have."""
    parts = _BETWEEN.split(normal(reference))
    return {"".join(parts), parts[-1]}


def beginnings_of(tokens: Iterable[str]) -> set[str]:
    """Return how the tokens begin, as far as it is a word: "invoice" with "in", "inv", …, Chinese with its first sign.

    Asked for a prefix, PostgreSQL gathers every document of every word that begins so, which for a common one takes
    longer than all the rest of a search; a beginning that is a word of its own it can look up.
    """
    found: set[str] = set()
    for token in tokens:
        if _IS_CJK.match(token):
            found.add(token[0])
        elif letters := _LETTERS.match(token):
            last = min(letters.end(), LONGEST_BEGINNING)
            found.update(token[:length] for length in range(SHORTEST_PREFIX, last + 1))
    return found


def _tails(number: str) -> Iterator[str]:
    """The ends of a long number, so that any part of it begins one of them."""
    if number.isdigit() and len(number) >= SHORTEST_PHONE:
        number = number[:LONGEST_WORD]
        yield from (number[begin:] for begin in range(1, len(number) - PHONE_PART + 1))


def _joins(parts: list[str]) -> Iterator[str]:
    """Neighbouring parts written together: "139 0000 4417" is also "13900004417" and "00004417"."""
    for begin in range(len(parts)):
        joined = "".join(parts[begin : begin + MOST_PARTS])[:LONGEST_WORD]
        if _HAS_DIGIT.search(joined):
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

    @property
    def beginnings(self) -> frozenset[str]:
        """Those of the prefixes that are indexed as they stand, see beginnings_of()."""
        return frozenset(prefix for prefix in self.prefixes if prefix in beginnings_of([prefix]))

    def as_tsquery(self) -> str:
        """The query in PostgreSQL's own notation; every token is quoted."""
        return _all_of(self.exact, self.prefixes)

    def for_tokens(self) -> str:
        """The part of the query that only the tokens of a document can answer, in the same notation."""
        return _all_of(self.exact, self.prefixes - self.beginnings)

    def for_beginnings(self) -> str:
        """The part of the query that is asked of the beginnings of a document."""
        return _all_of(self.beginnings)


def understand(text: str) -> Query:
    """Return the query in `text`. Never raises.

    Words of two letters and numbers of four digits are prefixes, shorter ones stand for themselves. Chinese is
    found as it stands, one character by prefix. A number with something between its parts ("SN-2033", "C-2026-000123",
    "139 0000 4417") is one prefix: its parts alone would match nearly everything.
    """
    exact: set[str] = set()
    prefixes: set[str] = set()
    phrases: list[str] = []
    text = _COUNTRY.sub(" ", normal(text))
    for number in _numbers(text):
        letter = "c" if _REFERENCE_WITHOUT_LETTER.fullmatch(number) else ""
        prefixes.add(letter + "".join(_BETWEEN.split(number)[:MOST_PARTS])[:LONGEST_WORD])
        phrases.append(number)
        text = text.replace(number, " ", 1)
    for run, chinese in runs(text):
        phrases.append(run if chinese else run[:LONGEST_WORD])
        if chinese and len(run) > 1:
            exact.update(_pairs(run))
        elif chinese or len(run) >= (PHONE_PART if run.isdigit() else SHORTEST_PREFIX):
            prefixes.add(run[:LONGEST_WORD])
        else:
            exact.add(run)
    return Query(frozenset(exact), frozenset(prefixes), tuple(dict.fromkeys(phrases)))


def _numbers(text: str) -> list[str]:
    """Serial numbers, references, plates and spaced phone numbers in normalised text, as they are written."""
    found = [match[0] for match in _NUMBER.finditer(text) if _HAS_DIGIT.search(match[0])]
    phones = (match[0] for match in _SPACED_PHONE.finditer(text))
    return found + [phone for phone in phones if len(phone.replace(" ", "")) >= SHORTEST_PHONE]


def _pairs(run: str) -> set[str]:
    """The pairs that a run of Chinese characters is found by."""
    step = 1 if len(run) <= EVERY_PAIR else 2
    return {run[i : i + 2] for i in range(0, len(run) - 1, step)} | {run[-2:]}


def any_of(tokens: Iterable[str], *, begun: bool = False) -> str:
    """The query for documents with at least one of the tokens, or with one that begins so."""
    return " | ".join(_quoted(token) + (":*" if begun else "") for token in sorted(tokens))


def team_mark(team_id: int) -> str:
    """The token of complaints that a team works on, or that happened there. No word has a sign like "@" in it."""
    return f"@t{team_id}"


def person_mark(person_id: int) -> str:
    """The token of complaints that somebody logged or handles."""
    return f"@p{person_id}"


def block_mark(number: int) -> str:
    """The token of the complaints of one block, by which the newest are found without a look at all the others."""
    return f"@b{number}"


def _all_of(exact: Iterable[str], prefixes: Iterable[str] = ()) -> str:
    parts = [_quoted(token) for token in sorted(exact)]
    return " & ".join([*parts, *(f"{_quoted(token)}:*" for token in sorted(prefixes))])


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def vector_literal(weighted: dict[str, str]) -> str:
    """Return a tsvector literal for tokens with their weights ("A" … "D"), one position each.

    Positions carry the weight only: how far words stand apart does not matter here, and a position
    per occurrence would overflow in long texts.
    """
    return " ".join(f"{_quoted(token)}:1{weight}" for token, weight in weighted.items())


def plain_literal(tokens: Iterable[str]) -> str:
    """Return a tsvector literal for tokens that are only looked up."""
    return " ".join(map(_quoted, tokens))
