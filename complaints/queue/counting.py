"""How many complaints each view of the queue holds: one query, bounded."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.access import reach_of
from accounts.models import Person
from accounts.written import Given
from complaints.models import Complaint
from complaints.queue import worklists
from complaints.queue.worklists import AT, BEGINS, ENDS, day_of, worklists_of
from ui.caches import remembered


def bounded_counts(counted: Iterable[list[QuerySet]]) -> list[int]:
    """Return how many rows each list of querysets of one model holds, in one query; 1001 means "more than 1000".

    The parts are put together as they stand: as columns of another queryset Django would take each apart and
    build it anew, which costs more than counting.
    """
    return _row_of(
        [_count_of([part.order_by().values("pk") for part in parts], worklists.MOST_COUNTED) for parts in counted]
    )


def counts(narrowed: QuerySet, person: Person, at: datetime) -> dict[str, int]:
    """Return how many of the `narrowed` complaints each view of `person` holds, by key: one query.

    Only what `person` sees is counted, whatever `narrowed` holds. One more than a view's `most` means more.
    """
    views = worklists_of(person)
    reach = reach_of(person)
    parts = _parts(_Asking(person.pk, tuple(views), frozenset(reach.teams.items()), reach.team_count, person))
    begins, ends = day_of(at)
    moments = {AT.name: at, BEGINS.name: begins, ENDS.name: ends}
    parts = [(part, [moments[v.name] if isinstance(v, Given) else v for v in values]) for part, values in parts]
    try:
        held = _row_of(parts, before=_standing_for_the_table(narrowed))
    except EmptyResultSet:
        held = [0] * len(views)
    return dict(zip(views, held, strict=True))


def _standing_for_the_table(narrowed: QuerySet) -> tuple[str, list]:
    """What lets the name of the table stand for some of its rows in one statement. Raises EmptyResultSet for none."""
    if not narrowed.query.where:
        return "", []
    sql, values = narrowed.order_by().query.sql_with_params()
    table = connection.ops.quote_name(Complaint._meta.db_table)
    return f"WITH {table} AS NOT MATERIALIZED ({sql})", list(values)


@dataclass(frozen=True)
class _Asking:
    """Whom the views are counted for, and all that what is counted hangs on but for the moment."""

    pk: int
    views: tuple[str, ...]
    teams: frozenset[tuple[str, frozenset[int]]]
    team_count: int
    person: Person = field(compare=False)


@remembered(256)
def _parts(asking: _Asking) -> list[tuple[str, list]]:
    """What counts each view, its moments left open: writing eight of them takes 3 ms, and every queue asks."""
    keys: Any = Complaint.objects.order_by().values("pk")  # its keys are narrowed as its rows are
    seen, ways = [keys.visible_to(asking.person)], keys.ways_visible_to(asking.person)
    counted = []
    for view in (worklists.WORKLISTS[key] for key in asking.views):
        parts = [part for way in (seen if view.whole else ways) for part in view.parted(way, asking.person, AT)]
        counted.append(_count_of(parts, view.most or worklists.MOST_COUNTED))
    return counted


def _count_of(parts: list[QuerySet], most: int) -> tuple[str, list]:
    """SQL in brackets that counts what unordered querysets of keys hold together, up to one more than `most`; values.

    No part is read further than that: a case that it holds beyond cannot change the number.
    """
    written = []
    for part in parts:
        with suppress(EmptyResultSet):
            written.append(part[: most + 1].query.sql_with_params())
    if not written:
        return "(0)", []
    # UNION leaves out what is in several parts.
    held = " UNION ".join(f"({sql})" for sql, _values in written)
    values = [value for _sql, values in written for value in values]
    counted = f"(SELECT LEAST(COUNT(*), {most + 1}) FROM ({held}) AS counted)"  # noqa: S608 - SQL that Django made
    return counted, values


def _row_of(parts: list[tuple[str, list]], before: tuple[str, list] = ("", [])) -> list[int]:
    """One row with the value of each part; `before` stands in front of the statement."""
    statement = f"{before[0]} SELECT {', '.join(sql for sql, _values in parts)}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [*before[1], *(value for _sql, values in parts for value in values)])
        return list(cursor.fetchone())
