"""What makes every notice to a customer happen, by the verbs that people use, and the ways that customers have."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Severity, Status
from complaints.conversation import messages
from complaints.customer import new_links
from complaints.models import Complaint
from complaints.steps import assignment, lifecycle, options, verification
from followups.engine import sweep
from followups.models import Notice, Promise
from followups.promises import promises
from tests.cases import assignment_data, at_stage, logged
from tests.complaints.steps import appealed
from tests.followups.due import make_due

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Notice.State
SURE = frozenset({"record", "hours", "authority"})
PHONE, EMAIL = "139 0000 4417", "wang@customer.example"

MAIL, BOUNCES, ONLY_MAIL, ONLY_PHONE, NO_CONTACT = "mail", "bounces", "bounces, no phone", "phone only", "no contact"
WAYS = {
    MAIL: {"phone": PHONE, "email": EMAIL},
    BOUNCES: {"phone": PHONE, "email": EMAIL},
    ONLY_MAIL: {"phone": "", "email": EMAIL},
    ONLY_PHONE: {"phone": PHONE, "email": ""},
    NO_CONTACT: {"phone": "", "email": "", "wishes_no_contact": True},
}


def acknowledged(cast, at, **given) -> Complaint:
    return logged(cast, at, **given)


def message(cast, at, **given) -> Complaint:
    complaint = logged(cast, at, **given)
    if not complaint.wishes_no_contact:
        write = {"kind": "public", "body": "We look at it on Thursday."}
        messages.say(complaint.pk, **write, actor=Actor.staff(cast.handler), at=at + MINUTE)
    return complaint


def promised(cast, at, **given) -> tuple[Complaint, Promise]:
    complaint = at_stage(cast, Status.ASSIGNED, at, **given)
    said = {"kind": "visit", "words": "The technician comes", "due_at": at + 3 * DAY, "confirmed": SURE}
    return complaint, promises.make(complaint.pk, **said, actor=Actor.staff(cast.supervisor), at=at + 10 * MINUTE)


def promise_broken(cast, at, **given) -> Complaint:
    complaint, promise = promised(cast, at, **given)
    make_due(promise)
    sweep.enforce_batch()
    return complaint


def promise_moved(cast, at, **given) -> Complaint:
    complaint, promise = promised(cast, at, **given)
    moved = {"due_at": at + 5 * DAY, "reason": "The part is late", "confirmed": SURE}
    promises.move(promise.pk, **moved, actor=Actor.staff(cast.supervisor), at=at + 11 * MINUTE)
    return complaint


def promise_withdrawn(cast, at, **given) -> Complaint:
    complaint, promise = promised(cast, at, **given)
    actor = Actor.staff(cast.supervisor)
    promises.withdraw(promise.pk, reason="You asked us not to", actor=actor, at=at + 11 * MINUTE)
    return complaint


def dates_changed(cast, at, **given) -> Complaint:
    complaint = logged(cast, at, **given)
    graver = {"severity": Severity.URGENT, "reason": "It smells of fuel"}
    assignment.change_severity(complaint.pk, **graver, actor=Actor.staff(cast.handler), at=at + MINUTE)
    return complaint


def reopened(cast, at, **given) -> Complaint:
    complaint = at_stage(cast, Status.RESOLVED, at, **given)
    said = {"solved": False, "rating": 1}
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR, data=said)
    return complaint


def resolved(cast, at, **given) -> Complaint:
    return at_stage(cast, Status.RESOLVED, at, **given)


def offered(cast, at, **given) -> Complaint:
    complaint = at_stage(cast, Status.ASSIGNED, at, **given)
    offer = {"words": "Money back", "amount": Decimal(0)}
    options.offer(complaint.pk, **offer, actor=Actor.staff(cast.handler), at=at + 10 * MINUTE)
    return complaint


def asked_to_confirm(cast, at, **given) -> Complaint:
    complaint = logged(cast, at, **given)
    words = {"restatement": "Pump 4 shows too much.", "confirmed_how": "link"}
    verification.save_progress(complaint.pk, actor=Actor.staff(cast.handler), at=at + MINUTE, data=words)
    return complaint


def closed(cast, at, **given) -> Complaint:
    complaint = logged(cast, at, **given)
    said = {"outcome": "withdrawn", "reason": "You said that the pump is right after all."}
    actor = Actor.staff(cast.handler)
    lifecycle.perform(complaint.pk, "close_early", actor=actor, at=at + MINUTE, data=said)
    return complaint


def handled(cast, at, **given) -> Complaint:
    complaint = at_stage(cast, Status.VERIFIED, at, **given)
    # As grave as it was: otherwise the message about the new dates says who looks after it.
    chosen = assignment_data(cast) | {"severity": complaint.severity}
    actor = Actor.staff(cast.supervisor)
    lifecycle.perform(complaint.pk, "assign", actor=actor, at=at + 10 * MINUTE, data=chosen)
    return complaint


def promise_made(cast, at, **given) -> Complaint:
    return promised(cast, at, **given)[0]


def archived(cast, at, **given) -> Complaint:
    return at_stage(cast, Status.ARCHIVED, at, **given)


def link_issued(cast, at, **given) -> Complaint:
    complaint = logged(cast, at, **given)
    actor = Actor.staff(cast.handler)
    new_links.issue(complaint.pk, seen=new_links.mark_of(complaint), actor=actor, at=at + MINUTE)
    return complaint


def appealed_just_now(cast, at, **given) -> Complaint:
    return appealed.made(cast, at - HOUR, **given).complaint


def appeal_reviewed(cast, at, **given) -> Complaint:
    return appealed.reviewed(cast, at - 2 * HOUR, **given).complaint


def appeal_decided(cast, at, **given) -> Complaint:
    return appealed.decided(cast, at - 3 * HOUR, **given).complaint


# What makes each of them happen.
CAUSES: dict[str, Callable[..., Complaint]] = {
    "customer_acknowledged": acknowledged,
    "customer_message": message,
    "customer_promise_broken": promise_broken,
    "customer_promise_moved": promise_moved,
    "customer_promise_withdrawn": promise_withdrawn,
    "customer_dates_changed": dates_changed,
    "customer_reopened": reopened,
    "customer_resolved": resolved,
    "customer_options": offered,
    "customer_confirm": asked_to_confirm,
    "customer_closed": closed,
    "customer_handler": handled,
    "customer_promised": promise_made,
    "customer_archived": archived,
    "customer_link": link_issued,
    "customer_appeal_received": appealed_just_now,
    "customer_appeal_review": appeal_reviewed,
    "customer_appeal_decided": appeal_decided,
}


def caused(event: str, way: str, cast, at, **more) -> Complaint:
    complaint = CAUSES[event](cast, at, **WAYS[way], **more)
    return Complaint.objects.get(pk=complaint.pk)


def notice_of(complaint, event) -> Notice:
    return Notice.objects.filter(complaint=complaint, event=event, to_customer=True).earliest("pk")
