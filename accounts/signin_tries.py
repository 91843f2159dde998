"""How often somebody may try to sign in.

Counted is the person who was found, whatever was typed to find them, and the network it came from; nothing else that
a request says. Wrong tries of strangers must not keep the right person out: a browser in which they signed in before
(a signed cookie, after OWASP's "device cookies") is counted by itself, and a new password begins a new count.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Person
from accounts.organisation import same_name
from accounts.throttle import Limit, allow, client_network, give_back

# A whole site shares one address.
FROM_A_NETWORK: Limit = {"limit": 30, "seconds": 60}
# For one person from one network, or in one browser that knows them.
FROM_HERE: Limit = {"limit": 5, "seconds": 300}
# For one person from everywhere, browsers that know them left out: 720 guesses a day, among passwords of ten and more.
FROM_EVERYWHERE: Limit = {"limit": 30, "seconds": 3600}

COOKIE = "__Host-known" if settings.SECURE else "known"
COOKIE_AGE_S = 180 * 24 * 3600
# A browser at a counter that all of a site sign in with.
MOST_KNOWN = 30


class Attempt:
    """One try, counted when it is made."""

    def __init__(self, request: HttpRequest, login: str):
        """Count the try of `login` (as typed). `is_too_many` may be said; `is_refused` may not (see below)."""
        self.counted: list[tuple[str, str]] = []
        network = client_network(request)
        if not self._count("sign-in from", network, FROM_A_NETWORK):
            self.is_too_many = self.is_refused = True
            return
        person = Person.objects.called(login)
        device, known = known_people(request)
        is_known = person is not None and person.pk in known
        place = f"device {device}" if is_known else f"network {network}"
        # With another password it is another question, and counted anew.
        secret = person.password if person is not None else ""
        by_name = self._count_both(f"name {same_name(login)} {secret}", place, is_known)
        by_person = person is None or self._count_both(f"person {person.pk} {secret}", place, is_known)
        self.is_too_many = not by_name
        # Tries of somebody's other name count as well, but saying so would tell that both names are one person's.
        self.is_refused = not (by_name and by_person)

    def give_back(self):
        """It was the right password: nothing was tried."""
        for what, who in self.counted:
            give_back(what, who)

    def _count_both(self, who: str, place: str, is_known: bool) -> bool:
        """A try too many from here is not held against the person everywhere."""
        return self._count("sign-in here", f"{who} {place}", FROM_HERE) and (
            is_known or self._count("sign-in", who, FROM_EVERYWHERE)
        )

    def _count(self, what: str, who: str, limit: Limit) -> bool:
        self.counted.append((what, who))
        return allow(what, who, **limit)


def known_people(request: HttpRequest) -> tuple[str, list[int]]:
    """The name of the browser and the ids of who signed in with it before; a new name and nobody otherwise."""
    said = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_AGE_S) or ""
    device, _colon, people = said.partition(":")
    return device or secrets.token_urlsafe(12), [int(pk) for pk in people.split(".") if pk]


def remember(request: HttpRequest, response: HttpResponse, person: Person):
    """Let the browser know that `person` signed in with it. The cookie opens nothing."""
    device, known = known_people(request)
    people = [person.pk, *(pk for pk in known if pk != person.pk)][:MOST_KNOWN]
    response.set_signed_cookie(
        COOKIE,
        f"{device}:{'.'.join(map(str, people))}",
        salt=COOKIE,
        max_age=COOKIE_AGE_S,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
