import re
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation

from accounts.kept import kept_texts

DRAFT_NAME = re.compile(r"[\w.:-]{1,120}", re.ASCII)


class SignInRequired(LoginRequiredMiddleware):
    """Leads to the sign-in page; whose session ended while they wrote gets their words back first, to copy."""

    def handle_no_permission(self, request, view_func):
        """Answer somebody who is not signed in. Scripts (htmx) keep the page, and with it the form."""
        texts = [] if request.headers.get("HX-Request") else kept_texts(request)
        if not texts:
            return super().handle_no_permission(request, view_func)
        sign_in = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}"
        context = {"kept_texts": texts, "sign_in": sign_in}
        return render(request, "errors/signed_out.html", context, status=403)


class PersonLocaleMiddleware:
    """Answers signed-in people in their language and time zone.

    For everybody else the language is LocaleMiddleware's choice and the zone is settings.TIME_ZONE.
    What was active before is active again afterwards: the thread serves somebody else next.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # From here on the person, not a wrapper round them: pages look at them hundreds of times.
        person = request.user = get_user(request)
        if not person.is_authenticated:
            return self.get_response(request)
        language = person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(person.zone):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        # LocaleMiddleware would name the language it chose itself.
        response.headers.setdefault("Content-Language", language)
        return response


class KeptByNoCache:
    """Lets no browser or proxy keep what a signed-in person was shown: not on the disk of a shared computer, and not
    for "Back" after somebody signed out. What says itself how it may be kept is left alone.

    `no-store`, not only `no-cache`: browsers show a page from memory on "Back" without asking, unless it says so.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if signed_in or request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class DraftAccepted:
    """Tells the browser which draft it may forget: that of the form which was just accepted.

    Accepted is a form that a signed-in person posted and that was answered by leading on; refusals are answered
    with the page, and who is not signed in (any more) is led to the sign-in page and keeps the text.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == 302 and request.user.is_authenticated:
            forget_draft(response, request.POST.get("draft", ""))
        return response


def forget_draft(response: HttpResponse, name: str):
    """Tell the browser that the draft called `name` was accepted; what cannot be the name of one says nothing."""
    if DRAFT_NAME.fullmatch(name):
        # Read by static/js/drafts.js; it opens nothing.
        response.set_cookie("draft_accepted", name, max_age=600, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
