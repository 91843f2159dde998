"""Doing something every second until told to stop, through lost databases and bad moments."""

import logging
import signal
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

log = logging.getLogger(__name__)

EVERY_S = 1.0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set; what is under way is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_received: stop.set())
    return stop


def every_second(work: Callable[[], None], stop: threading.Event) -> None:
    """Call `work` every second until `stop` is set. A database that is away is tried again each time."""
    away = False
    while not stop.is_set():
        try:
            work()
            if away:
                log.info("The database is back")
            away = False
        except (DatabaseError, InterfaceError) as error:
            if not away:
                log.warning("The database does not answer as it should: %s", error)
            away = True
            # The next query opens a connection of its own.
            connection.close()
        except Exception:  # whatever is wrong with one round, who watches over promises must not end
            log.exception("This round failed; the next one comes in a second")
        stop.wait(EVERY_S)
    connection.close()
