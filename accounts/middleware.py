import zoneinfo

from django.conf import settings
from django.utils import timezone, translation


class PersonLocaleMiddleware:
    """Answers signed-in people in their language and time zone.

    For everybody else the language is LocaleMiddleware's choice and the zone is settings.TIME_ZONE.
    What was active before is active again afterwards: the thread serves somebody else next.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        person = request.user
        if not person.is_authenticated:
            return self.get_response(request)
        language = person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(_zone(person.time_zone)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        # LocaleMiddleware would name the language it chose itself.
        response.headers.setdefault("Content-Language", language)
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone, or the desk's own when the tz database no longer knows the name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
