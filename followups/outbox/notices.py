"""Who is told what: notice rows, written in the transaction that causes them, one for each key for ever.

Nothing here talks to a mail server; followups.delivery.delivery does, after commit. What people of the desk are told
stands under their bell as well (followups.notices.bell); whether and when it is mailed they choose. A notice holds
facts (ids, moments); its words are made when it is sent, in the recipient's language (followups.notices.mails).
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Person
from accounts.worktime.calendars import CalendarBook
from accounts.worktime.working_time import CalendarError
from complaints.case import kinds
from complaints.case.event_kinds import EventKind
from complaints.choices import Channel, Severity, Way
from complaints.db.inserting import insert
from complaints.models import Complaint, ComplaintEvent
from complaints.ways import way_to
from followups.models import Notice
from followups.outbox import sms_ready
from followups.policies import telling_calls

ACKNOWLEDGED = "customer_acknowledged"
# The daily summary comes at this hour of the person's day, or when their team next opens.
DIGEST_HOUR = 8
# Mailed at once, whatever the reader chose: a supervisor must sign, or nobody is there who could.
URGENT = {"escalated", "nobody_there"}


def tell_person(
    person: Person, event: str, *, complaint: Complaint, key: str, data: dict[str, Any], at: datetime
) -> bool:
    """Write one notice to a person of the desk; returns whether it is one who can still sign in.

    `key` names the occasion; the person is added to it. It stands under their bell at once. A mail of its own
    waits, outside working hours, for the next opening of the complaint's team, except for danger to people.
    """
    return bool(store([for_person(person, event, complaint=complaint, key=key, data=data, at=at, book=None)]))


def for_person(
    person: Person,
    event: str,
    *,
    complaint: Complaint,
    key: str,
    data: dict[str, Any],
    at: datetime,
    book: CalendarBook | None,
) -> Notice | None:
    """The notice that tell_person() writes, unsaved; None for people who left. `book` may be shared by many."""
    if not person.is_active:
        return None
    state, ready = _way_to(person, event, complaint, at, book)
    return Notice(
        key=f"{key}:person:{person.pk}",
        person=person,
        address=person.email,
        language=person.language,
        state=state,
        not_before=ready,
        **_told(complaint, event, data, at),
    )


def _way_to(
    person: Person, event: str, complaint: Complaint, at: datetime, book: CalendarBook | None
) -> tuple[str, datetime]:
    """In which state a notice to `person` begins, and from when on it may be mailed; no query but for the hours.

    Danger to people and what a supervisor must sign for are mailed at once, whatever the person chose.
    """
    urgent = event in URGENT or complaint.severity == Severity.DANGER
    if not person.email or (person.notify_by_mail == Person.Mail.URGENT and not urgent):
        return Notice.State.SHOWN, at
    book = book or CalendarBook(around=at)
    if person.notify_by_mail == Person.Mail.DAILY and not urgent:
        return Notice.State.GATHERED, not_before(complaint, next_digest_at(person, at), book)
    return Notice.State.QUEUED, not_before(complaint, at, book)


def next_digest_at(person: Person, at: datetime) -> datetime:
    """The first moment after `at` (aware) at which the daily summary of `person` is due, in their time zone."""
    local = at.astimezone(person.zone)
    due = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if due <= local:
        due += timedelta(days=1)
    return due.astimezone(UTC)


def tell_customer(
    complaint: Complaint,
    event: str,
    *,
    key: str,
    data: dict[str, Any],
    at: datetime,
    asked_for: bool = False,
    without: Collection[Way] = (),
) -> bool:
    """Write one notice to the customer of a (locked) complaint; returns whether there is anybody to tell.

    It is sent by the customer's way, or by the next that works, `without` those that failed; where none does it
    becomes a call to make, with a date. Nothing goes to customers who wish no contact, nor about an imported case
    before somebody works on it, nor by itself about a latent complaint of which the customer knows nothing; but what
    they asked for themselves does.
    """
    quiet = set() if asked_for else untouched([complaint])
    more: dict[str, Any] = {"quiet": quiet, "asked_for": asked_for, "without": without}
    told = store([for_customer(complaint, event, key=key, data=data, at=at, **more)])
    telling_calls.owe(complaint, told, at=at)
    return bool(told)


def for_customer(
    complaint: Complaint,
    event: str,
    *,
    key: str,
    data: dict[str, Any],
    at: datetime,
    quiet: set[int],
    asked_for: bool = False,
    without: Collection[Way] = (),
) -> Notice | None:
    """The notice that tell_customer() writes, unsaved, or None. `quiet` holds ids from untouched().

    Where its state is TO_SAY the caller owes a call for it (telling_calls).
    """
    customer = complaint.customer
    if customer is None or not customer.can_be_reached or complaint.pk in quiet:
        return None
    if complaint.wishes_no_contact and not asked_for:
        return None
    if not kinds.knows_of_it(complaint):
        return None
    way = way_of(complaint, event, at=at, without=without)
    if event == ACKNOWLEDGED and complaint.channel == Channel.WEB and way["channel"] == Notice.Channel.CALL:
        # Reference, link and date stood on the page on which the form ended: nobody has to call for that.
        return None
    return Notice(
        key=f"{key}:customer",
        to_customer=True,
        language=complaint.language,
        **way,
        **_told(complaint, event, data, at),
    )


def way_of(complaint: Complaint, event: str, *, at: datetime, without: Collection[Way] = ()) -> dict[str, Any]:
    """By which way a notice goes to the customer of `complaint` now, in which state, and from when on."""
    customer = complaint.customer
    assert customer is not None
    way = way_to(customer, without=without)
    if way == Way.SMS and not sms_ready.can_say(event, complaint.language):
        way = way_to(customer, without={*without, Way.SMS})
    if way == Way.SMS:
        later = sms_ready.waits_until(event, complaint, at)
        return _by(Notice.Channel.SMS, Notice.State.QUEUED, customer.sms_number, later or at)
    if way == Way.EMAIL:
        return _by(Notice.Channel.EMAIL, Notice.State.QUEUED, customer.email, at)
    return _by(Notice.Channel.CALL, Notice.State.TO_SAY, customer.phone, at)


def is_written(complaint: Complaint, event: str, *, at: datetime) -> bool:
    """Whether a notice would go out as a message: what nobody should be called for alone is told so or not at all."""
    return complaint.customer is not None and way_of(complaint, event, at=at)["channel"] != Notice.Channel.CALL


def _by(channel: str, state: str, address: str, not_before: datetime) -> dict[str, Any]:
    return {"channel": channel, "state": state, "address": address, "not_before": not_before}


def _told(complaint: Complaint, event: str, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What a notice says, whoever reads it."""
    return {"complaint": complaint, "event": event, "data": data, "created_at": at}


def store(notices: Iterable[Notice | None]) -> list[Notice]:
    """Write the notices, those that exist already left as they are. Returns those that are no None."""
    told = [notice for notice in notices if notice is not None]
    if told:
        insert(told, ignore_conflicts=True)
    return told


def untouched(complaints: Iterable[Complaint]) -> set[int]:
    """The ids of imported complaints on which no person has worked yet. What somebody logged was not imported."""
    others = [complaint.pk for complaint in complaints if complaint.logged_by_id is None]
    if not others:
        return set()
    begun = ComplaintEvent.objects.filter(complaint__in=others)
    imported = set(begun.filter(number=1, kind=EventKind.IMPORTED).values_list("complaint_id", flat=True))
    if not imported:
        return imported
    worked_on = begun.filter(complaint__in=imported, actor_kind=ComplaintEvent.ActorKind.PERSON)
    return imported - set(worked_on.values_list("complaint_id", flat=True))


def not_before(complaint: Complaint, at: datetime, book: CalendarBook) -> datetime:
    """When a person of the desk may be told: at once in working hours or for danger, else at the next opening."""
    if complaint.severity == Severity.DANGER:
        return at
    try:
        return book.of(complaint.team).next_opening(at)
    except CalendarError:
        # A calendar with no opening in sight must not silence anybody.
        return at
