"""PDFs: what is drawn can be read back, the typeface is inside, and a phone reads the QR code."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from tests.papers import codes_of, pictures_of, places_of, sizes_of, texts_of
from ui.paper.sheet import QUIET_ZONE, Sheet, Type

MADE_AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
ADDRESS = "https://desk.example.com/new/k7m4q2/"


def a_sheet() -> Sheet:
    sheet = Sheet(title="试 \x00 Try", language="zh-Hans", made_at=MADE_AT)
    sheet.page(105, 148)
    return sheet


def test_text_of_both_languages_is_read_back_in_its_place():
    sheet = a_sheet()
    bottom = sheet.text("河西路加油站 Hexi Road station", 10, 20, 85, Type(12))
    sheet.text("右", 10, 40, 85, Type(12), align="right")
    sheet.text("中", 10, 50, 85, Type(12, bold=True), align="centre")
    pdf = sheet.finished()
    assert sizes_of(pdf) == [(105, 148)]
    assert texts_of(pdf)[0].split("\n")[0] == "河西路加油站 Hexi Road station"
    (left, top, _right, low), *_ = places_of(pdf, "河西路")
    assert 10 <= left < 10.5
    assert 20 < top < low < bottom == pytest.approx(20 + Type(12).line)
    assert places_of(pdf, "右")[0][2] == pytest.approx(95, abs=0.5)
    middle = places_of(pdf, "中")[0]
    assert (middle[0] + middle[2]) / 2 == pytest.approx(52.5, abs=0.3)


def test_bold_is_darker_and_no_wider():
    inks, widths = [], []
    for bold in (False, True):
        sheet, kind = a_sheet(), Type(30, bold=bold)
        sheet.text("加油站", 10, 20, 85, kind)
        # What follows is not bold by accident.
        sheet.text("a", 10, 60, 85, Type(10))
        picture = pictures_of(sheet.finished())[0].convert("L")
        inks.append(sum(picture.point(lambda grey: grey < 128).histogram()[1:]))
        widths.append(sheet.width_of("加油站", kind))
    assert inks[1] > 1.15 * inks[0]
    assert widths[0] == widths[1]


def test_the_typeface_is_inside_as_far_as_it_is_used():
    sheet = a_sheet()
    sheet.text("河西路加油站", 10, 20, 85, Type(12))
    pdf = sheet.finished()
    assert len(pdf) < 20_000
    assert b"/FontFile3" in pdf
    assert b"NotoSansSC" in pdf


def test_what_the_typeface_does_not_have_is_seen_to_be_missing():
    sheet = a_sheet()
    sheet.text("x😀y \u202eabc", 10, 20, 85, Type(12))
    assert texts_of(sheet.finished())[0] == "x□y abc"


@pytest.mark.parametrize("side", [25, 40])
@pytest.mark.parametrize("content", [ADDRESS, "https://desk.example.com/c/" + "x" * 43 + "/"])
def test_a_phone_reads_the_code(content, side):
    sheet = a_sheet()
    # On a dark ground: the white around it is its own.
    sheet.box(0, 0, 105, 148, (53, 69, 165))
    sheet.qr(content, 30, 40, side)
    assert codes_of(sheet.finished()) == [[content]]


def test_the_code_has_four_modules_of_white_around_it_and_is_drawn_not_pictured():
    sheet = a_sheet()
    sheet.qr(ADDRESS, 0, 0, 37)
    pdf = sheet.finished()
    with pypdfium2.PdfDocument(pdf) as document:
        boxes = [item.get_bounds() for item in document[0].get_objects()]
        assert not any(item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for item in document[0].get_objects())
    black = boxes[1:]
    # 29 modules (version 3, 15 per cent) and 4 on both sides.
    module = 37 / (29 + 2 * QUIET_ZONE) * 72 / 25.4
    assert min(box[0] for box in black) == pytest.approx(QUIET_ZONE * module, abs=0.05)
    assert max(box[2] for box in black) == pytest.approx((QUIET_ZONE + 29) * module, abs=0.05)


@pytest.mark.parametrize(
    ("name", "most", "size", "ends"),
    [
        ("河西路加油站", 1, 20, "站"),
        ("北京市朝阳区东三环中路金和东路交叉口西南角服务区加油加气站", 2, 13, "站"),
        ("站" * 120, 2, 8, "…"),
        ("Hexi Road " * 20, 2, 8, "…"),
    ],
)
def test_a_long_name_gets_smaller_and_only_then_shorter(name, most, size, ends):
    sheet = a_sheet()
    lines, kind = sheet.fitted(name, 70, Type(20), most=most, smallest=8)
    assert (len(lines), kind.size, lines[-1][-1]) == (most, size, ends)
    assert all(sheet.width_of(line, kind) <= 70 for line in lines)
