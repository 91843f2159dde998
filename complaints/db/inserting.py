"""Many new rows of one model with one statement, for work that is done by the hundred a second."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Model

from ui.caches import remembered

# PostgreSQL takes the rows apart itself: values keep the types of their columns, and ids come in the order of rows.
INSERT = """
INSERT INTO "{table}" ({columns})
SELECT {columns} FROM json_populate_recordset(NULL::"{table}", %s)
"""


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False):
    """Store unsaved instances of one model whose keys the database gives; the instances get them.

    What bulk_create() does in several times the time: it asks every field about every value. Here the values are
    taken as they are (texts, numbers, truth values, aware moments, JSON), so a model with fields that make their
    value when they are saved does not belong here. With `ignore_conflicts` rows that exist already are left as
    they are, and no instance gets a key.
    """
    if not rows:
        return
    model = type(rows[0])
    names, statement = _prepared(model)
    values = [dict(zip(names, map(row.__dict__.__getitem__, names), strict=True)) for row in rows]
    given = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_moment)
    with connection.cursor() as cursor:
        if ignore_conflicts:
            cursor.execute(f"{statement} ON CONFLICT DO NOTHING", [given])
            return
        cursor.execute(f'{statement} RETURNING "{model._meta.pk.column}"', [given])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = key, False, connection.alias


def _moment(value: datetime) -> str:
    """How JSON says a moment; anything else than a moment is no value of such a row."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} cannot be stored like this.")
    return value.isoformat()


@remembered(32)
def _prepared(model: type[Model]) -> tuple[list[str], str]:
    """The names of the values of a row, which are those of its columns, and the statement."""
    # The database gives the key where it counts up, and what it makes of other columns.
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    fields = [field for field in fields if field is not model._meta.auto_field]
    names = [field.attname for field in fields]
    columns = ", ".join(f'"{name}"' for name in names)
    return names, INSERT.format(table=model._meta.db_table, columns=columns)
