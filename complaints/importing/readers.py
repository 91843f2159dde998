"""Reading a table row by row, whatever kind of file it stands in; nothing is held in memory."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from complaints.importing import sheets, sniff, textfiles
from complaints.importing.errors import FileRefused
from complaints.importing.survey import Sheet


@dataclass(frozen=True)
class Layout:
    """How a table stands in its file; what is empty is found out. `wanted` are the columns that it should have."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    wanted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """One data row. `line` is where it begins in the file (in a sheet: its row); `fault` says why it is unusable."""

    line: int
    values: dict[str, str]
    fault: str = ""
    # As they stand in the file, in its order: also those beyond the last column.
    cells: list[str] = field(default_factory=list)


def columns_of(path: Path, layout: Layout) -> list[str]:
    """Return the header of the file. Raises FileRefused."""
    with _opened(path, layout) as (rows, seen):
        return _header(rows, seen, path, layout.wanted)


def read(path: Path, layout: Layout = Layout()) -> Iterator[Row]:
    """Yield the file's rows as texts by column name; wholly empty rows are passed over.

    A row that cannot be used as it is (too many or too few cells, a formula without its value, merged cells) comes
    with a `fault` instead of stopping the file. Raises FileRefused when the file is no table, or cannot be read on.
    """
    with _opened(path, layout) as (rows, seen):
        header = _header(rows, seen, path, layout.wanted)
        for line, cells in rows:
            if any(cell.strip() for cell in cells):
                yield _row(line, cells, header, seen)


def _row(line: int, cells: list[str], header: list[str], seen: Sheet | None) -> Row:
    fault = ""
    if seen is not None:
        # A sheet keeps no empty cells at the end of a row.
        cells += [""] * (len(header) - len(cells))
        fault = seen.faults.get(line, "")
    if len(cells) != len(header):
        fault = f"the row has {len(cells)} cells, the header has {len(header)}"
        # Rows that a forgotten quotation mark made one.
        breaks = sum(cell.count("\n") for cell in cells)
        if breaks:
            fault += f"; it goes on to line {line + breaks}: is a quotation mark not closed?"
    return Row(line, dict(zip(header, cells, strict=False)), fault, cells)


def _header(rows: Iterator, seen: Sheet | None, path: Path, wanted: frozenset[str]) -> list[str]:
    """The first row that is not empty. Raises FileRefused unless it can be one, and has the wanted columns."""
    line, cells = next(((line, cells) for line, cells in rows if any(map(str.strip, cells))), (0, []))
    header = [cell.strip() for cell in cells]
    name = sniff.shown(path)
    if not header:
        raise FileRefused(f"The file is empty: the first row of {name} must name the columns.")
    twice = {column for column in header if column and header.count(column) > 1}
    if twice:
        raise FileRefused(f"{name}, line {line}: these columns stand in the file twice: {', '.join(sorted(twice))}.")
    lacking = sorted(wanted - set(header))
    if lacking:
        has = ", ".join(column[:60] for column in header[:40] if column)
        raise FileRefused(f"{name} lacks these columns: {', '.join(lacking)}. It has: {has}. {_hint(header, seen)}")
    return header


def _hint(header: list[str], seen: Sheet | None) -> str:
    if seen is not None and seen.merged:
        return f"The cells {seen.merged[0]} are merged: the first row must name the columns, without a title above it."
    if seen is None and len(header) == 1:
        return "Is another character between the cells? Name it in the mapping (delimiter:), or with --delimiter."
    return "Is this the mapping for this file, and does its first row name the columns?"


@contextlib.contextmanager
def _opened(path: Path, layout: Layout):
    """Yield (iterator of (line, cells), what was seen of the sheet or None). Raises FileRefused."""
    kind = sniff.kind_of(path)
    if kind == sniff.Kind.SHEET:
        with sheets.opened(path, sheet=layout.sheet) as found:
            yield found
    else:
        packed = kind == sniff.Kind.GZIP
        encoding = layout.encoding or "utf-8-sig"
        with textfiles.opened(
            path, packed=packed, encoding=encoding, delimiter=layout.delimiter, wanted=layout.wanted
        ) as rows:
            yield rows, None
