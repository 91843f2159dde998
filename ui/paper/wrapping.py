"""Text cut into lines for paper, Chinese and English mixed, and cleaned of what cannot be printed.

Chinese breaks between any two characters but before closing and after opening punctuation (避头尾, W3C's CLREQ);
English between words. A number stays together with the unit behind it ("11月", "7天").
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

# What is printed where the typeface has no such character.
MISSING = "□"
NOT_AT_START = "，。、！？；：）》」』】〉〕”’…—～·％‰℃,.!?;:)]}%»"
NOT_AT_END = "（《「『【〈〔“‘([{«￥¥$#"
UNITS = "年月日号天时分秒元周点个项张页第"
_CHINESE = "\u2e80-\u2fff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PIECES = re.compile(rf"\d[\d.,:/–-]*[{UNITS}]|[{_CHINESE}]|[^\s{_CHINESE}]+|\s+")


def printable(text: str, has: Callable[[str], bool]) -> str:
    """Return `text` as it can be printed: no control, joining or right-to-left characters, one space for several.

    Line ends stay. A character of which `has` knows no picture becomes MISSING, so that its absence is seen; a mark
    of its own that the typeface does not have is left out.
    """
    shown = []
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")):
        kind = unicodedata.category(char)
        if char == "\n":
            shown.append(char)
        elif char.isspace():
            shown.append(char if char == "\u3000" else " ")
        elif kind in ("Cc", "Cf") or (kind in ("Mn", "Me") and not has(char)):
            continue
        else:
            shown.append(char if has(char) else MISSING)
    return re.sub(r" {2,}", " ", "".join(shown)).strip(" ")


def wrapped(text: str, width: float, measure: Callable[[str], float], *, indent: float = 0) -> list[str]:
    """Cut printable() `text` into lines of at most `width`, in the unit of `measure`; its own line ends stay.

    The first line of every paragraph is shorter by `indent`. What is wider than a line by itself is broken inside.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, room, begun = "", width - indent, len(lines)
        for piece in _pieces(paragraph):
            if measure((line + piece).rstrip()) <= room:
                line += piece
                continue
            if line.strip():
                lines.append(line.rstrip())
                line, room = "", width
            piece = piece.lstrip(" ")
            while piece and measure(piece.rstrip()) > room:
                fits = _longest_start(piece, room, measure)
                lines.append(piece[:fits])
                piece, room = piece[fits:], width
            line = piece
        if line.strip() or len(lines) == begun:
            lines.append(line.rstrip())
    return lines


def rejoined(lines: list[str]) -> str:
    """Return what wrapped() cut as one line again: a space between words, none between Chinese characters."""
    text = ""
    for line in lines:
        text += f" {line}" if text and (text[-1].isascii() or line[:1].isascii()) else line
    return text


def shortened(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return `text` on one line of at most `width`; what does not fit ends with "…"."""
    if measure(text) <= width:
        return text
    while text and measure(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _pieces(paragraph: str) -> Iterator[str]:
    """What may not be broken, in turn: punctuation is joined to the piece that it may not leave."""
    held = ""
    for piece in _PIECES.findall(paragraph):
        joins = piece[0] in NOT_AT_START or (held and held[-1] in NOT_AT_END)
        if held and not joins:
            yield held
            held = ""
        held += piece
    if held:
        yield held


def _longest_start(text: str, width: float, measure: Callable[[str], float]) -> int:
    """How many characters of `text` fit; at least one."""
    fits = 1
    while fits < len(text) and measure(text[: fits + 1]) <= width:
        fits += 1
    return fits
