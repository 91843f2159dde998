"""References: C-2026-000123, counted a year, without gaps but for those of an import that failed.

Whoever takes a number holds the counter's row until the transaction ends, and everybody else who logs waits for it.
So logging takes its number last, and an import reserves its numbers in a transaction of their own.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from complaints.models import ReferenceBlock

TAKE = """
    INSERT INTO complaints_referencecounter (year, last) VALUES (%(year)s, %(count)s)
        ON CONFLICT (year) DO UPDATE SET last = complaints_referencecounter.last + %(count)s
    RETURNING last
"""


def next_references(at: datetime, count: int) -> list[str]:
    """Return the next `count` references of the year of `at` (organisation's time zone); one query.

    A rolled-back log gives its number back, so there are no gaps. Call it as late as possible.
    """
    return _written(*_take(at, count))


def reserve_references(at: datetime, count: int) -> ReferenceBlock:
    """Take `count` numbers of the year of `at` at once, in a short transaction of their own, and return them.

    The transaction that stores the complaints calls use(). Numbers that are never used leave a gap, which the block
    explains to verify_history. Raises RuntimeError inside a transaction, which would hold the counter.
    """
    with transaction.atomic(durable=True):
        year, first, last = _take(at, count)
        return ReferenceBlock.objects.create(year=year, first=first, last=last, reserved_at=at)


def use(block: ReferenceBlock) -> list[str]:
    """Return the references of a reserved block, inside the transaction that stores the complaints with them.

    Rolled back, the block stays and may be used again. Raises ReferenceBlock.DoesNotExist when it was used already.
    """
    removed, _rows = ReferenceBlock.objects.filter(pk=block.pk).delete()
    if not removed:
        raise ReferenceBlock.DoesNotExist(str(block))
    return _written(block.year, block.first, block.last)


def _take(at: datetime, count: int) -> tuple[int, int, int]:
    """The year, and the first and last number taken."""
    year = at.astimezone(ZoneInfo(settings.TIME_ZONE)).year
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"year": year, "count": count})
        (last,) = cursor.fetchone()
    return year, last - count + 1, last


def _written(year: int, first: int, last: int) -> list[str]:
    return [f"C-{year}-{number:06d}" for number in range(first, last + 1)]
