"""One import from beginning to end: read, understand, load; every row ends in exactly one of three totals."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accounts.models import Team
from complaints.importing import readers, rows
from complaints.importing.errors import FileRefused, RowRejected
from complaints.importing.load import Loader
from complaints.importing.mapping import Mapping

BATCH = 250


@dataclass
class Totals:
    """What became of the rows: read = created + known + rejected."""

    read: int = 0
    created: int = 0
    known: int = 0
    rejected: int = 0


def check(path: Path, mapping: Mapping):
    """Raises FileRefused when the file cannot be read or lacks a column of the mapping."""
    fault = mapping.column_faults(readers.columns_of(path, mapping.encoding))
    if fault:
        raise FileRefused(fault)


def run(
    path: Path,
    mapping: Mapping,
    *,
    team: Team,
    at: datetime,
    rejects: Path,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda read: None,
) -> Totals:
    """Import the file and return the totals; with `dry_run` nothing is stored.

    Committed a batch at a time, so a stopped import goes on where it was: rows that are in already
    are counted as known. Rejected rows go to `rejects` (CSV: line, reason, the row), which exists
    only when there are any. Raises FileRefused; what was loaded before a fault in the file stays.
    """
    check(path, mapping)
    loader = Loader(team, at, path.name, mapping.names_are_accounts)
    totals = Totals()
    with Rejects(rejects) as refused:
        for batch in _batches(readers.read(path, mapping.encoding)):
            understood = []
            for row, key in batch:
                try:
                    understood.append(rows.understand(row, mapping, key=key, latest=rows.latest_possible(at)))
                except RowRejected as reason:
                    refused.write(row, str(reason))
                    totals.rejected += 1
            known = loader.known([case.key for case in understood])
            new = [case for case in understood if case.key not in known]
            if new and not dry_run:
                loader.load(new)
            totals.read += len(batch)
            totals.created += len(new)
            totals.known += len(understood) - len(new)
            progress(totals.read)
    return totals


def _batches(found: Iterator[readers.Row]) -> Iterator[list[tuple[readers.Row, str]]]:
    """Rows with their keys, in batches; the second of two equal rows has a key of its own."""
    twins: Counter[str] = Counter()
    batch = []
    for row in found:
        plain = rows.row_key(row)
        twins[plain] += 1
        batch.append((row, plain if twins[plain] == 1 else rows.row_key(row, twins[plain])))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class Rejects:
    """The file of rejected rows, opened with the first of them."""

    def __init__(self, path: Path):
        self.path, self._file, self._writer = path, None, None

    def __enter__(self):
        return self

    def write(self, row: readers.Row, reason: str):
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "reason", *row.values])
        self._writer.writerow([row.line, reason, *map(_not_a_formula, row.values.values())])

    def __exit__(self, *exception):
        if self._file is not None:
            self._file.close()


def _not_a_formula(cell: str) -> str:
    """A spreadsheet must show the cell, not calculate it."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
