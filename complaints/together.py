"""Rows of other tables as columns of one query: a page of many small parts asks once, not once a part.

POINTS = Parts(Point)
complaint = Complaint.objects.annotate(point_rows=POINTS.column("complaint")).get(...)
POINTS.remember(complaint, "points", complaint.point_rows)
complaint.points.all()  # asks nothing
"""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DecimalField, Field, Func, GeneratedField, JSONField, Model, OuterRef, Q

# One row of a column: its values by column, then those of what each foreign key leads to.
Row = list[dict[str, object] | None]


@dataclass(frozen=True)
class Parts:
    """All rows of `model` that belong to the row of the query around them, in the model's own order.

    `beside` names the foreign keys that are followed, as select_related does.
    """

    model: type[Model]
    beside: tuple[str, ...] = ()

    def column(self, owner: str, *, where: Q | None = None) -> ArraySubquery:
        """The rows as one column. `owner`: the path from the part to the row around; `where` narrows them."""
        rows = self.model.objects.filter(where or Q(), **{owner: OuterRef("pk")})
        led_to = [WholeRow(f"{name}__{_plain_column(self._model_of(name))}") for name in self.beside]
        return ArraySubquery(rows.values(row=JSONArray(WholeRow("pk"), *led_to)))

    def read(self, rows: list[Row]) -> list[Model]:
        """The rows of a column as instances, as an ordinary query would have given them."""
        return [self._instance(row) for row in rows]

    def remember(self, owner: Model, name: str, rows: list[Row]):
        """Let `owner.<name>` give the rows of a column without asking, as prefetch_related would."""
        known = getattr(owner, name).get_queryset()
        known._result_cache, known._prefetch_done = self.read(rows), True
        if not hasattr(owner, "_prefetched_objects_cache"):
            owner._prefetched_objects_cache = {}
        owner._prefetched_objects_cache[name] = known

    def _instance(self, row: Row) -> Model:
        whole, *led_to = row
        instance = _instance(self.model, whole)
        for name, found in zip(self.beside, led_to, strict=True):
            setattr(instance, name, found and _instance(self._model_of(name), found))
        return instance

    def _model_of(self, name: str) -> type[Model]:
        return self.model._meta.get_field(name).related_model


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
    columns = model._meta.concrete_fields
    return model.from_db(None, [c.attname for c in columns], [_value(c, row[c.column]) for c in columns])


def _value(column: Field, value):
    """What the model holds for a value of JSON, whose numbers are binary fractions."""
    if isinstance(column, GeneratedField):
        column = column.output_field
    if isinstance(column, DecimalField) and value is not None:
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-column.decimal_places))
    return column.to_python(value)
