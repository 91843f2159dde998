"""Around every view: refuses forms that are not whole, and what PostgreSQL cannot store; and compresses pages."""

import codecs
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from config import bodies, errors

STRICT = "desk-strict-utf-8"


def _strict_codec(name: str) -> codecs.CodecInfo | None:
    """Return UTF-8 that fails on broken bytes, whatever the caller asks it to do with them."""
    if name.replace("_", "-") != STRICT:
        return None
    return codecs.CodecInfo(
        name=STRICT,
        encode=lambda text, errors="strict": codecs.utf_8_encode(text, "strict"),
        decode=lambda data, errors="strict": codecs.utf_8_decode(data, "strict", True),
    )


codecs.register(_strict_codec)


class CompressPages(GZipMiddleware):
    """Compresses HTML; files are compressed already, and are read in parts.

    What a compressed page weighs must not give away a secret in it (BREACH): the CSRF token is masked anew in every
    answer, Django pads the length at random, and SameSite cookies keep other sites from asking in somebody's name.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class RefuseUnstorableText:
    """Answers 400 to broken UTF-8 in a query or form and to NUL in a query or cookie, 404 to NUL in a path.

    A body that is no form, not all of one, or too much is refused too; see config.bodies.
    Django decodes broken bytes as Latin-1 or replaces them: what was typed would be stored damaged. NUL
    in a form field is left to the form, which answers beside the field and keeps the other texts; where
    no form looked, the database driver's refusal becomes the same 400 here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404
        # WSGI gives the query as Latin-1; a cookie can hold NUL as a quoted \000.
        query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
        if not is_clean(query) or any("\0" in value for value in request.COOKIES.values()):
            return errors.bad_request(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object = None, *_given: object) -> HttpResponse | None:
        """Look at a form's bytes. Django parses forms at this point anyway, for the CSRF token.

        A view that says `takes_json` reads its body by itself, and answers for what is in it.
        """
        if request.method != "POST" or getattr(view, "takes_json", False):
            return None
        try:
            readable = self._read(request)
        except bodies.REFUSALS as refused:
            request._mark_post_parse_error()  # type: ignore[attr-defined]  # as Django does itself
            return errors.bad_request(request, refused)
        return None if readable else errors.bad_request(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn the driver's refusal of a text into the 400 page; every other error goes its way."""
        refused = isinstance(error, UnicodeEncodeError) or (
            isinstance(error, ValueError) and "NUL (0x00)" in str(error)
        )
        return errors.bad_request(request) if refused else None

    def _read(self, request: HttpRequest) -> bool:
        """Read the form; whether its texts are UTF-8. Raises bodies.REFUSALS."""
        if request.content_type != bodies.MULTIPART:
            bodies.read_form(request)
            return is_clean(request.body, nul=True)
        declared = request.encoding
        if declared and declared.lower() not in ("utf-8", "utf8"):
            return False
        # Django's own streaming parser, with a codec that does not hide broken bytes.
        request._encoding = STRICT  # type: ignore[attr-defined]  # by `encoding` it would forget the form
        try:
            bodies.read_form(request)
        except UnicodeDecodeError:
            request._mark_post_parse_error()  # type: ignore[attr-defined]  # as Django does itself
            return False
        finally:
            request._encoding = declared  # type: ignore[attr-defined]  # the same
        return True


def is_clean(data: bytes, *, nul: bool = False) -> bool:
    """Say whether percent-encoded `data` is UTF-8 and has no NUL (unless `nul` is allowed)."""
    if b"%" not in data and b"\0" not in data and data.isascii():
        return True
    plain = unquote_to_bytes(data)
    try:
        plain.decode()
    except UnicodeDecodeError:
        return False
    return nul or b"\0" not in plain
