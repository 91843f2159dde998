"""Cleaning of texts that people type or paste, before they are stored."""

import re
import unicodedata

# Bidirectional overrides and isolates can make a name or a file name read backwards.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)])
_BREAKS = re.compile(r"[\r\n\u2028\u2029\x85]+")


def clean_text(text: str) -> str:
    """Return `text` in NFC, without control and bidi-override characters, lines ended by \\n, trimmed.

    A text of invisible characters only becomes "". Emoji with joiners stay whole.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.translate(_BIDI).translate(_CONTROL).strip()
    return text if is_visible(text) else ""


def clean_line(text: str) -> str:
    """Return `text` cleaned and on one line, runs of white space as one space."""
    return " ".join(clean_text(_BREAKS.sub(" ", text)).split())


def is_visible(text: str) -> bool:
    """Whether anything in `text` can be seen (not only spaces and zero-width characters)."""
    return any(unicodedata.category(c) not in ("Cf", "Zs", "Zl", "Zp", "Cc") for c in text)


def subject_from(narrative: str, limit: int = 80) -> str:
    """Return a subject: the narrative's first sentence or line, at most `limit` characters."""
    first = re.split(r"(?<=[。！？!?])|\n|(?<=\.)\s", clean_text(narrative), maxsplit=1)[0]
    line = clean_line(first)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
