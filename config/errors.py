"""The pages behind a request that failed: named in urls.py (handler…) and in settings (CSRF_FAILURE_VIEW)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

WORTH_KEEPING = 30
# Fields that the page writes itself.
NOT_TYPED = {"csrfmiddlewaretoken", "submission_key", "draft", "next", "query", "filters"}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent cannot be read or stored."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may see this but not do it."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it does not exist, or the person may not know that it does; the page is the same."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without context processors, because the database may be what failed."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's protection failed (no cookie, an old page); the page says what to do.

    Longer texts that were typed are shown for copying: they would be lost with the form.
    """
    kept = [
        text
        for name, text in request.POST.items()
        if len(text) > WORTH_KEEPING and name not in NOT_TYPED and "password" not in name
    ]
    return render(request, "errors/csrf.html", {"kept_texts": kept}, status=403)
