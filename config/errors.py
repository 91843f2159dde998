"""The pages behind a request that failed: named in urls.py (handler…) and in settings (CSRF_FAILURE_VIEW).

Whatever refuses a form, what was typed into it comes back with the answer, to be copied: the form is gone.
"""

import sys

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from accounts.kept import kept_texts
from config import busy
from config.bodies import reason_for


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read or stored, or the desk was asked by a name that is not its own.

    411, 413, 415: the body's length, its size, its kind.
    """
    if isinstance(exception, DisallowedHost):
        return render(request, "errors/host.html", {"address": settings.BASE_URL}, status=400)
    reason, status = reason_for(exception)
    return _page(request, "400.html", status, reason=reason)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may see this but not do it."""
    return _page(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it does not exist, or the person may not know that it does; the page is the same.

    Also for who sees a case no longer and had written to it: their own words come back, nothing of the case.
    """
    return _page(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without context processors, because the database may be what failed; 503 where it is busy."""
    error = sys.exc_info()[1]
    if error is not None and busy.is_busy(error):
        return busy.page(request, error)
    context = {"kept_texts": kept_texts(request)}
    return HttpResponse(loader.get_template("500.html").render(context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's protection failed (no cookie, an old page); the page says what to do."""
    return _page(request, "errors/csrf.html", 403)


def _page(request: HttpRequest, template: str, status: int, **context) -> HttpResponse:
    return render(request, template, {"kept_texts": kept_texts(request)} | context, status=status)
