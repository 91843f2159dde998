"""The one clock that decides what is due: the database's. The clocks of web servers and workers may be wrong."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """The moment at which a statement reads it, also in the middle of a long transaction."""

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = DateTimeField()


def now() -> datetime:
    """The database's clock (UTC).

    Read it before a query and pass the value in: an index cannot be searched with a clock that ticks
    while the query runs.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
