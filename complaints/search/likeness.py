"""Whether two texts speak of the same thing: the telling words that both hold. Pure."""

import re
from collections.abc import Iterable

from complaints.search.tokens import normal, runs, understand

# What follows the beginning of a long story hardly changes what it is about.
COMPARED = 4_000
# So many shared words (in Chinese: pairs of characters) make two texts alike; one number does it alone.
LEAST_SHARED = 3
SHORTEST_WORD = 3
# More than a few words explain nothing better.
MOST_NAMED = 4
_DIGIT = re.compile(r"\d")
# Letters and digits from five on ("a12345"), digits alone from seven on.
_IDENTIFIES = re.compile(r"(?=.*\d)(?=.*[a-z])[0-9a-z]{5,}|[0-9]{7,}")
_DAY = re.compile(r"(19|20)\d{2}[01]\d[0-3]\d")
# A pair with one of these says how something is told, not what is told.
_GRAMMAR = frozenset(
    "的了是在我你您他她它们这那有没不也就都和与及着过吗呢吧啊很个一去来说给把被让要还又再到会可能什么怎样"
)
# Whatever a complaint is about, it is told with these.
_TELLING_NOTHING = """
about after again all also always and another any are around ask asked away back because been before being but came
can come could day did does done even every few first for from get give given going good got had has have her here
him his hour hours how into its just know last later left let like long made make many minute minutes more much
must need never new next not nothing now off one only other our out over own people person please put really right
said same saw say says she should since some somebody someone something station still stop such take tell than
thank thanks that the their them then there they thing think this through time today told too took two under until
use used very wait waiting want wanted was way well went were what when where which while who why will with would
year yes yesterday you your yuan
"""
_COMMON = frozenset(_TELLING_NOTHING.split())


def telling(text: str) -> set[str]:
    """Return the words of `text` that tell what it is about, and pairs of Chinese characters, as they are indexed."""
    found: set[str] = set()
    for run, chinese in runs(normal(text[:COMPARED])):
        if chinese:
            pairs = (run[i : i + 2] for i in range(len(run) - 1))
            found.update(pair for pair in pairs if not _GRAMMAR.intersection(pair))
        elif len(run) >= SHORTEST_WORD and not _DIGIT.search(run) and run not in _COMMON:
            found.add(run)
    return found


def numbers_in(text: str) -> set[str]:
    """Return plates, serial and telephone numbers in `text`, written together; tokens of the index begin with them.

    Days, prices and times are none.
    """
    written = understand(text[:COMPARED]).prefixes
    return {number for number, *_others in written if _IDENTIFIES.fullmatch(number) and not _DAY.fullmatch(number)}


def is_alike(shared: Iterable[str]) -> bool:
    """Whether texts that share these words of telling() and numbers_in() speak of the same thing."""
    shared = set(shared)
    return len(shared) >= LEAST_SHARED or any(_DIGIT.search(token) for token in shared)


def in_words(shared: Iterable[str], text: str) -> list[str]:
    """Return the longest shared words as they stand in `text`, in its order: "滴柴" and "柴油" are "滴柴油"."""
    shared, words = set(shared), []
    for run, chinese in runs(normal(text[:COMPARED])):
        if not chinese:
            words += [run] if run in shared else []
            continue
        begin = None
        for place in range(len(run)):
            if run[place : place + 2] in shared:
                begin = place if begin is None else begin
            elif begin is not None:
                words.append(run[begin : place + 1])
                begin = None
    words += sorted(token for token in shared if _DIGIT.search(token))
    longest = sorted(dict.fromkeys(words), key=len, reverse=True)[:MOST_NAMED]
    return sorted(longest, key=words.index)
