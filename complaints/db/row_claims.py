"""What every worker that claims rows has in common: how long it may hold them, and whose fault a failure is."""

from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from psycopg2.errors import LockNotAvailable, QueryCanceled

# The database or its tables are not as the code needs them.
DATABASES_FAULT = (OperationalError, InterfaceError, ProgrammingError)
# Unless the database lives and only gave up on a row that took too long or that somebody else holds.
GAVE_UP = (QueryCanceled, LockNotAvailable)
# A worker that stands still in the middle of a batch (stopped, swapped out, cut off) loses its claim after this;
# and what somebody else holds is not waited for longer than a second, while a hundred others are due.
LET_GO = "SET LOCAL idle_in_transaction_session_timeout = '3s'; SET LOCAL lock_timeout = '1s'"


def hold_briefly() -> None:
    """Bound what the current transaction may hold and wait for."""
    with connection.cursor() as cursor:
        cursor.execute(LET_GO)


def no_rows_fault(error: Exception) -> bool:
    """Whether no row is to blame for the error: then nothing was done, and every row stays as due as it was."""
    return isinstance(error, DATABASES_FAULT) and not isinstance(error.__cause__, GAVE_UP)
