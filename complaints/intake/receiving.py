"""Receive: every complaint enters here, whatever the channel ("受理")."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Person, Team
from complaints.case import events, gates
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.once import digest_of, first_with
from complaints.choices import Kind, Outcome, Severity, Status
from complaints.conversation import messages
from complaints.customer import links
from complaints.db.inserting import insert
from complaints.errors import GateRefused
from complaints.evidence import attaching
from complaints.evidence.attaching import Incoming
from complaints.intake import gates as intake_gates
from complaints.intake.references import next_references
from complaints.models import Category, Complaint, Customer, Message
from complaints.models.complaint import NARRATIVE_LIMIT
from complaints.phones import phone_key
from complaints.steps import assignment
from complaints.texts import clean_line, read_line, read_text, subject_from


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
    category: Category | None = None
    name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    postal_address: str = ""
    way: str = ""
    call_hours: str = ""
    language: str = "zh-hans"
    # A contact that was made already (by an import); and the known customer whom somebody says it is.
    customer: Customer | None = None
    same_as: Customer | None = None
    wishes_no_contact: bool = False
    named_people: list[Person] = field(default_factory=list)
    submission_key: str | None = None
    source: dict = field(default_factory=dict)


def log(given: Intake, *, actor: Actor, at: datetime, files: Iterable[Incoming] = ()) -> Complaint:
    """Log a complaint with its files and return it, its reference given and its link made.

    The same `submission_key` with the same content twice returns the complaint of the first time (double click,
    resend). Raises once.SentBefore, CouldNotStore, texts.TooLong, GateRefused with every missing item. Promises,
    acknowledgement and notices are made by the receivers of the event, in the same transaction.
    """
    files = list(files)
    digest = digest_of("log", actor.person, given, files) if given.submission_key else ""
    try:
        # Nearly every key is new, and the index says so. Asking beforehand would cost every complaint a query.
        with transaction.atomic():
            return _log(given, digest, files, actor, at)
    except IntegrityError:
        first = first_with(given.submission_key, digest, Complaint)
        if first is None:
            raise
        return first


def _log(given: Intake, digest: str, files: list[Incoming], actor: Actor, at: datetime) -> Complaint:
    complaint = build(given, received_at=at, created_at=at, logged_by=actor.person)
    chosen = intake_gates.same_as(given.same_as, actor.person, phone=given.phone, name=given.name)
    missing = [*gates.log(complaint), *chosen]
    if missing:
        raise GateRefused(missing)
    if complaint.customer is not None and complaint.customer.pk is None:
        insert([complaint.customer])
        complaint.customer = complaint.customer  # which has its key now
    complaint.submission_digest = digest
    # Everybody who logs waits for the counter: files are on the disk before, rows follow after.
    with attaching.on_disk(files) as stored:
        complaint.reference = next_references(at, 1)[0]
        _store(complaint, given, stored, actor, at)
    return complaint


def _store(complaint: Complaint, given: Intake, files: list[Incoming], actor: Actor, at: datetime):
    said = {"channel": complaint.channel, "severity": complaint.severity}
    # Before the row is stored, so that it is stored with the head of its history.
    logged = events.build(complaint, EventKind.LOGGED, actor=actor, at=at, data=said, public=True)
    insert([complaint])
    if given.named_people:
        complaint.named_people.set(given.named_people)
    logged.complaint = complaint  # which has its key now
    events.append_many([logged])
    # What customers give with their own form they see on their page.
    attaching.attach(complaint, files, actor=actor, at=at, public=actor.is_customer)


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
    hears of it as of a new one. The same `submission_key` with the same content twice returns the first message.
    Raises once.SentBefore, GateRefused (gates.tell_again), NotPermitted, NotAllowedNow (archived) and
    CouldNotStore.
    """
    files = list(files)
    told = (complaint_id, actor.person, body, channel, phone_key, sorted(named), is_danger, files)
    digest = digest_of("tell again", *told) if submission_key else ""
    with transaction.atomic():
        missing = list(intake_gates.tell_again(lock(complaint_id), phone_key=phone_key, named=named))
        if missing:
            raise GateRefused(missing)
        first = first_with(submission_key, digest, Message)
        if first is not None:
            return first
        message = messages.say(
            complaint_id,
            kind=Message.Kind.INBOUND,
            body=body,
            actor=actor,
            at=at,
            channel=channel,
            submission_key=submission_key,
            digest=digest,
        )
        if is_danger:
            reason = _("The customer says that somebody could get hurt.")
            assignment.change_severity(complaint_id, severity=Severity.DANGER, reason=reason, actor=actor, at=at)
        attaching.attach(message.complaint, files, actor=actor, at=at, message=message, public=True)
    return message


def build(given: Intake, *, received_at: datetime, created_at: datetime, logged_by: Person | None) -> Complaint:
    """Return an unsaved complaint with its (possibly unsaved) customer and a fresh link, no reference yet.

    Praise is archived as it arrives.
    """
    narrative = read_text(given.narrative, NARRATIVE_LIMIT)
    token = links.new_token()
    # Where somebody could get hurt it is never only praise.
    is_praise = given.kind == Kind.PRAISE and given.severity != Severity.DANGER
    ended = {"status": Status.ARCHIVED, "outcome": Outcome.THANKED, "closed_at": received_at} if is_praise else {}
    return Complaint(
        token_hash=links.token_hash(token),
        token_sealed=links.seal(token),
        kind=Kind.COMPLAINT if given.kind == Kind.PRAISE and not is_praise else given.kind,
        channel=given.channel,
        language=given.language,
        customer=given.customer or _customer(given, created_at),
        wishes_no_contact=given.wishes_no_contact,
        subject=clean_line(given.subject)[:200] or subject_from(narrative),
        narrative=narrative,
        desired_outcome=read_line(given.desired_outcome, 500),
        occurred_at=given.occurred_at,
        place=read_line(given.place, 200),
        site=given.site,
        category=given.category,
        severity=given.severity,
        # A site's poster outlives the site.
        team=given.team if given.team.active else given.team.or_open_above(),
        logged_by=logged_by,
        received_at=received_at,
        created_at=created_at,
        submission_key=given.submission_key or None,
        source=given.source,
        **ended,
    )


def _customer(given: Intake, at: datetime) -> Customer | None:
    """The contact of the case, new and unsaved; None without any trace of a customer.

    It holds what was given for this case. Only where somebody chose the known customer, whom they may see, is what
    was left empty taken from there: nothing is mailed to an address that was neither given nor chosen for this case.
    """
    known = given.same_as or Customer()
    name, phone = read_line(given.name, 120) or known.name, read_line(given.phone, 40) or known.phone
    email = read_line(given.email, 254) or known.email
    postal_address = read_line(given.postal_address, 200) or known.postal_address
    if not (name or phone or email or postal_address):
        return None
    return Customer(
        name=name,
        title=given.title or known.title,
        phone=phone,
        phone_key=phone_key(phone),
        email=email,
        postal_address=postal_address,
        language=given.language,
        way=given.way or known.way,
        call_hours=read_line(given.call_hours, 120) or known.call_hours,
        created_at=at,
        same_as_id=known.person_id,
    )


def find_customer(*, name: str, phone: str, email: str) -> Customer | None:
    """Return the customer with this phone (first key) or e-mail whose name does not contradict.

    For imports whose mapping says that the same contact is the same customer; nobody else may guess.
    """
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
