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
from functools import cached_property, partial
from typing import Any, Generic, TypeVar, cast

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
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
    QuerySet,
    TextField,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from accounts.attached import Attached
from accounts.written import Given, Written
from ui.caches import remembered

# Their values are the same in JSON.
SAME_IN_JSON = (BooleanField, CharField, IntegerField, JSONField, TextField)
# Rows side by side: the values of each by column, or None where there is none.
Rows = list[dict[str, Any] | None]
Row = TypeVar("Row", bound=Model)
# Where Django looks for what prefetch_related read.
PREFETCHED = Attached[dict[str, QuerySet]]("_prefetched_objects_cache")


class Columns:
    """Columns of one row of `model`, found by one unique column (`by`), if it is one of `among`.

    Without `by`, `among` finds it, by the `Given` "key".

    Their query is written and planned once.
    """

    def __init__(self, model: type[Model], among: Q | None = None, /, *, by: str | None = "pk", **columns: Combinable):
        self.model, self.by, self.among, self.columns = model, by, among or Q(), columns

    def of(self, key: int | str, **given: object) -> dict[str, Any]:
        """The columns by name, as values of JSON; one query. Raises DoesNotExist where there is no such row.

        `given` are the values that `among` waits for.
        """
        rows = self._written.rows(key=key, **given)
        if not rows:
            raise self.model.DoesNotExist  # type: ignore[attr-defined]  # each model has its own
        return json.loads(rows[0][0])

    @cached_property
    def _written(self) -> Written:
        found = {self.by: Given("key")} if self.by else {}
        rows = self.model._default_manager.filter(self.among, **found).order_by()
        return Written(lambda: rows.values_list(JSONObject(**self.columns)), planned_once=True)


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
            # A foreign key, or a key of another model that points here one to one.
            relation: Any = self.model._meta.get_field(name)
            found = row and instance_of(relation.related_model, row)
            if relation.concrete and getattr(instance, relation.attname) != (found and found.pk):
                continue
            relation.set_cached_value(instance, found)
            if found and relation.one_to_one:
                relation.remote_field.set_cached_value(found, instance)

    def _model_of(self, name: str) -> type[Model]:
        related = self.model._meta.get_field(name).related_model
        assert isinstance(related, type), f"{name} leads to {related}"
        return related


@dataclass(frozen=True)
class Parts(Generic[Row]):
    """All rows of `model` that belong to the row of the query around them.

    `beside` names the foreign keys that are followed, as select_related does.
    """

    model: type[Row]
    beside: tuple[str, ...] = ()

    def column(
        self, owner: str, *, where: Q | None = None, order: Sequence[str] = (), most: int | None = None
    ) -> ArraySubquery:
        """The rows as one column. `owner`: the path from the part to the row around; `where` and `most` narrow them,
        `order` puts them into another order than the model's own.
        """
        rows = self.model._default_manager.filter(where or Q(), **{owner: OuterRef("pk")})
        rows = rows.order_by(*order) if order else rows
        return ArraySubquery(rows.values(row=JSONArray(WholeRow("pk"), self._led_to.column()))[:most])

    def read(self, rows: list[list]) -> list[Row]:
        """The rows of a column as instances, as an ordinary query would have given them."""
        return [self._instance(row) for row in rows]

    def remember(self, owner: Model, name: str, rows: list[list]):
        """Let `owner.<name>` give the rows of a column without asking, as prefetch_related would."""
        known = getattr(owner, name).get_queryset()
        known._result_cache, known._prefetch_done = self.read(rows), True
        prefetched = PREFETCHED.of(owner)
        if prefetched is None:
            prefetched = PREFETCHED.set(owner, {})
        prefetched[name] = known

    @property
    def _led_to(self) -> Beside:
        return Beside(self.model, self.beside)

    def _instance(self, row: list) -> Row:
        whole, led_to = row
        instance = instance_of(self.model, whole)
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


def instance_of(model: type[Row], row: dict[str, Any]) -> Row:
    """A row that came as JSON as an instance. With PLAIN_FETCH=true the row is asked for by its key, as anywhere."""
    if settings.PLAIN_FETCH:
        return model._base_manager.get(pk=row[model._meta.pk.column])
    names, readers = _reading(model)
    return model.from_db(None, names, [read(row[column]) if read else row[column] for column, read in readers])


@remembered(64)
def _reading(model: type[Model]) -> tuple[list[str], list[tuple[str, Callable | None]]]:
    """The attributes of a model, and for each its column with what makes its value of a value of JSON, if need be."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [(field.column, _reader(field)) for field in fields]


def _reader(column: Field) -> Callable | None:
    if isinstance(column, GeneratedField):
        # What it is generated as is always said.
        column = cast(Field, column.output_field)
    if isinstance(column, ForeignKey):
        column = column.target_field
    if isinstance(column, DecimalField):
        return partial(_decimal, Decimal(1).scaleb(-column.decimal_places))
    return None if isinstance(column, SAME_IN_JSON) else column.to_python


def _decimal(step: Decimal, value: float | None) -> Decimal | None:
    """An exact amount of a number of JSON, which is a binary fraction."""
    return None if value is None else Decimal(str(value)).quantize(step)
