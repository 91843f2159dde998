"""The file of rejected rows."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from complaints.importing.errors import FileRefused
from complaints.importing.readers import Row

# What a cell of a spreadsheet holds; the whole text is in the file that was imported.
CELL_LIMIT = 32_767


class Rejects:
    """The rejected rows with line and reason, in a file (CSV in UTF-8) that is opened with the first of them.

    `source` is the file that they come from, `header` its columns. Raises FileRefused when it cannot be written.
    """

    def __init__(self, path: Path, source: Path, header: list[str]):
        self.path, self._header = path, header
        # Both once a row was rejected.
        self._file: TextIO | None = None
        self._write_row: Callable[[Iterable[object]], object] | None = None
        if path.resolve() == source.resolve():
            raise FileRefused(f"{path} is the file that is imported: name another one for the rejected rows.")

    def __enter__(self):
        return self

    def write(self, row: Row, reason: str):
        try:
            if self._file is None or self._write_row is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
                self._write_row = csv.writer(self._file).writerow
                self._write_row(["line", "reason", *self._header])
            self._write_row([row.line, reason, *map(_not_a_formula, row.cells)])
        except OSError as error:
            raise FileRefused(self._in_words(error)) from error

    def __exit__(self, *exception):
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                raise FileRefused(self._in_words(error)) from error

    def _in_words(self, error: OSError) -> str:
        return f"The rejected rows cannot be written to {self.path}: {error.strerror}. Name another place: --rejects"


def _not_a_formula(cell: str) -> str:
    """A spreadsheet must show the cell, not calculate it."""
    return ("'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell)[:CELL_LIMIT]
