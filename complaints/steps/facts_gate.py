"""What must be true of corrected facts (complaints.steps.facts): the same that logging asks, and who may name whom."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import Role, Team
from complaints.case import gates
from complaints.case.actors import Actor
from complaints.choices import LANGUAGES, Kind, Status, Way
from complaints.errors import Missing
from complaints.models import Complaint, Customer
from complaints.phones import phone_key

# What a correction may set these facts to.
KNOWN_VALUES = {
    # Praise is over when it is received: nothing that is worked on becomes it.
    "kind": [kind for kind in Kind.values if kind != Kind.PRAISE],
    "title": Customer.Title.values,
    "language": [key for key, _label in LANGUAGES],
    "way": ["", *Way.values],
}

# The kind is settled, and what was asked of it, once a result is told.
BEFORE_RESULT = (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED)
REACHING = frozenset({"phone", "email", "postal_address", "way", "wishes_no_contact", "kind"})


def correct(
    complaint: Complaint, changes: dict[str, Any], *, actor: Actor, roles: Collection[str], at: datetime
) -> Iterator[Missing]:
    """What stands against new facts (by field, complaints.steps.facts) of a complaint that holds the old ones still.

    As logging asks: a way to answer, or no contact. And nobody takes themselves out of a case by being named, or
    anybody else back into one without a supervisor.
    """
    if changes.keys() & REACHING:
        yield from gates.a_way_to_answer(_with(complaint, changes))
    if changes.get("phone") and not phone_key(changes["phone"]):
        yield Missing("phone", _("There is no digit in this phone number."), hard=True)
    if changes.get("email") and not _is_address(changes["email"]):
        yield Missing("email", _("Enter a valid email address."), hard=True)
    for name, known in KNOWN_VALUES.items():
        if name in changes and changes[name] not in known:
            yield Missing(name, _("Choose one of the list"), hard=True)
    if "kind" in changes and complaint.status not in BEFORE_RESULT:
        yield Missing("kind", _("The kind is settled once the result is told"), hard=True)
    if changes.get("occurred_at") and changes["occurred_at"] > at:
        yield Missing("occurred_at", _("It cannot have happened later than now"), hard=True)
    site = changes.get("site")
    if site is not None and not (site.active and site.kind in (Team.Kind.SITE, Team.Kind.DEPARTMENT)):
        yield Missing("site", _("Choose a site that is open"), hard=True)
    yield from _naming(complaint, changes.get("named_people", complaint.named_ids), actor, roles)


def _naming(complaint: Complaint, named: frozenset[int], actor: Actor, roles: Collection[str]) -> Iterator[Missing]:
    if actor.person is not None and actor.person.pk in named - complaint.named_ids:
        words = _("You cannot name yourself: tell your supervisor, who names you and gives the case to somebody else")
        yield Missing("named_people", words, hard=True)
    if complaint.named_ids - named and Role.SUPERVISOR not in roles:
        words = _("Whoever is not named any more can read the case again: only a supervisor takes a name out")
        yield Missing("named_people", words, hard=True)


def _with(complaint: Complaint, changes: dict[str, Any]) -> Complaint:
    """How the customer could be reached after the changes; unsaved."""
    known = complaint.customer or Customer()
    ways = ("phone", "email", "postal_address")
    return Complaint(
        kind=changes.get("kind", complaint.kind),
        wishes_no_contact=changes.get("wishes_no_contact", complaint.wishes_no_contact),
        customer=Customer(**{name: changes.get(name, getattr(known, name)) for name in ways}),
    )


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
