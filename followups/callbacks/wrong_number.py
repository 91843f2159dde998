"""A number that is wrong is not called again: another one takes its place, or the calls end and it goes on in writing.

Imported by followups.callbacks.callbacks, which records the attempt and ends its promise.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from complaints.case.actors import Actor
from complaints.errors import ChangedMeanwhile, GateRefused, Missing
from complaints.models import Complaint
from complaints.phones import phone_key
from complaints.steps import facts
from complaints.texts import read_line
from followups.callbacks.call_hours import Wish
from followups.callbacks.call_times import first_call
from followups.models.promise import PromiseKind
from followups.promises import promises
from followups.promises.moments import zone_of

# Who has just given us another number may be called there soon.
SOON_HOURS = 1
# By when a letter is written to a customer without a working number and address.
LETTER_HOURS = 72


def refuse_unasked(complaint: Complaint, phone: str | None) -> str:
    """Return the other number, cleaned, "" where there is none. Raises GateRefused when it was not asked for (None),
    cannot be called, or is the wrong one again."""
    if phone is None:
        raise _refused(_("Write another number, or say that there is none"))
    phone = read_line(phone, facts.OF_CUSTOMER["phone"])
    if phone and phone_key(phone) == _known(complaint):
        raise _refused(_("This is the number that is wrong"))
    if phone and not phone_key(phone):
        raise _refused(_("There is no digit in this phone number."))
    return phone


def refuse_another(complaint: Complaint, phone: str | None):
    """Raises ChangedMeanwhile where the same attempt comes with another number than what was noted with it."""
    if phone is not None and phone_key(phone) != _known(complaint):
        raise ChangedMeanwhile(complaint.version)


def _known(complaint: Complaint) -> str:
    """The key of the number that the case holds."""
    return complaint.customer.phone_key if complaint.customer is not None else ""


def next_try(complaint: Complaint, *, at: datetime, wish: Wish | None) -> datetime:
    """When to call the other number (UTC): soon, by day, in the hours wished for."""
    return first_call(at, hours=SOON_HOURS, zone=zone_of(complaint), wish=wish)


def correct(complaint: Complaint, phone: str, *, actor: Actor, at: datetime):
    """The (locked) case holds the other number from now on; without one, none: whose the wrong one is, is not ours."""
    facts.correct_on(complaint, {"phone": phone}, actor=actor, at=at)


def go_on_in_writing(complaint: Complaint, *, actor: Actor, at: datetime) -> bool:
    """Owe a letter where no address is known either; returns whether one is owed. By e-mail the desk writes itself."""
    if complaint.customer is not None and complaint.customer.email:
        return False
    due = first_call(at, hours=LETTER_HOURS, zone=zone_of(complaint))
    words = _("Write a letter: ask whether it is solved, and for a number or an address")
    promises.add(complaint, kind=PromiseKind.CALLBACK, words=words, due_at=due, actor=actor, at=at, to_customer=False)
    return True


def _refused(words: str) -> GateRefused:
    return GateRefused([Missing("phone", words, hard=True)])
