"""Text → tokens. Pure; the same rules index and query, so that what was typed is what is found."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from complaints.phones import national_digits
from complaints.search.folding import SPELLED, compatible, fold

# Scripts written without spaces: Han with its extensions and compatibility forms, kana, Hangul.
_CJK = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0002fa1f\U00030000-\U000323af"
)
_RUN = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
# Plates, serial and phone numbers are written with or without what stands between their parts.
# Begun only where a part begins: from every letter of a long word on they would read the rest of it once more.
_JOINED = re.compile(r"(?<![0-9a-z])[0-9a-z]+(?:[-·•./ ][0-9a-z]+)+")
_BETWEEN = re.compile(r"[-·•./ ]")
_LETTERS = re.compile(r"[^\W\d_]+")
_HAS_DIGIT = re.compile(r"\d")
# In a search these are one number, whatever stands between its parts; a phone number may have spaces.
_NUMBER = re.compile(r"(?<![0-9a-z])[0-9a-z]+(?:[-·•./][0-9a-z]+)+")
_SPACED_PHONE = re.compile(r"(?<![0-9a-z])\d{2,4}(?: \d{2,4})+(?![0-9a-z])")
# A number with its country, however it is written: "+86 139 0000 4417", "008613900004417".
_INTERNATIONAL = re.compile(r"(?<![0-9a-z+])(?:\+|00)[1-9][0-9 ()./-]{6,24}[0-9](?![0-9a-z])")
# A reference, without its letter if need be: "C-2026-000123", "c 2026 123", "2026-123", "2026 000123".
_REFERENCE = re.compile(
    r"(?<![0-9a-z])(?<![0-9a-z][-·•./])"
    r"(?:c[-·•./ ]?(20\d\d)[-·•./ ]?(\d{1,9})|(20\d\d)(?:-(\d{1,9})|[-·•./ ](\d{6,9})))"
    r"(?![-·•./]?[0-9a-z])"
)
REFERENCE_DIGITS = 6
MOST_PARTS = 6
# Complaints whose ids lie in the same block of so many share a mark.
BLOCK = 4096
SHORTEST_PREFIX = 2
# Beginnings of words up to this length are indexed as such; of a longer one the index is asked for all that begin so.
LONGEST_BEGINNING = 12
LONGEST_WORD = 64
# Of longer runs every second pair is asked for: the others add work and hardly change what is found.
EVERY_PAIR = 6
# A part of a phone number is found from so many digits on; shorter numbers stand for themselves.
PHONE_PART = 4
SHORTEST_PHONE = 7


def normal(text: str) -> str:
    """Return `text` as it is compared: lower case, without compatibility forms, marks and traditional signs."""
    return fold(compatible(text))


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield (run, whether it is Chinese) of normalised text, in order."""
    for match in _RUN.finditer(text):
        yield match[0], bool(_IS_CJK.match(match[0]))


def tokens_of(text: str) -> set[str]:
    """Return what is indexed of a text: pairs of Chinese characters, words, numbers and their joined forms."""
    text = compatible(text)
    found: set[str] = set()
    for written, chinese in runs(text):
        run = fold(written)
        if chinese:
            found.update(run[i : i + 2] for i in range(len(run)))
        else:
            found.update(spelling[:LONGEST_WORD] for spelling in _spellings(written))
            found.update(_tails(run))
    text = fold(text)
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


def _spellings(word: str) -> tuple[str, ...]:
    """Return how a compatible() word is written without marks: once, or twice ("muller", "mueller")."""
    return tuple(dict.fromkeys([fold(word), fold(word.translate(SPELLED))]))


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
    """A search understood. All of `exact`, and of each tuple of `prefixes` at least one, must be in a complaint.

    `phrases` are what to mark in a text that is folded; `typed` is the same as somebody wrote it.
    """

    exact: frozenset[str]
    prefixes: frozenset[tuple[str, ...]]
    phrases: tuple[str, ...]
    typed: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.exact and not self.prefixes

    @property
    def beginnings(self) -> frozenset[tuple[str, ...]]:
        """Those of the prefixes that are indexed as they stand, see beginnings_of()."""
        return frozenset(
            either for either in self.prefixes if all(prefix in beginnings_of([prefix]) for prefix in either)
        )

    def as_tsquery(self) -> str:
        """The query in PostgreSQL's own notation; every token is quoted."""
        return _all_of(self.exact, self.prefixes)

    def for_tokens(self) -> str:
        """The part of the query that only the tokens of a document can answer, in the same notation."""
        return _all_of(self.exact, self.prefixes - self.beginnings)

    def for_beginnings(self) -> str:
        """The part of the query that is asked of the beginnings of a document."""
        return " & ".join(_either(beginning, "") for beginning in sorted(self.beginnings))


def understand(text: str) -> Query:
    """Return the query in `text`. Never raises.

    Words of two letters and numbers of four digits are prefixes, shorter ones stand for themselves. Chinese is
    found as it stands, one character by prefix. A number with something between its parts ("SN-2033", "C-2026-000123",
    "139 0000 4417") is one prefix: its parts alone would match nearly everything.
    """
    exact: set[str] = set()
    prefixes: set[tuple[str, ...]] = set()
    phrases: list[str] = []
    text = _INTERNATIONAL.sub(lambda found: national_digits(found[0]) or found[0], compatible(text))
    typed = tuple(dict.fromkeys(run[:LONGEST_WORD] for run, _chinese in runs(text)))
    for found in _REFERENCE.finditer(text):
        prefixes.add(_reference(found))
        phrases.append(found[0])
    text = _REFERENCE.sub(" ", text)
    for number in _numbers(text):
        prefixes.add(("".join(_BETWEEN.split(number)[:MOST_PARTS])[:LONGEST_WORD],))
        phrases.append(number)
        text = text.replace(number, " ", 1)
    for written, chinese in runs(text):
        run = fold(written)
        spellings = (run,) if chinese else tuple(word[:LONGEST_WORD] for word in _spellings(written))
        phrases += spellings
        if chinese and len(run) > 1:
            exact.update(_pairs(run))
        elif chinese or len(run) >= (PHONE_PART if run.isdigit() else SHORTEST_PREFIX):
            prefixes.add(tuple(word[:LONGEST_WORD] for word in spellings))
        else:
            exact.add(run)
    return Query(frozenset(exact), frozenset(prefixes), tuple(dict.fromkeys(phrases)), typed)


def _reference(found: re.Match) -> tuple[str, ...]:
    """What a reference is found by; without its zeros it may also be the beginning of a longer one."""
    year, number = (found[1], found[2]) if found[1] else (found[3], found[4] or found[5])
    return tuple(dict.fromkeys([f"c{year}{number.zfill(REFERENCE_DIGITS)}", f"c{year}{number}"]))


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


def _all_of(exact: Iterable[str], prefixes: Iterable[tuple[str, ...]] = ()) -> str:
    parts = [_quoted(token) for token in sorted(exact)]
    return " & ".join([*parts, *(_either(either, ":*") for either in sorted(prefixes))])


def _either(tokens: tuple[str, ...], mark: str) -> str:
    one_of = " | ".join(_quoted(token) + mark for token in tokens)
    return one_of if len(tokens) == 1 else f"({one_of})"


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
