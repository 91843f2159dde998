"""In how many parts a text message travels, which is what it costs. Pure.

A text in the alphabet of GSM 03.38 takes 160 units, 153 in each of several parts; one other character makes the whole
text UCS-2: 70, then 67. In mainland China whatever text takes 70, then 67, and the signature in its brackets counts.
"""

from dataclasses import dataclass

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Two units each, which stay together.
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
IN_GSM, IN_UCS2 = (160, 153), (70, 67)
MAINLAND = "+86"
# What word processors make of plain characters; one of them would more than double the price of an English text.
PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)


@dataclass(frozen=True)
class Length:
    """How long a text is, in `units` of its alphabet, and in how many parts it travels."""

    units: int
    parts: int


def length_of(text: str, *, to: str = "") -> Length:
    """The length of `text`, signature included, to the number `to` (E.164; decides whether China's rule holds)."""
    in_gsm = not to.startswith(MAINLAND) and all(letter in GSM or letter in GSM_EXTENSION for letter in text)
    if in_gsm:
        widths = [2 if letter in GSM_EXTENSION else 1 for letter in text]
    else:
        widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    one, each = IN_GSM if in_gsm else IN_UCS2
    units = sum(widths)
    return Length(units, 1 if units <= one else _filled(widths, each))


def _filled(widths: list[int], each: int) -> int:
    """How many parts of `each` units are filled one after the other, no character torn in two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return parts
