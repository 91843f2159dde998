"""Rows of other tables as columns of one query: a page of many small parts asks once, not once a part.

POINTS = Parts(Point)
WITH_IT = Columns(Complaint, points=POINTS.column("complaint"))
POINTS.remember(complaint, "points", WITH_IT.of(complaint.pk)["points"])
complaint.points.all()  # asks nothing
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache, partial

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    DecimalField,
    Field,
    ForeignKey,
    Func,
    GeneratedField,
    IntegerField,
    JSONField,
    Model,
    OuterRef,
    Q,
    TextField,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

# Their values are the same in JSON.
SAME_IN_JSON = (BooleanField, CharField, IntegerField, JSONField, TextField)
# Rows side by side: the values of each by column, or None where there is none.
Rows = list[dict[str, object] | None]


class Columns:
    """Columns of one row of `model`. They depend on its key alone, so the ORM writes their query once a process.

    For a query of many columns writing takes longer than answering.
    """

    def __init__(self, model: type[Model], **columns: Combinable):
        self.model, self.columns = model, columns

    def of(self, pk: int) -> dict[str, object]:
        """The columns by name, as values of JSON; one query. Raises DoesNotExist where there is no such row."""
        sql, params = self._written
        with connection.cursor() as cursor:
            cursor.execute(sql, [*params, pk])
            row = cursor.fetchone()
        if row is None:
            raise self.model.DoesNotExist
        return json.loads(row[0])

    @cached_property
    def _written(self) -> tuple[str, tuple]:
        """The text of the query and its values but for the last one, which is the key."""
        rows = self.model.objects.filter(pk=0).order_by().values_list(JSONObject(**self.columns))
        sql, params = rows.query.sql_with_params()
        return sql, params[:-1]


@dataclass(frozen=True)
class Beside:
    """What foreign keys of `model`, and what points at it one to one, lead to, as select_related would read it."""

    model: type[Model]
    names: tuple[str, ...]

    def column(self) -> "JSONArray":
        """The rows side by side; an empty one where a key leads nowhere."""
        return JSONArray(*(WholeRow(f"{name}__{_plain_column(self._model_of(name))}") for name in self.names))

    def remember(self, instance: Model, rows: Rows):
        """Let `instance.<name>` give the rows of the column without asking.

        Where a key changed after the instance was read, the row is another one's: then it asks.
        """
        for name, row in zip(self.names, rows, strict=True):
            relation = self.model._meta.get_field(name)
            found = row and _instance(relation.related_model, row)
            if relation.concrete and getattr(instance, relation.attname) != (found and found.pk):
                continue
            relation.set_cached_value(instance, found)
            if found and relation.one_to_one:
                relation.remote_field.set_cached_value(found, instance)

    def _model_of(self, name: str) -> type[Model]:
        return self.model._meta.get_field(name).related_model


@dataclass(frozen=True)
class Parts:
    """All rows of `model` that belong to the row of the query around them.

    `beside` names the foreign keys that are followed, as select_related does.
    """

    model: type[Model]
    beside: tuple[str, ...] = ()

    def column(
        self, owner: str, *, where: Q | None = None, order: Sequence[str] = (), most: int | None = None
    ) -> ArraySubquery:
        """The rows as one column. `owner`: the path from the part to the row around; `where` and `most` narrow them,
        `order` puts them into another order than the model's own.
        """
        rows = self.model.objects.filter(where or Q(), **{owner: OuterRef("pk")})
        rows = rows.order_by(*order) if order else rows
        return ArraySubquery(rows.values(row=JSONArray(WholeRow("pk"), self._led_to.column()))[:most])

    def read(self, rows: list[list]) -> list[Model]:
        """The rows of a column as instances, as an ordinary query would have given them."""
        return [self._instance(row) for row in rows]

    def remember(self, owner: Model, name: str, rows: list[list]):
        """Let `owner.<name>` give the rows of a column without asking, as prefetch_related would."""
        known = getattr(owner, name).get_queryset()
        known._result_cache, known._prefetch_done = self.read(rows), True
        if not hasattr(owner, "_prefetched_objects_cache"):
            owner._prefetched_objects_cache = {}
        owner._prefetched_objects_cache[name] = known

    @property
    def _led_to(self) -> Beside:
        return Beside(self.model, self.beside)

    def _instance(self, row: list) -> Model:
        whole, led_to = row
        instance = _instance(self.model, whole)
        self._led_to.remember(instance, led_to)
        return instance


class WholeRow(Func):
    """The row that a column stands in, as JSON. Naming its columns one by one would take longer than reading it."""

    output_field = JSONField()

    def as_sql(self, compiler, connection, **_context):
        return f"to_jsonb({compiler.quote_name_unless_alias(self.source_expressions[0].alias)})", []


class JSONArray(Func):
    """Values of any kind side by side."""

    function = "jsonb_build_array"
    output_field = JSONField()


def _plain_column(model: type[Model]) -> str:
    """A column that only the table itself has; the key also stands in the table that leads there."""
    return next(column.attname for column in model._meta.concrete_fields if not column.primary_key)


def _instance(model: type[Model], row: dict[str, object]) -> Model:
    names, readers = _reading(model)
    return model.from_db(None, names, [read(row[column]) if read else row[column] for column, read in readers])


@lru_cache(maxsize=64)
def _reading(model: type[Model]) -> tuple[list[str], list[tuple[str, Callable | None]]]:
    """The attributes of a model, and for each its column with what makes its value of a value of JSON, if need be."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [(field.column, _reader(field)) for field in fields]


def _reader(column: Field) -> Callable | None:
    if isinstance(column, GeneratedField):
        column = column.output_field
    if isinstance(column, ForeignKey):
        column = column.target_field
    if isinstance(column, DecimalField):
        return partial(_decimal, Decimal(1).scaleb(-column.decimal_places))
    return None if isinstance(column, SAME_IN_JSON) else column.to_python


def _decimal(step: Decimal, value: float | None) -> Decimal | None:
    """An exact amount of a number of JSON, which is a binary fraction."""
    return None if value is None else Decimal(str(value)).quantize(step)
