"""Posters on paper: A4, A6 and a strip of 72 mm for receipt printers.

Two inks; the strip is one black and nothing thinner than two dots, for thermal printers. The QR code is at least
37 mm, and its white comes on top. What is long gets smaller, and only then shorter.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from followups.models import PosterRun
from followups.posters.promised import Poster, Said, Step
from ui.paper.sheet import Sheet, Type

BLUE, WHITE, INK, GREY, PALE = (53, 69, 165), (255, 255, 255), (28, 27, 25), (87, 84, 77), (242, 240, 236)
Paper = PosterRun.Paper


@dataclass(frozen=True)
class Look:
    """The measures of a size: millimetres, and points for type."""

    width: float
    height: float
    margin: float
    band: float
    top: float
    company: float
    heading: float
    heading_below: float
    code: float
    middle: float
    scan: float
    when: float
    what: float
    small: float
    dot: float
    phone: float
    site: float
    foot: float
    danger: float
    danger_height: float
    # Whether there is room for the fourth step and the line below the steps.
    is_large: bool


LOOKS = {
    Paper.A4: Look(210, 297, 18, 99, 13, 14, 46, 25, 78, 110, 13, 18, 12.5, 11, 2, 32, 13, 241, 11.5, 15, True),
    Paper.A6: Look(105, 148, 8, 46, 6, 8.5, 24, 13, 47.5, 49, 8, 11, 8, 7.5, 1.2, 17, 8.5, 114, 7.5, 9, False),
}
# How much of a code's side is white on each side, for an address of up to 42 characters (29 modules).
WHITE_OF = 4 / 37
STRIP_WIDTH, STRIP_SIDE, STRIP_CODE = 72, 3, 51


def draw(sheet: Sheet, poster: Poster, paper: str) -> None:
    """Draw the poster on a page of its own."""
    if paper == Paper.STRIP:
        _strip(sheet, poster)
    else:
        _poster(sheet, poster, LOOKS[Paper(paper)])


def _poster(sheet: Sheet, poster: Poster, look: Look) -> None:
    sheet.page(look.width, look.height)
    _band(sheet, poster, look)
    _code(sheet, poster, look)
    bottom = _steps(sheet, poster, look, look.margin - look.code * WHITE_OF + look.code + (14 if look.is_large else 1))
    if look.is_large:
        y = max(bottom, look.middle + look.code + 22) + 4
        width = look.width - 2 * look.margin
        for each, ink in zip(poster.said, (INK, GREY), strict=False):
            y = _line(sheet, each.free, look.margin, y, width, Type(look.small, 1.5, ink=ink), most=2)
    _foot(sheet, poster, look)


def _band(sheet: Sheet, poster: Poster, look: Look) -> None:
    """The company, and the question in large type."""
    first, *others = poster.said
    width = look.width - 2 * look.margin
    sheet.box(0, 0, look.width, look.band, BLUE)
    name = "  ".join(dict.fromkeys(each.company for each in poster.said))
    y = _line(sheet, name, look.margin, look.top, width, Type(look.company, 1.3, bold=True, ink=WHITE), most=1)
    y += look.band * 0.14
    most = 1 if others else 2
    y = _line(sheet, first.heading, look.margin, y, width, Type(look.heading, 1.2, bold=True, ink=WHITE), most=most)
    for other in others:
        y += look.band * 0.03
        y = _line(sheet, other.heading, look.margin, y, width, Type(look.heading_below, 1.2, ink=WHITE), most=1)


def _code(sheet: Sheet, poster: Poster, look: Look) -> None:
    # Its white reaches into the margin, so that the code itself stands on the edge of the text.
    white = look.code * WHITE_OF
    left = look.margin - white
    sheet.qr(poster.address, left, look.middle, look.code)
    y = look.middle + look.code - white / 2
    for each, kind in zip(poster.said, _pair(look.scan), strict=False):
        lines, fits = sheet.fitted(each.scan, look.code, kind, most=1, smallest=6)
        y = sheet.draw(lines, left, y, look.code, fits, align="centre")


def _steps(sheet: Sheet, poster: Poster, look: Look, left: float) -> float:
    """What happens next and by when, one under the other along a line; returns where it ends."""
    columns = [[*each.steps, each.otherwise] if look.is_large else list(each.steps) for each in poster.said]
    x = left + look.dot * 3
    width = look.width - look.margin - x
    y, tops = look.middle + look.dot * 2, []
    for together in zip(*columns, strict=True):
        tops.append(y + look.when * 0.21)
        y = _step(sheet, together, look, x, y, width) + look.dot * 1.6
    sheet.box(left + look.dot - look.dot / 6, tops[0], look.dot / 3, tops[-1] - tops[0], BLUE)
    for top in tops:
        sheet.dot(left + look.dot, top, look.dot, BLUE)
    return y


def _step(sheet: Sheet, together: tuple[Step, ...], look: Look, x: float, y: float, width: float) -> float:
    when = "  ".join(dict.fromkeys(step.when for step in together))
    y = _line(sheet, when, x, y, width, Type(look.when, 1.3, bold=True, ink=INK), most=1)
    for step, kind in zip(together, (Type(look.what, 1.4, ink=INK), Type(look.small, 1.4, ink=GREY)), strict=False):
        y = _line(sheet, step.what, x, y, width, kind, most=2)
    return y


def _foot(sheet: Sheet, poster: Poster, look: Look) -> None:
    """Whom to call, which site it is, and what to do in danger."""
    first, width = poster.said[0], look.width - 2 * look.margin
    y = look.foot
    sheet.box(look.margin, y, width, 0.4 if look.is_large else 0.3, INK)
    y += 4 if look.is_large else 2
    grey = Type(look.small, 1.4, ink=GREY)
    left_width = width * 0.5 if poster.phone else 0
    if poster.phone:
        hours = "\n".join(dict.fromkeys(filter(None, (each.hours for each in poster.said))))
        down = _line(sheet, _both(poster, lambda each: each.call), look.margin, y, left_width, grey, most=1)
        strong = Type(look.phone, 1.15, bold=True, ink=INK)
        down = _line(sheet, poster.phone, look.margin, down, left_width, strong, most=1)
        _line(sheet, hours, look.margin, down, left_width, grey, most=3)
    x = look.margin + left_width + (4 if poster.phone else 0)
    align, beside = ("right", width - left_width - 4) if poster.phone else ("left", width)
    strong = Type(look.site, 1.35, bold=True, ink=INK)
    high = (look.height - look.danger_height - y) * 0.35
    for name in dict.fromkeys(each.site for each in poster.said):
        kind = strong if name == first.site else Type(look.small, 1.4, ink=INK)
        lines, fits = sheet.fitted(name, beside, kind, most=6, smallest=5, height=high)
        y = sheet.draw(lines, x, y, beside, fits, align=align)
    _address(sheet, poster.printed_address, x, y, beside, grey, align)
    top = look.height - look.danger_height
    sheet.box(0, top, look.width, look.danger_height, PALE)
    danger = Type(look.danger, 1.3, bold=True, ink=INK)
    middle = top + (look.danger_height - danger.line) / 2
    _line(sheet, _both(poster, lambda each: each.danger), look.margin, middle, width, danger, most=1)


def _address(sheet: Sheet, text: str, x: float, y: float, width: float, kind: Type, align: str) -> None:
    """What people type: on one line where it can be read so, else on as many as it takes, never cut."""
    lines, fits = sheet.fitted(text, width, kind, most=1, smallest=min(kind.size, 6.5))
    if lines[0] != text:
        lines, fits = sheet.lines(text, width, kind), kind
    sheet.draw(lines, x, y, width, fits, align=align)


def _strip(sheet: Sheet, poster: Poster) -> None:
    """Everything in one column; the page is as long as what stands on it."""
    width = STRIP_WIDTH - 2 * STRIP_SIDE
    small, strong = Type(9, 1.45), Type(12, 1.4, bold=True)
    first, *others = poster.said
    above = [
        *_set(sheet, _both(poster, lambda each: each.company), width, Type(9, 1.45, bold=True), most=2),
        RULE,
        *_set(sheet, first.question, width, Type(20, 1.25, bold=True)),
        *(each for other in others for each in _set(sheet, other.question, width, Type(13, 1.3))),
    ]
    below = [
        *_set(sheet, first.kinds, width, strong),
        *(each for other in others for each in _set(sheet, other.kinds, width, small)),
        RULE,
    ]
    if first.answered:
        for number, said in enumerate(poster.said):
            below += _set(sheet, said.answered, width, replace(small, bold=number == 0))
        below.append(RULE)
    if poster.phone:
        below += _set(sheet, poster.phone, width, strong)
        below += _set(sheet, _both(poster, lambda each: each.hours), width, small, most=3)
        below.append(RULE)
    below += _set(sheet, _both(poster, lambda each: each.site), width, Type(9, 1.45, bold=True), most=8)
    below += _set(sheet, poster.printed_address, width, small, most=3)
    height = 4 + sum(kind.line for _text, kind in above) + STRIP_CODE + sum(kind.line for _text, kind in below) + 6
    sheet.page(STRIP_WIDTH, height)
    y = _column(sheet, above, 4, width)
    sheet.qr(poster.address, (STRIP_WIDTH - STRIP_CODE) / 2, y, STRIP_CODE)
    _column(sheet, below, y + STRIP_CODE, width)


# A line across the strip, with the height of its type.
RULE = ("\0rule", Type(7, 1.6))


def _set(sheet: Sheet, text: str, width: float, kind: Type, *, most: int = 2) -> list[tuple[str, Type]]:
    lines, fits = sheet.fitted(text, width, kind, most=most, smallest=7)
    return [(line, fits) for line in lines if line]


def _column(sheet: Sheet, lines: list[tuple[str, Type]], y: float, width: float) -> float:
    for text, kind in lines:
        if (text, kind) == RULE:
            sheet.box(STRIP_SIDE, y + kind.line / 2, width, 0.5, (0, 0, 0))
        else:
            sheet.draw([text], STRIP_SIDE, y, width, kind, align="centre")
        y += kind.line
    return y


def _line(
    sheet: Sheet, text: str, x: float, y: float, width: float, kind: Type, *, most: int, align: str = "left"
) -> float:
    if not text:
        return y
    lines, fits = sheet.fitted(text, width, kind, most=most, smallest=min(kind.size, 6))
    return sheet.draw(lines, x, y, width, fits, align=align)


def _pair(size: float) -> tuple[Type, Type]:
    """How the first language is set, and the other below it."""
    return Type(size, 1.4, bold=True, ink=INK), Type(size, 1.4, ink=GREY)


def _both(poster: Poster, words: Callable[[Said], str]) -> str:
    """The same in each language on one line, once where they are the same."""
    return "  ".join(dict.fromkeys(filter(None, map(words, poster.said))))
