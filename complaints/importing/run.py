"""One import from beginning to end: look the file through, then read, understand and load it row by row."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DataError, IntegrityError

from accounts.models import Team
from complaints.errors import Refused
from complaints.importing import readers, rows, sniff, sources
from complaints.importing.errors import RowRejected
from complaints.importing.load import Loader
from complaints.importing.mapping import Mapping
from complaints.importing.readers import Row
from complaints.importing.rejects import Rejects
from complaints.importing.rows import ImportedCase

BATCH = 250
# Another import of the same rows may be under way; what it stored is known the next time.
TRIES = 3


@dataclass
class Totals:
    """What became of the rows so far: read = created + known + noted + rejected. `line` is the last one's."""

    read: int = 0
    created: int = 0
    known: int = 0
    noted: int = 0
    rejected: int = 0
    line: int = 0


def check(path: Path, mapping: Mapping) -> int:
    """Look the whole file through and return how many rows it has; nothing of a broken file is imported.

    Raises FileRefused when the file cannot be read to its end, or lacks a column of the mapping.
    """
    return sum(1 for _row in readers.read(path, mapping.layout))


def run(
    path: Path,
    mapping: Mapping,
    *,
    team: Team,
    at: datetime,
    rejects: Path,
    dry_run: bool = False,
    note_changes: bool = False,
    totals: Totals | None = None,
    progress: Callable[[int, int], None] = lambda read, of: None,
) -> Totals:
    """Import the file and return the totals; with `dry_run` nothing is stored, and the totals are the same.

    Committed a batch at a time, so a stopped import goes on where it was: rows that are in already are counted as
    known, and `totals` holds what was done until then. Rejected rows go to `rejects` (CSV: line, reason, the row),
    which exists only when there are any. A row whose key the mapping names and the desk knows is no new case: when
    it changed it is rejected, or with `note_changes` noted on its case. Raises FileRefused before anything is stored.
    """
    totals = Totals() if totals is None else totals
    count = check(path, mapping)
    loader = Loader(
        team, at, sniff.shown(path), mapping.name, mapping.names_are_accounts, mapping.contacts_are_accounts
    )
    with Rejects(rejects, path, readers.columns_of(path, mapping.layout)) as refused:
        run_of = _Run(mapping, loader, refused, totals, dry_run, note_changes)
        for batch in _batches(readers.read(path, mapping.layout)):
            run_of.take(batch)
            progress(totals.read, count)
    return totals


def _batches(found: Iterator[Row]) -> Iterator[list[tuple[Row, str]]]:
    """Rows with what makes them the same row, in batches; the second of two equal rows has a key of its own."""
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


class _Run:
    """What is done with the batches of one file."""

    def __init__(
        self, mapping: Mapping, loader: Loader, refused: Rejects, totals: Totals, dry_run: bool, note_changes: bool
    ):
        self.mapping, self.loader, self.refused, self.totals = mapping, loader, refused, totals
        self.dry_run, self.note_changes = dry_run, note_changes
        # Of the keys of the source that came by: in which line, and what the row held.
        self._came: dict[str, tuple[int, int]] = {}

    def take(self, batch: list[tuple[Row, str]]):
        """Every row ends in exactly one of the totals, which count when it is done with."""
        totals = Totals(read=len(batch), line=batch[-1][0].line)
        understood = []
        for row, key in batch:
            try:
                latest = rows.latest_possible(self.loader.at)
                understood.append((row, rows.understand(row, self.mapping, key=key, latest=latest)))
            except RowRejected as reason:
                self._reject(row, reason, totals)
        new = self._new(understood, totals)
        totals.created += len(new) if self.dry_run else self._load(new, totals)
        for name in ("read", "created", "known", "noted", "rejected"):
            setattr(self.totals, name, getattr(self.totals, name) + getattr(totals, name))
        self.totals.line = totals.line

    def _reject(self, row: Row, reason: Exception | str, totals: Totals):
        self.refused.write(row, str(reason))
        totals.rejected += 1

    def _new(self, understood: list[tuple[Row, ImportedCase]], totals: Totals) -> list[tuple[Row, ImportedCase]]:
        """Those that are no case yet; the others are counted, and what changed in them is noted or rejected."""
        by_content = self.loader.known([case.key for _row, case in understood])
        keys = [case.source_key for _row, case in understood if case.source_key]
        by_key = sources.known(self.mapping.name, keys) if keys else {}
        new, adopted = [], {}
        for row, case in understood:
            try:
                if self._came_before(case):
                    totals.known += 1
                elif case.source_key in by_key:
                    self._seen_again(case, by_key[case.source_key], totals)
                elif case.key in by_content:
                    # Imported before its mapping had a key, or under another mapping.
                    totals.known += 1
                    adopted[by_content[case.key]] = case
                else:
                    new.append((row, case))
                if case.source_key:
                    self._came[case.source_key] = (case.line, _content(case))
            except RowRejected as reason:
                self._reject(row, reason, totals)
        if keys and adopted and not self.dry_run:
            sources.remember(self.mapping.name, adopted, adopt=True)
        return new

    def _came_before(self, case: ImportedCase) -> bool:
        """Whether this file brought the same row already. Raises RowRejected when it was another one."""
        line, content = self._came.get(case.source_key, (0, 0))
        if line and content != _content(case):
            key = ", ".join(self.mapping.key)
            raise RowRejected(f"{key}: line {line} has the same key and other content: {case.source_key}")
        return bool(line)

    def _seen_again(self, case: ImportedCase, before, totals: Totals):
        columns = sources.changed(before, case)
        if not columns:
            totals.known += 1
        elif self.note_changes:
            if not self.dry_run:
                sources.note(before, case, file=self.loader.source_name, at=self.loader.at)
            totals.noted += 1
        else:
            raise RowRejected(f"changed since it was imported ({before.complaint}): {', '.join(columns)}")

    def _load(self, new: list[tuple[Row, ImportedCase]], totals: Totals) -> int:
        """Store them and return how many were new; one that cannot be stored takes no other with it."""
        for attempt in range(TRIES):
            if not new:
                return 0
            try:
                self.loader.load([case for _row, case in new])
                return len(new)
            except IntegrityError:
                known = self.loader.known([case.key for _row, case in new])
                if attempt == TRIES - 1 or not known:
                    raise
                totals.known += sum(case.key in known for _row, case in new)
                new = [(row, case) for row, case in new if case.key not in known]
            except (DataError, Refused) as error:
                if len(new) > 1:
                    return sum(self._load([one], totals) for one in new)
                self._reject(new[0][0], f"it cannot be stored: {str(error).partition(chr(10))[0]}", totals)
                return 0
        return 0


def _content(case: ImportedCase) -> int:
    return hash(tuple(case.columns.items()))
