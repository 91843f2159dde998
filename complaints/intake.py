"""Receive: every complaint enters here, whatever the channel ("受理")."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Person, Team
from complaints import conversation, events, evidence, gates, routing, tokens
from complaints.actors import Actor
from complaints.choices import Kind, Severity
from complaints.errors import GateRefused
from complaints.evidence import Incoming
from complaints.locking import lock
from complaints.models import Complaint, Customer, Message, ReferenceCounter
from complaints.phones import phone_key
from complaints.texts import clean_line, clean_text, subject_from


@dataclass
class Intake:
    """What is known when a complaint arrives. Texts may be raw; moments are aware."""

    narrative: str
    channel: str
    team: Team
    site: Team | None = None
    subject: str = ""
    kind: str = Kind.COMPLAINT
    severity: str = Severity.NORMAL
    desired_outcome: str = ""
    occurred_at: datetime | None = None
    place: str = ""
    category: object | None = None
    name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    call_hours: str = ""
    language: str = "zh-hans"
    customer: Customer | None = None
    wishes_no_contact: bool = False
    named_people: list[Person] = field(default_factory=list)
    submission_key: str | None = None
    source: dict = field(default_factory=dict)


class _LogStep:
    """The gate of "log" reads the complaint alone."""

    data: dict = {}
    roles: frozenset = frozenset()


def log(given: Intake, *, actor: Actor, at: datetime) -> Complaint:
    """Log a complaint and return it, its reference given and its link made.

    The same `submission_key` twice returns the complaint of the first time (double click, resend).
    Raises GateRefused with every missing item. Promises, acknowledgement and notices are made by
    the receivers of the event, in the same transaction.
    """
    try:
        with transaction.atomic():
            return _log(given, actor, at)
    except IntegrityError:
        first = Complaint.objects.filter(submission_key=given.submission_key).first() if given.submission_key else None
        if first is None:
            raise
        return first


def _log(given: Intake, actor: Actor, at: datetime) -> Complaint:
    if given.submission_key:
        first = Complaint.objects.filter(submission_key=given.submission_key).first()
        if first is not None:
            return first
    complaint = build(given, received_at=at, created_at=at, logged_by=actor.person)
    missing = list(gates.log(complaint, _LogStep()))
    if missing:
        raise GateRefused(missing)
    if complaint.customer is not None and complaint.customer.pk is None:
        complaint.customer.save()
    complaint.reference = next_references(at, 1)[0]
    complaint.save(force_insert=True)
    if given.named_people:
        complaint.named_people.set(given.named_people)
    said = {"channel": complaint.channel, "severity": complaint.severity}
    events.record(complaint, "logged", actor=actor, at=at, data=said, public=True)
    return complaint


def tell_again(
    complaint_id: int,
    *,
    body: str,
    channel: str,
    phone_key: str,
    actor: Actor,
    at: datetime,
    named: Collection[int] = (),
    is_danger: bool = False,
    files: Iterable[Incoming] = (),
    submission_key: str | None = None,
) -> Message:
    """The customer of a complaint that is logged already tells it again: their words and files go into it.

    It counts as a reminder where such a message does. What has become a danger is made one, so that the supervisor
    hears of it as of a new one. The same `submission_key` twice returns the first message, which may be another text.
    Raises GateRefused (gates.tell_again), NotPermitted, NotAllowedNow (archived), CouldNotStore.
    """
    with transaction.atomic():
        missing = list(gates.tell_again(lock(complaint_id), phone_key=phone_key, named=named))
        if missing:
            raise GateRefused(missing)
        message = conversation.say(
            complaint_id,
            kind=Message.Kind.INBOUND,
            body=body,
            actor=actor,
            at=at,
            channel=channel,
            submission_key=submission_key,
        )
        if (message.complaint_id, message.body) == (complaint_id, clean_text(body)):
            if is_danger:
                reason = _("The customer says that somebody could get hurt.")
                routing.change_severity(complaint_id, severity=Severity.DANGER, reason=reason, actor=actor, at=at)
            evidence.attach(message.complaint, files, actor=actor, at=at, message=message, public=True)
    return message


def build(given: Intake, *, received_at: datetime, created_at: datetime, logged_by: Person | None) -> Complaint:
    """Return an unsaved complaint with its (possibly unsaved) customer and a fresh link, no reference yet."""
    narrative = clean_text(given.narrative)
    token = tokens.new_token()
    return Complaint(
        token_hash=tokens.token_hash(token),
        token_sealed=tokens.seal(token),
        kind=given.kind,
        channel=given.channel,
        language=given.language,
        customer=given.customer or _customer(given, created_at),
        wishes_no_contact=given.wishes_no_contact,
        subject=clean_line(given.subject)[:200] or subject_from(narrative),
        narrative=narrative,
        desired_outcome=clean_line(given.desired_outcome),
        occurred_at=given.occurred_at,
        place=clean_line(given.place),
        site=given.site,
        category=given.category,
        severity=given.severity,
        team=given.team,
        logged_by=logged_by,
        received_at=received_at,
        created_at=created_at,
        submission_key=given.submission_key or None,
        source=given.source,
    )


def _customer(given: Intake, at: datetime) -> Customer | None:
    """The customer known by this phone (and name, where one is given), or a new one; None without any trace."""
    name, phone, email = clean_line(given.name), clean_line(given.phone), given.email.strip()
    if not (name or phone or email):
        return None
    known = find_customer(name=name, phone=phone, email=email)
    if known is not None:
        return known
    return Customer(
        name=name,
        title=given.title,
        phone=phone,
        phone_key=phone_key(phone),
        email=email,
        language=given.language,
        call_hours=clean_line(given.call_hours),
        created_at=at,
    )


def find_customer(*, name: str, phone: str, email: str) -> Customer | None:
    """Return the customer with this phone (first key) or e-mail whose name does not contradict."""
    key = phone_key(phone) if phone else ""
    if key:
        matches = Customer.objects.filter(phone_key=key)
    elif email:
        matches = Customer.objects.filter(email__iexact=email)
    else:
        return None
    if name:
        matches = matches.filter(name__iexact=name)
    if email and key:
        matches = matches.filter(email__iexact=email)
    return matches.order_by("id").first()


def next_references(at: datetime, count: int) -> list[str]:
    """Return the next `count` references of the year of `at` (organisation's time zone).

    The counter's row lock serialises those who log at the same moment; a rolled-back log gives its number back.
    """
    year = at.astimezone(ZoneInfo(settings.TIME_ZONE)).year
    ReferenceCounter.objects.bulk_create([ReferenceCounter(year=year)], ignore_conflicts=True)
    ReferenceCounter.objects.filter(year=year).update(last=F("last") + count)
    last = ReferenceCounter.objects.values_list("last", flat=True).get(year=year)
    return [f"C-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
