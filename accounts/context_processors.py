"""What every template may use: theme, organisation, navigation, the moment of the page."""

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.access import has_role, may_administer, may_log, reach_of
from accounts.models import Person, Role, Team
from ui.caches import remembered


def desk(request):
    """Return theme ("" follows the device), languages, now, and two parts read only when printed.

    `organisation` is the top team (label, phone, hours_label) or None; `nav` says what the person
    may open. Pages for people who are not signed in cause no query here.
    """
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "theme": user.theme if signed_in else "",
        "languages": Person.Language.choices,
        "now": timezone.now(),
        "organisation": SimpleLazyObject(_organisation),
        "nav": SimpleLazyObject(lambda: _navigation(request, user if signed_in else None)),
    }


def _organisation() -> Team | None:
    return next(iter(Team.objects.raw(_top_team())), None)


@remembered(None)
def _top_team() -> str:
    """The query for the top team, written once: every page asks it, and writing takes longer than answering."""
    return str(Team.objects.filter(parent=None).order_by("pk")[:1].query)


def _navigation(request, person: Person | None) -> dict:
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    if person is None:
        return {"here": here}
    return {
        "here": here,
        "log": may_log(person),
        "board": has_role(person, Role.SUPERVISOR),
        # The administration's own pages ask both.
        "administers": person.is_staff and may_administer(person),
        "roles": [role.label for role in Role if role in reach_of(person).roles],
    }
