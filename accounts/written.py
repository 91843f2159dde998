"""Queries that the ORM writes once a process, not once a request, and that PostgreSQL may plan once a connection.

HELD = Written(lambda: Membership.objects.filter(person=Given("person")).values_list("role", "team_id"))
HELD.rows(person=7)

Why: of a query that finds a few rows, writing takes 0.3 to 1 ms and answering 0.05 ms; PostgreSQL plans one with a
dozen subqueries for 0.5 to 1 ms and carries it out in 0.2 ms. Without it: ask the queryset itself.

`planned_once` is for rows that are found by a key: there every value has the same plan. It uses prepared statements,
so a pooler that gives a connection to somebody else after each transaction cannot stand before such a desk.
"""

import re
from collections.abc import Callable
from functools import cached_property
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Expression, Field, Func, Model, QuerySet

Row = TypeVar("Row", bound=Model)
PLACE = re.compile("%s|%%")
_numbers = count(1)
# The statements that each connection knows.
_planned: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()


class Given(Expression):
    """A value that is known only when the query is asked; stands in a queryset where a value stands."""

    def __init__(self, name: str, output_field: Field | None = None):
        super().__init__(output_field=output_field or BigIntegerField())
        self.name = name

    def as_sql(self, compiler, connection):
        # An empty array does not tell the type of its elements.
        kind = f"::{self.output_field.db_type(connection)}" if isinstance(self.output_field, ArrayField) else ""
        return f"%s{kind}", [self]


class AmongThese(Func):
    """Whether the first value stands in the array that follows: an array is read beforehand, once, and not joined."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class Written:
    """What `build` returns when it is first asked: a queryset, or (SQL, values), with `Given` for what changes."""

    def __init__(self, build: Callable[[], QuerySet | tuple[str, list]], *, planned_once: bool = False):
        self.build, self.planned_once = build, planned_once
        self.name = f"written_{next(_numbers)}"

    def rows(self, **given: Any) -> list[tuple]:
        """The rows as the database gives them: no converters of fields run. One query, none where nothing can fit."""
        if self._written is None:
            return []
        with connection.cursor() as cursor:
            if self.planned_once:
                cursor.execute(self._call(), [given[name] for name in self._names])
            else:
                sql, values = self._written
                cursor.execute(sql, [given[v.name] if isinstance(v, Given) else v for v in values])
            return cursor.fetchall()

    @cached_property
    def _written(self) -> tuple[str, list] | None:
        """The statement and its values; None where the ORM knows already that no row fits."""
        built = self.build()
        try:
            sql, values = built.query.sql_with_params() if isinstance(built, QuerySet) else built
        except EmptyResultSet:
            return None
        return sql, list(values)

    @property
    def _statement(self) -> tuple[str, list]:
        """The same where some row may fit: rows() asks no further otherwise."""
        assert self._written is not None
        return self._written

    @cached_property
    def _names(self) -> list[str]:
        _sql, values = self._statement
        return list(dict.fromkeys(value.name for value in values if isinstance(value, Given)))

    def _call(self) -> str:
        """What carries the statement out; this connection knows it afterwards."""
        raw = connection.connection
        known = _planned.setdefault(raw, set())
        if self.name not in known:
            with connection.wrap_database_errors, raw.cursor() as cursor:
                cursor.execute(f"PREPARE {self.name} AS {self._numbered(cursor)}")
            known.add(self.name)
        return (
            f"EXECUTE {self.name} ({', '.join(['%s'] * len(self._names))})" if self._names else f"EXECUTE {self.name}"
        )

    def _numbered(self, cursor) -> str:
        """The statement with its fixed values in it, so that partial indexes answer, and $1, $2 … for the others."""
        sql, values = self._statement
        waiting = iter(values)

        def replace(found: re.Match) -> str:
            if found[0] == "%%":
                return "%"
            value = next(waiting)
            if isinstance(value, Given):
                return f"${self._names.index(value.name) + 1}"
            return cursor.mogrify("%s", [value]).decode()

        return PLACE.sub(replace, sql)


class WrittenRows(Written, Generic[Row]):
    """Whole rows of a model as instances; `narrow` says which. For models without fields that convert."""

    def __init__(self, model: type[Row], narrow: Callable[[QuerySet], QuerySet], *, planned_once: bool = True):
        super().__init__(
            lambda: narrow(model._default_manager.values_list(*self._columns)),
            planned_once=planned_once,
        )
        self.model = model

    def instances(self, **given: Any) -> list[Row]:
        """The rows in the order of the query. One query."""
        return [self.model.from_db(connection.alias, self._columns, row) for row in self.rows(**given)]

    @cached_property
    def _columns(self) -> list[str]:
        fields = self.model._meta.concrete_fields
        assert not any(hasattr(field, "from_db_value") for field in fields), f"{self.model} converts what it reads"
        return [field.attname for field in fields]
