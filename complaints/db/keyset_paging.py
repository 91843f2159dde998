"""Pages by key, never by OFFSET: a page starts behind the last row of the one before it.

A key names its order ("promise.1763620500000000.1842"), so one from another order is known as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.written import AmongThese

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST_NUMBER = 2**63 - 1


class BadKey(ValueError):
    """A page key that was cut off, made up, or belongs to another order."""

    def __init__(self):
        super().__init__(_("The address of that page no longer fits. This is the first page."))


@dataclass(frozen=True)
class Column:
    """One column of an order. `moment`: a date and time, else a whole number. NULLs come last."""

    name: str
    descending: bool = False
    moment: bool = False
    nullable: bool = False
    nulls_first: bool = False

    def backwards(self) -> "Column":
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    def expression(self):
        """What order_by() takes; NULLs are named only where there are any, so that plain indexes fit."""
        nulls = {"nulls_first": True} if self.nulls_first else {"nulls_last": True}
        expression = F(self.name)
        return getattr(expression, "desc" if self.descending else "asc")(**(nulls if self.nullable else {}))

    def same(self, value) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def behind(self, value) -> Q:
        """Rows that come after `value` in this column alone."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if self.nulls_first else Q(pk__in=[])
        further = Q(**{f"{self.name}__{'lt' if self.descending else 'gt'}": value})
        if self.nullable and not self.nulls_first:
            further |= Q(**{f"{self.name}__isnull": True})
        return further

    def bound(self, value) -> Q:
        """What rows behind `value` have in common in this column, as one range; Q() where it is not one."""
        if value is None:
            return Q() if self.nulls_first else Q(**{f"{self.name}__isnull": True})
        if self.nullable and not self.nulls_first:
            return Q()
        return Q(**{f"{self.name}__{'lte' if self.descending else 'gte'}": value})

    def write(self, value) -> str:
        if value is None:
            return ""
        return str((value - EPOCH) // MICROSECOND if self.moment else value)

    def read(self, text: str):
        """Return the value written as `text`. Raises BadKey."""
        if not text and self.nullable:
            return None
        try:
            number = int(text)
            if abs(number) > LARGEST_NUMBER:
                raise BadKey
            return EPOCH + number * MICROSECOND if self.moment else number
        except (ValueError, OverflowError) as error:
            raise BadKey from error


@dataclass(frozen=True)
class Order:
    """How a list is sorted; the last column is unique. `annotations` are computed columns by name."""

    name: str
    columns: tuple[Column, ...]
    annotations: dict = field(default_factory=dict)

    def key_of(self, row) -> str:
        """Return the key of the page that starts behind `row`."""
        return ".".join([self.name, *(column.write(getattr(row, column.name)) for column in self.columns)])

    def read(self, key: str) -> list:
        """Return the values in `key`. Raises BadKey."""
        name, *parts = key.split(".")
        if name != self.name or len(parts) != len(self.columns):
            raise BadKey
        return [column.read(part) for column, part in zip(self.columns, parts, strict=True)]


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the keys of its neighbours ("" where there is none).

    `beyond`: a key was given, but no row stands there any more.
    """

    rows: list
    previous: str = ""
    next: str = ""
    beyond: bool = False


class Place(TypedDict):
    """Where a page begins or ends, as its address says it: page_of() takes it."""

    after: str
    before: str


def place_in(query: Mapping[str, str]) -> Place:
    """The place that an address names; both "" for the first page."""
    return {"after": query.get("after", ""), "before": query.get("before", "")}


def page_of(
    queryset: QuerySet,
    order: Order,
    *,
    after: str = "",
    before: str = "",
    size: int,
    parts: Sequence[QuerySet] = (),
) -> Page:
    """Return the `size` rows behind the key `after`, or in front of `before`, or the first ones.

    With `parts` the rows are those of `queryset` that any of them holds: each is read in this order by itself, and
    no further than a page. One query; one a column for a page in front of a row that has no value. Raises BadKey
    when a key does not belong to this order.
    """
    key, backwards = (before, True) if before else (after, False)
    columns = [column.backwards() for column in order.columns] if backwards else order.columns

    def in_order(rows: QuerySet, where: Q) -> QuerySet:
        return rows.annotate(**order.annotations).order_by(*(column.expression() for column in columns)).filter(where)

    found: list = []
    for where in _ranges(columns, order.read(key)) if key else [Q()]:
        wanted = size + 1 - len(found)
        if wanted and parts:
            firsts = [in_order(part, where).values("pk")[:wanted] for part in parts]
            where = reduce(or_, (Q(AmongThese(F("pk"), ArraySubquery(first))) for first in firsts))
        found += in_order(queryset, where)[:wanted] if wanted else []
    rows, more = found[:size], len(found) > size
    if backwards:
        rows.reverse()
    if not rows:
        return Page(rows, beyond=bool(key))
    first, last = order.key_of(rows[0]), order.key_of(rows[-1])
    has_previous, has_next = (more, True) if backwards else (bool(key), more)
    return Page(rows, first if has_previous else "", last if has_next else "")


def _ranges(columns, values) -> list[Q]:
    """Rows behind the values, as conditions that an index can begin at, to be asked in this order.

    Where NULLs come first, those left and the rows with a value are ranges of their own: as one condition every
    NULL would be read to find the few that are left.
    """
    steps: list[Q] = []
    same_so_far = Q()
    for column, value in zip(columns, values, strict=True):
        steps.insert(0, same_so_far & column.behind(value))
        same_so_far &= column.same(value)
    if any(value is None and column.nulls_first for column, value in zip(columns, values, strict=True)):
        return steps
    return [reduce(or_, steps) & columns[0].bound(values[0])]
