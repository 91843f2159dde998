"""The way in to a customer's page: the address is the key.

Who has it may read and answer; nobody signs in. Unknown addresses get one answer, whatever is wrong with
them, and are counted.
"""

import functools
import re
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from accounts.kept import kept_texts
from accounts.models import DeskRules
from accounts.throttle import allow, client_network
from complaints.customer import fetch, links
from complaints.models import Complaint
from complaints.visibility import is_named_in

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def on_link(view):
    """Give `view` the complaint of the token in its address, with `complaint.token` set; else answer 404.

    A signed-in employee who is named in it gets the same answer as for no complaint at all.

    More than 20 wrong tokens a minute from one network answer 429. The language is the visitor's
    choice, else the complaint's.
    """

    @functools.wraps(view)
    def with_complaint(request: HttpRequest, token: str, **kwargs) -> HttpResponse:
        complaint = complaint_of(token)
        if complaint is None or is_named_in(request.user, complaint):
            return secluded(_nothing_here(request))
        try:
            with _language_for(request, complaint):
                response = view(request, complaint, **kwargs)
                response.headers.setdefault("Content-Language", translation.get_language())
        except Http404:
            context = {"kept_texts": kept_texts(request)}
            response = render(request, "complaints/customer/404.html", context, status=404)
        return secluded(response)

    return with_complaint


def complaint_of(token: str) -> Complaint | None:
    """Return the complaint behind the token, with all that its page needs.

    One look-up by hash whatever the token looks like, so that every wrong one takes the same time.
    """
    digest = links.token_hash(token if _TOKEN.fullmatch(token) else "")
    complaint = fetch.fetch(digest)
    if complaint is not None:
        complaint.token = token
    return complaint


def secluded(response: HttpResponse) -> HttpResponse:
    """Kept by no cache, found by no search engine, named in no Referer."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _nothing_here(request: HttpRequest) -> HttpResponse:
    """One answer for links that never were, are over, were replaced, or lead elsewhere: with the way to a new one."""
    kept: dict[str, Any] = {"kept_texts": kept_texts(request)}
    if allow("wrong link", client_network(request), limit=20, seconds=60):
        kept["days"] = DeskRules.current().link_days
        return render(request, "complaints/customer/no_link.html", kept, status=404)
    return render(request, "429.html", kept, status=429)


def _language_for(request: HttpRequest, complaint: Complaint):
    """What the visitor chose stays; the browser's own guess gives way to the complaint's language."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) in dict(settings.LANGUAGES)
    return nullcontext() if chosen or request.user.is_authenticated else translation.override(complaint.language)
