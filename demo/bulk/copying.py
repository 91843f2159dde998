"""Unsaved rows into the database by COPY, and numbers for them beforehand."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, models

KEYS_AT_ONCE = 5000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
# Made once: json.dumps() makes a new one at every call.
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Numbers:
    """Primary keys, taken from each model's sequence thousands at a time."""

    def __init__(self) -> None:
        self._left: dict[type[models.Model], list[int]] = {}

    def next(self, model: type[models.Model]) -> int:
        """Return a key of `model` that no other row has or will get."""
        left = self._left.get(model)
        if not left:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                    [model._meta.db_table, model._meta.pk.column, KEYS_AT_ONCE],
                )
                left = self._left[model] = [row[0] for row in reversed(cursor.fetchall())]
        return left.pop()


def copy(rows: Iterable[models.Model]):
    """Store unsaved instances of one model, their keys given, as they are: nothing is sent, nothing validated."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    fields = [field for field in first._meta.concrete_fields if not field.generated]
    names = [(field.attname, isinstance(field, models.JSONField)) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    text = io.StringIO()
    text.writelines(_line(row, names) for row in _chain(first, rows))
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{first._meta.db_table}" ({columns}) FROM STDIN', text)


def _chain(first, rest) -> Iterator:
    yield first
    yield from rest


def _line(row: models.Model, names: list[tuple[str, bool]]) -> str:
    return "\t".join([_written(getattr(row, name), is_json) for name, is_json in names]) + "\n"


def _written(value, is_json: bool) -> str:
    """A value in COPY's text format."""
    if is_json:
        value = _encode(value)
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES) if _SPECIAL.search(value) else value
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
