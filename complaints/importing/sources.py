"""Rows that are known by a key of their source: what changed in them since they were imported."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.case.actors import SYSTEM
from complaints.case.locking import lock
from complaints.conversation import messages
from complaints.db.inserting import insert
from complaints.importing.rows import ImportedCase
from complaints.models import Message, SourceRow
from complaints.models.message import BODY_LIMIT

# Of one old or new value in a note.
SHOWN = 2_000


def known(mapping: str, keys: Iterable[str]) -> dict[str, SourceRow]:
    """The rows of that mapping by their keys, with the references of their complaints."""
    found = SourceRow.objects.filter(mapping=mapping, key__in=keys).select_related("complaint")
    return {row.key: row for row in found.only("mapping", "key", "values", "complaint__reference")}


def changed(row: SourceRow, case: ImportedCase) -> list[str]:
    """The columns that hold something else now. A column that the mapping did not use then is no change."""
    return [name for name, text in case.columns.items() if name in row.values and row.values[name] != text]


def remember(mapping: str, cases: dict[int, ImportedCase], *, adopt: bool = False):
    """Store whose rows the complaints with these ids are; with `adopt` those that are known already stay as they are.

    Raises IntegrityError where a key is stored already.
    """
    rows = [
        SourceRow(mapping=mapping, key=case.source_key, complaint_id=pk, values=case.columns)
        for pk, case in cases.items()
    ]
    insert(rows, ignore_conflicts=adopt)


def note(row: SourceRow, case: ImportedCase, *, file: str, at: datetime) -> bool:
    """Write what changed as an internal note on the complaint; returns whether there was anything left to note."""
    with transaction.atomic():
        complaint = lock(row.complaint_id)
        row = SourceRow.objects.select_related("complaint").get(pk=row.pk)
        columns = changed(row, case)
        if columns:
            body = _in_words(row, case, columns, file)
            messages.append(complaint, kind=Message.Kind.INTERNAL, body=body, actor=SYSTEM, at=at)
        row.values = case.columns
        row.save(update_fields=["values"])
    return bool(columns)


def _in_words(row: SourceRow, case: ImportedCase, columns: list[str], file: str) -> str:
    """Old and new of the columns, in the language of the complaint."""
    with translation.override(row.complaint.language):
        head = _("Changed at its source since it was imported (%(file)s, line %(line)d):")
        lines = [head % {"file": file, "line": case.line}]
        for name in columns:
            old, new = (_short(text) or _("(empty)") for text in (row.values[name], case.columns[name]))
            lines.append(_("%(column)s: %(old)s → %(new)s") % {"column": name, "old": old, "new": new})
    return "\n".join(lines)[:BODY_LIMIT]


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
