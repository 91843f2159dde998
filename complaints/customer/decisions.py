"""What the customer decides on their page at any time: how we reach them, whether we go on, and who looks at it.

Each is done once, however often its form is sent. Every verb takes the complaint's id, the cleaned values of its form
and the moment, and raises Refused with words for the customer.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events
from complaints.case.actors import CUSTOMER
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.choices import Outcome, Severity
from complaints.errors import NotAllowedNow
from complaints.models import Complaint, ComplaintEvent
from complaints.steps import facts, lifecycle
from complaints.steps.facts_gate import BEFORE_RESULT
from complaints.texts import clean_text

# A supervisor who was asked has to have the time to answer.
ASKED_AGAIN_AFTER = timedelta(days=1)


def may_take_back(complaint: Complaint) -> bool:
    """Before a result is told; where people may be in danger we go on whatever the customer wants."""
    return complaint.status in BEFORE_RESULT and complaint.severity != Severity.DANGER


def take_back(complaint_id: int, data: dict, *, at: datetime):
    """The customer takes the complaint back: it is closed as withdrawn, and can be opened again within the window.

    Raises NotAllowedNow once a result is told, and where people may be in danger.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        if complaint.outcome == Outcome.WITHDRAWN and complaint.is_archived:
            return
        if not may_take_back(complaint):
            raise NotAllowedNow(_("This cannot be taken back any more. Write to us what you want to add."))
        reason = clean_text(data["words"]) or _("The customer gave no reason.")
        said = {"outcome": Outcome.WITHDRAWN, "reason": reason}
        lifecycle.perform(complaint_id, "close_early", actor=CUSTOMER, at=at, data=said)


def may_ask_for_supervisor(complaint: Complaint) -> bool:
    """While it is worked on, or a result is to be judged; of a duplicate the original is what is worked on."""
    return not complaint.is_archived


def ask_for_supervisor(complaint_id: int, data: dict, *, at: datetime):
    """Somebody above has to look at it, and to sign for having done so (followups.receivers).

    Asked again within a day it is the same asking, if the words are the same. Raises NotAllowedNow when they are
    others, or the case is closed.
    """
    words = clean_text(data["words"])
    with transaction.atomic():
        complaint = lock(complaint_id)
        if not may_ask_for_supervisor(complaint):
            raise NotAllowedNow(_("This complaint is closed. If it is still a problem, tell us so below."))
        last = _last_asking(complaint)
        if last is not None and last.at > at - ASKED_AGAIN_AFTER:
            if last.data.get("words", "") == words:
                return
            raise NotAllowedNow(_("A supervisor has been told already. Write to us what you want to add."))
        said = {"words": words} if words else {}
        events.record(complaint, EventKind.SUPERVISOR_ASKED, actor=CUSTOMER, at=at, data=said, public=True)


def _last_asking(complaint: Complaint) -> ComplaintEvent | None:
    return complaint.events.filter(kind=EventKind.SUPERVISOR_ASKED).order_by("-number").first()


def may_set_call_hours(complaint: Complaint) -> bool:
    return complaint.customer is not None and bool(complaint.customer.phone)


def set_call_hours(complaint_id: int, data: dict, *, at: datetime):
    """When to call, in the customer's words; calls that are planned follow them as far as they are understood."""
    _set(complaint_id, "call_hours", data["call_hours"], at)


def set_language(complaint_id: int, data: dict, *, at: datetime):
    """The language of the page and of every message from now on."""
    _set(complaint_id, "language", data["language"], at)


def may_stop_contact(complaint: Complaint) -> bool:
    can_be_reached = complaint.customer is not None and complaint.customer.can_be_reached
    return can_be_reached and not complaint.wishes_no_contact


def stop_contact(complaint_id: int, _data: dict, *, at: datetime):
    """No message and no call any more; the page says everything, and what was promised for it stands."""
    _set(complaint_id, "wishes_no_contact", True, at)


def may_begin_contact(complaint: Complaint) -> bool:
    can_be_reached = complaint.customer is not None and complaint.customer.can_be_reached
    return can_be_reached and complaint.wishes_no_contact


def begin_contact(complaint_id: int, _data: dict, *, at: datetime):
    """They thought better of it."""
    _set(complaint_id, "wishes_no_contact", False, at)


def _set(complaint_id: int, name: str, value: object, at: datetime):
    """Write a fact that is the customer's own to say, unless it stands there already."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        if complaint.customer is not None:
            # Whoever was waited for may have written it: beside a row that was waited for the old one is read.
            complaint.customer.refresh_from_db()
        if facts.values_of(complaint)[name] != value:
            facts.correct_on(complaint, {name: value}, actor=CUSTOMER, at=at)
