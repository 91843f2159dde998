"""What the database refuses and nobody is to blame for: it is busy, cut off, or its place is being taken by another.

One answer for every page and every verb: 503 with all that was typed and a button that sends it again. Where the
database itself says that it undid all of it (a deadlock), it is tried once more before anybody is told.
"""

import logging
from collections.abc import Callable, Iterator

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import loader

from accounts.kept import kept_texts, sent_fields
from complaints.evidence.attaching import shown_name

log = logging.getLogger(__name__)

# PostgreSQL's codes, see its manual, appendix A.
UNDONE = {"40001", "40P01"}  # serialization failure, deadlock: the whole transaction was rolled back
BUSY = UNDONE | {
    "55P03",  # somebody holds the lock for longer than lock_timeout
    "57014",  # the statement took longer than it may
    "25006",  # read only: the standby that has not taken over yet
    "25P03",  # we stood still inside a transaction for too long
    "25P04",
    "57P01",  # the server is shut down, crashed, or starts
    "57P02",
    "57P03",
    "57P05",
}
# Connections (08), and what the server has not enough of (53: connections, memory, disk).
BUSY_CLASSES = ("08", "53")
RETRY_AFTER_S = 5
SAFE = {"GET", "HEAD", "OPTIONS"}


def is_busy(error: BaseException | None) -> bool:
    """Whether the database refused for a reason that is nobody's fault and passes."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, DatabaseError):
        return False
    code = _code(error)
    # A connection that breaks, or is refused, brings no code with it.
    return (code is None and isinstance(error, OperationalError)) or code in BUSY or str(code)[:2] in BUSY_CLASSES


def is_undone(error: BaseException) -> bool:
    """Whether the database says that nothing of the transaction was done, and that it may well go through now."""
    return _code(error) in UNDONE


def _code(error: BaseException) -> str | None:
    return getattr(error.__cause__, "pgcode", None)


class AnswerBusy:
    """Tries once more what may be tried once more; answers 503 to what the database refuses for nobody's fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a view's error; other errors go their way, also those of the second try."""
        if not is_busy(error):
            return None
        # A page that is only read can be read again, over a new connection where the old one is gone.
        if is_undone(error) or (request.method in SAFE and _is_lost(error)):
            _leave_lost_connection(error)
            match = request.resolver_match
            assert match is not None  # a view was called
            view, args, kwargs = match
            try:
                return view(request, *args, **kwargs)
            except DatabaseError as again:
                if not is_busy(again):
                    raise
                error = again
        return page(request, error)


def page(request: HttpRequest, error: BaseException) -> HttpResponse:
    """503 in both languages, without a query: what was typed to copy, and a button that sends it again.

    For htmx a line to be shown where the click was made; the page behind it keeps its form.
    """
    _leave_lost_connection(error)
    log.warning("%s %s: the database is busy (%s)", request.method, request.path, str(error).strip())
    if request.headers.get("HX-Request") == "true":
        body = loader.get_template("errors/_busy_line.html").render()
    else:
        again = sent_fields(request)
        files = {name: [shown_name(one.name or "") for one in request.FILES.getlist(name)] for name in _files(request)}
        context = {
            "posted": request.method == "POST",
            "kept_texts": kept_texts(request),
            "again": again,
            "files": files,
            "address": request.get_full_path(),
            "csrf_token": get_token(request) if again else "",
        }
        body = loader.get_template("503.html").render(context)
    response = HttpResponse(body, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    return response


def _files(request: HttpRequest) -> Iterator[str]:
    """The names of the fields with files; none of a request that could not be read."""
    if request.method == "POST" and hasattr(request, "_files"):
        yield from request._files


def _is_lost(error: BaseException) -> bool:
    return isinstance(error, InterfaceError) or _code(error) is None


def _leave_lost_connection(error: BaseException):
    """Let the next query ask for a new connection; sessions and messages are stored after the page."""
    if _is_lost(error) and not connection.in_atomic_block:
        connection.close()
