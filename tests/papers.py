"""PDFs read back: their text as a viewer copies it, the pages as pictures, and the QR codes in these."""

import pypdfium2
import zxingcpp

POINTS_PER_MM = 72 / 25.4


def texts_of(pdf: bytes) -> list[str]:
    """The text of every page; line ends as \\n."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def sizes_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of every page in whole millimetres."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [tuple(round(side / POINTS_PER_MM) for side in page.get_size()) for page in document]


def pictures_of(pdf: bytes, *, dots_per_inch: int = 200) -> list:
    """Every page as a picture (Pillow)."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dots_per_inch / 72).to_pil() for page in document]


def codes_of(pdf: bytes) -> list[list[str]]:
    """What the QR codes of every page say, as a phone reads them off the printed page."""
    return [[code.text for code in zxingcpp.read_barcodes(picture)] for picture in pictures_of(pdf)]


def places_of(pdf: bytes, text: str, *, page: int = 0) -> list[tuple[float, float, float, float]]:
    """Where `text` stands on a page: left, top, right, bottom in millimetres from the top left, each time."""
    with pypdfium2.PdfDocument(pdf) as document:
        sheet = document[page]
        height, found = sheet.get_height(), []
        read = sheet.get_textpage()
        searcher = read.search(text, match_case=True)
        while (hit := searcher.get_next()) is not None:
            start, length = hit
            boxes = [read.get_charbox(index) for index in range(start, start + length)]
            left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
            right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
            found.append(tuple(side / POINTS_PER_MM for side in (left, height - top, right, height - bottom)))
        searcher.close()
        return found
