import re

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.utils import timezone, translation


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


class DraftAccepted:
    """Tells the browser which draft it may forget: that of the form which was just accepted.

    Accepted is a form that a signed-in person posted and that was answered by leading on; refusals are answered
    with the page, and who is not signed in (any more) is led to the sign-in page and keeps the text.
    """

    COOKIE = "draft_accepted"
    NAME = re.compile(r"[\w.:-]{1,120}", re.ASCII)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == 302 and request.user.is_authenticated:
            name = request.POST.get("draft", "")
            if self.NAME.fullmatch(name):
                # Read by static/js/drafts.js; it opens nothing.
                response.set_cookie(
                    self.COOKIE, name, max_age=600, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
                )
        return response
