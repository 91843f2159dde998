"""Reading a sheet of an XLSX workbook row by row; what it claims to be was looked through before."""

import contextlib
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from complaints.importing import sniff, survey
from complaints.importing.bounds import MOST_UNPACKED, megabytes
from complaints.importing.errors import FileRefused


@contextlib.contextmanager
def opened(path: Path, *, sheet: str):
    """Yield (iterator of (row number, cells), what was seen of the sheet) for the sheet of that name.

    Without a name it is the one that was open when the file was saved, or the only one with rows. Cells are texts
    as a CSV of the sheet would hold them, empty ones at the end of a row left out. Raises FileRefused, in words.
    """
    name = sniff.shown(path)
    try:
        with path.open("rb") as raw, _archive(raw, name) as archive:
            seen = survey.look_through(archive, name)
            with contextlib.closing(_workbook(raw, name)) as book:
                chosen = _chosen(book, sheet, name)
                yield _rows(chosen, name), seen[chosen._worksheet_path]  # type: ignore[attr-defined]  # openpyxl tells it to nobody
    except OSError as error:
        raise FileRefused(sniff.in_words(error, path)) from error


def _archive(raw, name: str) -> zipfile.ZipFile:
    with _in_words(name):
        return zipfile.ZipFile(raw)


def _workbook(raw, name: str):
    with _in_words(name):
        return openpyxl.load_workbook(raw, read_only=True, data_only=True, keep_links=False)


@contextlib.contextmanager
def _in_words(where: str):
    """A parser of files that anybody made raises whatever it meets; its warnings are about looks, not values."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        said = str(error.__cause__ or error).partition("\n")[0] or type(error).__name__
        raise FileRefused(f"{where} is damaged, or no proper workbook ({said}): {sniff.SAVE_AS}.") from error


def _chosen(book, wanted: str, name: str) -> ReadOnlyWorksheet:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if not sheets:
        raise FileRefused(f"{name} has no sheet with rows, only charts, or its sheets are missing.")
    known = ", ".join(sheets)
    if wanted:
        if wanted not in sheets:
            raise FileRefused(f'{name} has no sheet "{wanted}". It has: {known}.')
        return sheets[wanted]
    if book.active in sheets.values():
        return book.active
    if len(sheets) > 1:
        raise FileRefused(f"{name}: which sheet is meant? Name it (sheet: in the mapping, or --sheet): {known}.")
    return next(iter(sheets.values()))


def _rows(sheet: ReadOnlyWorksheet, name: str) -> Iterator[tuple[int, list[str]]]:
    # How large a sheet says it is makes every row as wide, and it is often wrong.
    sheet.reset_dimensions()
    number, left, rows = 0, MOST_UNPACKED, sheet.iter_rows(values_only=True)  # type: ignore[misc]  # the stubs give it to an ordinary sheet only
    while True:
        with _in_words(f'{name}, sheet "{sheet.title}", row {number + 1}'):
            values = next(rows, None)
        if values is None:
            return
        number += 1
        cells = ["" if value is None else _as_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        # The same long text can stand in every cell and is in the file once.
        left -= sum(map(len, cells))
        if left < 0:
            raise FileRefused(
                f'{name}, sheet "{sheet.title}", row {number}: the sheet holds more than '
                f"{megabytes(MOST_UNPACKED)} of text, the most that an import unpacks. Save it as CSV."
            )
        yield number, cells


def _as_text(value) -> str:
    """A sheet's value as a CSV of it would hold it: dates in ISO form, whole numbers without ".0"."""
    if hasattr(value, "isoformat"):
        return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
