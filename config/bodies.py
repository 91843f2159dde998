"""Whether the body of a request is a form, and whole: one that is not understood must not count as one left empty."""

import re

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _, gettext_lazy

from ui.text_limits import RequestRefused

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
NOT_A_FORM = gettext_lazy("What was sent is not a form of this desk. Nothing was done.")
BROKEN_OFF = gettext_lazy("What was sent broke off on the way. Nothing was done; send it once more.")
# Every field of ours, of the administration and of signing in is called so; JSON sent as a form is one strange name.
NAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
# What Django refuses of its own accord while it reads a form.
REFUSALS = (BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError)


class Watched:
    """The stream of a multipart body; knows how much came, and how it ended."""

    # The longest boundary has 70 characters (RFC 2046).
    KEPT = 100

    def __init__(self, stream):
        self.stream, self.length, self.end = stream, 0, b""
        self.close = stream.close

    def read(self, *args) -> bytes:
        return self._seen(self.stream.read(*args))

    def readline(self, *args) -> bytes:
        return self._seen(self.stream.readline(*args))

    def _seen(self, data: bytes) -> bytes:
        self.length += len(data)
        self.end = (self.end + data[-self.KEPT :])[-self.KEPT :]
        return data


def read_form(request: HttpRequest):
    """Let Django read the form of a POST. Raises RequestRefused, or one of Django's own REFUSALS."""
    if request.content_type not in (URLENCODED, MULTIPART):
        raise RequestRefused(NOT_A_FORM, 415)
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        # Django takes it for empty, however much of it comes.
        raise RequestRefused(_("What was sent does not say how long it is. Nothing was done."), 411)
    try:
        length = _read_multipart(request) if request.content_type == MULTIPART else _read_urlencoded(request)
    except UnreadablePostError as error:
        raise RequestRefused(BROKEN_OFF) from error
    if length != int(request.headers.get("Content-Length") or 0):
        raise RequestRefused(BROKEN_OFF)
    if not all(NAME.fullmatch(name) for name in (*request.POST, *request.FILES)):
        raise RequestRefused(NOT_A_FORM)


def _read_urlencoded(request: HttpRequest) -> int:
    """Returns how many bytes came. Raises RequestRefused unless every part is a name with a value."""
    body = request.body
    if body and not all(b"=" in part for part in body.split(b"&")):
        raise RequestRefused(NOT_A_FORM)
    return len(body)


def _read_multipart(request: HttpRequest) -> int:
    """Returns how many bytes came. Raises RequestRefused unless it is closed by its boundary (RFC 2046, 5.1.1)."""
    body = Watched(request._stream)
    request._stream = body  # type: ignore[assignment]  # the parser only reads it
    request.POST  # noqa: B018 - reading it parses the form
    boundary = (request.content_params or {}).get("boundary", "").encode("ascii", "replace")
    if not body.end.rstrip().endswith(b"--" + boundary + b"--"):
        raise RequestRefused(BROKEN_OFF)
    return body.length


def reason_for(error: Exception | None) -> tuple[str | LazyText, int]:
    """Return why a request is refused, in words, and the HTTP status; no words where there are none but the usual."""
    if isinstance(error, RequestRefused):
        return error.words, error.status
    if isinstance(error, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
        words = _("That is too much text at once: at most %(most)d MB, files not counted. Nothing was done.")
        return words % {"most": most}, 413
    if isinstance(error, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return _("Those are too many fields at once: at most %(most)d. Nothing was done.") % {"most": most}, 400
    if isinstance(error, TooManyFilesSent):
        most = settings.EVIDENCE_MAX_FILES
        return _("Those are too many files: at most %(most)d at a time. Nothing was done.") % {"most": most}, 400
    return BROKEN_OFF if isinstance(error, MultiPartParserError) else "", 400
