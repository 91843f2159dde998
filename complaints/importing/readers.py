"""Reading CSV (also gzipped) and XLSX row by row; nothing is held in memory."""

import contextlib
import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from complaints.importing.errors import FileRefused

FIELD_LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One data row. `line` is where it begins in the file (in a sheet: its row); `fault` says why it is unusable."""

    line: int
    values: dict[str, str]
    fault: str = ""


def columns_of(path: Path, encoding: str) -> list[str]:
    """Return the header of the file. Raises FileRefused."""
    with _open(path, encoding) as rows:
        return _header(rows)


def read(path: Path, encoding: str = "utf-8-sig") -> Iterator[Row]:
    """Yield the file's rows as texts by column name; wholly empty rows are passed over.

    A row with too many or too few cells comes with a `fault` instead of stopping the file.
    Raises FileRefused when the file is no table, or its bytes are not of this encoding.
    """
    with _open(path, encoding) as rows:
        header = _header(rows)
        try:
            for line, cells in rows:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    fault = f"the row has {len(cells)} cells, the header has {len(header)}"
                    yield Row(line, dict(zip(header, cells, strict=False)), fault)
                else:
                    yield Row(line, dict(zip(header, cells, strict=True)))
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise FileRefused(_in_words(error, path, encoding)) from error


def _header(rows) -> list[str]:
    _line, cells = next(rows, (0, []))
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise FileRefused("The file is empty: the first row must name the columns.")
    twice = {name for name in header if name and header.count(name) > 1}
    if twice:
        raise FileRefused(f"These columns stand in the file twice: {', '.join(sorted(twice))}.")
    return header


@contextlib.contextmanager
def _open(path: Path, encoding: str):
    """Yield an iterator of (line, cells) for the file. Raises FileRefused."""
    try:
        opener = _open_sheet if path.suffix.lower() == ".xlsx" else _open_csv
        with opener(path, encoding) as rows:
            yield rows
    except (
        OSError,
        UnicodeDecodeError,
        csv.Error,
        EOFError,
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
    ) as error:
        raise FileRefused(_in_words(error, path, encoding)) from error


@contextlib.contextmanager
def _open_csv(path: Path, encoding: str):
    csv.field_size_limit(FIELD_LIMIT)
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        if path.suffix.lower() == ".gz":
            raw = stack.enter_context(gzip.GzipFile(fileobj=raw))
        text = stack.enter_context(io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline=""))
        reader = csv.reader(text, strict=True)
        yield _numbered(reader)


def _numbered(reader) -> Iterator[tuple[int, list[str]]]:
    """(line where the row begins, cells): quoted cells may hold line breaks."""
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


@contextlib.contextmanager
def _open_sheet(path: Path, _encoding: str):
    with path.open("rb") as raw:
        book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        try:
            yield (
                (number, ["" if value is None else _as_text(value) for value in cells])
                for number, cells in enumerate(book.active.iter_rows(values_only=True), start=1)
            )
        finally:
            book.close()


def _as_text(value) -> str:
    """A sheet's value as a CSV of it would hold it: dates in ISO form, whole numbers without ".0"."""
    if hasattr(value, "isoformat"):
        return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _in_words(error: Exception, path: Path, encoding: str) -> str:
    if isinstance(error, UnicodeDecodeError):
        name = encoding.removesuffix("-sig").upper()
        return (
            f"{path.name} is not {name} text (byte {error.start} of a block is {error.object[error.start]:#04x}). "
            "Save it as UTF-8, or name its encoding in the mapping (encoding: gb18030)."
        )
    if isinstance(error, FileNotFoundError):
        return f"There is no file {path}."
    if isinstance(error, csv.Error):
        return f"{path.name} is not a proper CSV file: {error}."
    return f"{path.name} cannot be read: {error}."
