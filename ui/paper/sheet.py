"""A PDF of one or many pages: places in millimetres from the top left, type in points, one typeface for all of it.

The typeface comes with a wheel (Noto Sans SC, Open Font License) and is embedded as far as it is used, so nothing
depends on the fonts of a machine. It has one weight; what is bold is drawn with an outline of the same ink.
"""

import functools
import math
import weakref
from dataclasses import dataclass
from datetime import datetime

import segno
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont
from pylopdf_fonts_zh_cn import sans_path

from ui.paper.wrapping import printable, rejoined, shortened, wrapped

FAMILY = "paper"
MM_PER_POINT = 25.4 / 72
# Of the em box, above the base line.
ASCENT = 0.88
# How thick the outline of bold type is, of its size.
BOLDNESS = 0.032
# In small type the strokes of Chinese characters would run together.
LARGE, FINE_BOLDNESS = 12, 0.022
# Modules of white around a QR code (ISO/IEC 18004, 9.1).
QUIET_ZONE = 4

Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True)
class Type:
    """How text is set: its size in points, the height of a line as a multiple of it, weight and ink."""

    size: float
    leading: float = 1.4
    bold: bool = False
    ink: Colour = BLACK

    @property
    def line(self) -> float:
        """The height of one line in millimetres."""
        return self.size * self.leading * MM_PER_POINT

    def sized(self, size: float) -> "Type":
        return Type(size, self.leading, self.bold, self.ink)


class Sheet:
    """A PDF being drawn."""

    def __init__(self, *, title: str, language: str, made_at: datetime):
        """`language` as in HTML ("zh-Hans"); `made_at` (aware) is the date of the file."""
        pdf = FPDF(unit="mm")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.add_font(FAMILY, "", sans_path())
        # A sheet that is never finished leaves no open file.
        self._font = _font_of(pdf)
        weakref.finalize(self, self._font.close)
        pdf.set_title(printable(title, _has))
        pdf.set_lang(language)
        pdf.set_creation_date(made_at)
        self._pdf = pdf

    def page(self, width: float, height: float):
        """Begin a page of that size in millimetres."""
        self._pdf.add_page(format=(width, height))

    def finished(self) -> bytes:
        """The whole file; nothing can be drawn afterwards."""
        try:
            return bytes(self._pdf.output())
        finally:
            # The library leaves the typeface's file open until somebody collects garbage.
            for font in self._pdf.fonts.values():
                if isinstance(font, TTFFont):
                    font.ttfont.close()

    def width_of(self, text: str, kind: Type) -> float:
        """How wide printable text is on one line, in millimetres."""
        # A quarter of the time of the library's own, which looks for its way of styling words first.
        _characters, points = self._font.get_text_width(text, kind.size, None)
        return points * MM_PER_POINT

    def lines(self, text: str, width: float, kind: Type, *, indent: float = 0) -> list[str]:
        """What text() would draw, line by line. `indent` is that of the first line of a paragraph."""
        text = printable(text, _has)
        return wrapped(text, width, lambda part: self.width_of(part, kind), indent=indent)

    def fitted(
        self, text: str, width: float, kind: Type, *, most: int, smallest: float, height: float = math.inf
    ) -> tuple[list[str], Type]:
        """The largest type, from that of `kind` down to `smallest` points, in which `text` needs at most `most` lines.

        These are no higher together than `height` millimetres. What does not fit even so ends with "…". Returns lines
        and type.
        """
        size = kind.size
        while True:
            tried = kind.sized(size)
            lines = self.lines(text, width, tried)
            room = most if height == math.inf else min(most, max(1, int(height / tried.line)))
            if len(lines) <= room:
                return lines, tried
            if size <= smallest:
                break
            size = max(smallest, size - 0.5)
        last = shortened(rejoined(lines[room - 1 :]), width, lambda part: self.width_of(part, tried))
        return [*lines[: room - 1], last], tried

    def text(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        kind: Type,
        *,
        align: str = "left",
        indent: float = 0,
    ) -> float:
        """Draw `text` from the top edge `y` down, in lines of at most `width`; returns the bottom edge.

        `align` is left, right or centre, within `width`.
        """
        return self.draw(self.lines(text, width, kind, indent=indent), x, y, width, kind, align=align, indent=indent)

    def draw(
        self,
        lines: list[str],
        x: float,
        y: float,
        width: float,
        kind: Type,
        *,
        align: str = "left",
        indent: float = 0,
    ) -> float:
        """Draw lines that lines() or fitted() made, one paragraph; see text()."""
        above = (kind.line - kind.size * MM_PER_POINT) / 2 + ASCENT * kind.size * MM_PER_POINT
        for number, line in enumerate(lines):
            wide = self.width_of(line, kind)
            left = x + (indent if number == 0 else 0)
            if align == "right":
                left = x + width - wide
            elif align == "centre":
                left = x + (width - wide) / 2
            if line:
                self._line_of_text(line, left, y + above, kind)
            y += kind.line
        return y

    def box(self, x: float, y: float, width: float, height: float, ink: Colour):
        """A filled rectangle."""
        self._pdf.set_fill_color(*ink)
        self._pdf.rect(x, y, width, height, style="F")

    def dot(self, x: float, y: float, radius: float, ink: Colour):
        """A filled circle around a point."""
        self._pdf.set_fill_color(*ink)
        self._pdf.circle(x, y, radius, style="F")

    def qr(self, content: str, x: float, y: float, side: float, *, error: str = "m"):
        """A QR code as vectors in a square of `side` millimetres, its quiet zone of white inside that square.

        `error` is how much may be dirty or torn: l 7, m 15, q 25, h 30 per cent (ISO/IEC 18004).
        """
        rows = [bytes(row) for row in segno.make_qr(content, error=error, boost_error=False).matrix]
        module = side / (len(rows) + 2 * QUIET_ZONE)
        self.box(x, y, side, side, (255, 255, 255))
        self._pdf.set_fill_color(*BLACK)
        for down, row in enumerate(rows):
            for start, length in _runs(row):
                left, top = x + (QUIET_ZONE + start) * module, y + (QUIET_ZONE + down) * module
                # A hair higher, so that no viewer shows white between two rows.
                self._pdf.rect(left, top, length * module, module * 1.02, style="F")

    def _line_of_text(self, line: str, x: float, y: float, kind: Type):
        self._pdf.set_font(FAMILY, size=kind.size)
        self._pdf.set_text_color(*kind.ink)
        if not kind.bold:
            self._pdf.text(x, y, line)
            return
        # The library writes this width as points.
        outline = kind.size * (BOLDNESS if kind.size >= LARGE else FINE_BOLDNESS)
        with self._pdf.local_context(text_mode=TextMode.FILL_STROKE, line_width=outline, draw_color=kind.ink):
            self._pdf.text(x, y, line)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other."""
    runs, start = [], None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            runs.append((start, place - start))
            start = None
    return runs


@functools.cache
def _characters() -> frozenset[int]:
    """The code points that the typeface has."""
    pdf = FPDF()
    pdf.add_font(FAMILY, "", sans_path())
    font = _font_of(pdf)
    font.close()
    return frozenset(font.cmap)


def _font_of(pdf: FPDF) -> TTFFont:
    font = pdf.fonts[FAMILY]
    assert isinstance(font, TTFFont)
    return font


def _has(char: str) -> bool:
    return ord(char) in _characters()
