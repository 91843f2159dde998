"""What the complaint page is made of: the case as one fetch, the next step, the conversation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.forms.boundfield import BoundField
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import Person, Role
from complaints import handling, lifecycle, verification
from complaints.actors import Actor
from complaints.choices import Channel, Status
from complaints.errors import Missing
from complaints.forms.step import StepForm
from complaints.forms.steps import FORMS
from complaints.gates import of_this_round
from complaints.lifecycle import TRANSITIONS, Transition
from complaints.models import (
    Complaint,
    ComplaintEvent,
    Evidence,
    Feedback,
    Message,
    Option,
    Point,
    Resolution,
    WaitingReply,
)
from complaints.timeline import Told, actor_label, names_in, remark, sentence
from complaints.together import Beside, Columns, Parts

MESSAGES_SHOWN = 30
EARLIER_SHOWN = 3
HISTORY_SHOWN = 4
BESIDE = Beside(
    Complaint,
    (
        "customer",
        "site",
        "team",
        "category",
        "handler",
        "logged_by",
        "verification",
        "duplicate_of",
        "invalid_proposed_by",
    ),
)
# The parts of a complaint that are few, by its name for them.
PARTS = {
    "points": Parts(Point),
    "evidence": Parts(Evidence),
    "resolutions": Parts(Resolution, beside=("cause",)),
    "options": Parts(Option, beside=("offered_by", "approved_by")),
    "feedback": Parts(Feedback),
    "waiting_replies": Parts(WaitingReply, beside=("author",)),
}
NAMED = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk"))
WITH_IT = Columns(
    Complaint,
    beside=BESIDE.column(),
    named_ids=ArraySubquery(NAMED.values("person_id")),
    has_others=Exists(Complaint.objects.filter(customer=OuterRef("customer")).exclude(pk=OuterRef("pk"))),
    **{name: parts.column("complaint") for name, parts in PARTS.items()},
)
# Steps whose progress can be kept without taking them.
SAVERS: dict[str, Callable] = {"verify": verification.save_progress, "resolve": handling.save_progress}
# Which events tell when a stage was reached, and which belong between the messages.
STAGE_EVENTS = {t.event for t in TRANSITIONS.values()} | {"imported"}
TALK_EVENTS = {
    "resolved": "check-circle",
    "reworked": "arrow-repeat",
    "reopened": "arrow-repeat",
    "archived": "check-circle",
    "closed_early": "check-circle",
    "option_chosen": "check-circle",
    "promise_broken": "x-octagon-fill",
    "promise_moved": "arrow-right-circle",
    "waiting_began": "pause-circle",
}


def fetch(person: Person, reference: str) -> Complaint:
    """The complaint with everything that its page shows beside it. Raises Http404 where it is not visible.

    `earlier` are other complaints of the same customer that the person may see, the newest first. Two queries, three
    where there are any. What belongs to the case is read after it: it may be newer than its version, never older.
    """
    visible = Complaint.objects.visible_to(person)
    complaint = get_object_or_404(visible, reference=reference)
    rows = WITH_IT.of(complaint.pk)
    complaint.named_ids = frozenset(rows["named_ids"])
    BESIDE.remember(complaint, rows["beside"])
    for name, parts in PARTS.items():
        parts.remember(complaint, name, rows[name])
    others = visible.filter(customer=complaint.customer_id).exclude(pk=complaint.pk).order_by("-id")
    complaint.earlier = list(others.only("reference", "subject")[: EARLIER_SHOWN + 1]) if rows["has_others"] else []
    return complaint


# The next step ---------------------------------------------------------------------------


@dataclass
class NextStep:
    """The one card: what comes next, the fields that are still open, and those that are done."""

    transition: Transition
    # None for people who may read the complaint, but not take this step.
    form: StepForm | None = None
    front: list[BoundField] = field(default_factory=list)
    done: list[BoundField] = field(default_factory=list)
    done_count: int = 0
    total: int = 0
    # What the gate asks for besides the fields: an approval, a callback.
    others: list[str] = field(default_factory=list)

    @property
    def missing_count(self) -> int:
        return self.total - self.done_count

    @property
    def may_save(self) -> bool:
        return self.transition.action in SAVERS


def natural_action(complaint: Complaint) -> str | None:
    """The action that the course of a complaint suggests now; None once it is archived."""
    if complaint.status == Status.ASSIGNED:
        return "resolve" if complaint.handler_id else "take"
    if complaint.status == Status.FEEDBACK:
        feedback = of_this_round(complaint.feedback, complaint)
        return "rework" if feedback is not None and feedback.is_unsatisfied else "archive"
    return {Status.RECEIVED: "verify", Status.VERIFIED: "assign", Status.RESOLVED: "record_feedback"}.get(
        complaint.status
    )


def build_form(action: str, data, complaint: Complaint, person: Person, at: datetime, roles: Iterable[str]):
    """The form of an action; supervisors get the field for overriding its gate."""
    return FORMS[action](data, complaint=complaint, person=person, at=at, may_override=Role.SUPERVISOR in roles)


def next_step(
    complaint: Complaint,
    person: Person,
    at: datetime,
    *,
    roles: Iterable[str],
    form: StepForm | None = None,
    missing: list[Missing] | None = None,
) -> NextStep | None:
    """The card of the natural next step. `form` and `missing` are those of a refused attempt, if there was one."""
    action = natural_action(complaint)
    if action is None:
        return None
    transition = TRANSITIONS[action]
    if not transition.roles & set(roles):
        return NextStep(transition)
    form = form or build_form(action, None, complaint, person, at, roles)
    items = form.items()
    if missing is None and items:
        missing = lifecycle.missing_for(complaint, action, actor=Actor.staff(person), at=at)
    asked = {item.field: item.message for item in missing or []}
    step = NextStep(transition, form)
    for item in items:
        fields = [form[name] for name in item.fields if name in form.fields]
        answered = not asked.keys() & set(item.keys)
        touched = form.is_bound and any(f.errors or f.name in form.changed_data for f in fields)
        (step.done if answered and not touched and not item.always else step.front).extend(fields)
        step.done_count += answered
    known = {key for item in items for key in item.keys}
    step.others = [message for name, message in asked.items() if name not in known]
    step.total = len(items) + len(step.others)
    return step


# The conversation --------------------------------------------------------------------------


@dataclass
class Entry:
    """One thing in the conversation: a message, what the customer said of the result, or an event."""

    at: datetime
    look: str  # out, note, in, event
    icon: str
    # Above what was said: who, and to whom or on which way.
    who: str = ""
    about: str = ""
    message: Message | None = None
    feedback: Feedback | None = None
    # What happened, of an event.
    words: str = ""
    evidence: list[Evidence] = field(default_factory=list)


def _of_message(message: Message, customer: str, evidence: list[Evidence]) -> Entry:
    author = message.author.label if message.author else ""
    if message.kind == Message.Kind.PUBLIC:
        look, icon, who, about = "out", "arrow-up-right", author or _("The desk"), _("to the customer")
    elif message.kind == Message.Kind.INTERNAL:
        hidden = _("%(person)s, the customer cannot see this") % {"person": author}
        look, icon, who = "note", "lock-fill", _("Internal note")
        about = hidden if author else _("the customer cannot see this")
    else:
        noted = _("noted by %(person)s") % {"person": author} if author else ""
        look, icon, who = "in", "arrow-down-left", customer
        about = " · ".join(filter(None, [_channel(message.channel), noted]))
    return Entry(message.at, look, icon, who, about, message=message, evidence=evidence)


def _of_feedback(feedback: Feedback, customer: str) -> Entry:
    about = _("about the result, %(channel)s") % {"channel": _channel(feedback.channel)}
    return Entry(feedback.at, "in", "arrow-down-left", customer, about, feedback=feedback)


def _channel(key: str) -> str:
    """The channel in words; get_channel_display would put all channels into words for every message."""
    return str(Channel(key).label) if key else ""


# One more than is shown, to know whether there are more.
MESSAGES = Parts(Message, beside=("author",))
LATEST_MESSAGES = Columns(
    Complaint, messages=MESSAGES.column("complaint", order=("-at", "-id"), most=MESSAGES_SHOWN + 1)
)


def conversation(complaint: Complaint, told: list[Told], *, show_all: bool) -> tuple[list[Entry], bool]:
    """The entries, oldest first, and whether earlier ones were left out."""
    if show_all:
        messages = list(complaint.messages.select_related("author").order_by("-at", "-id"))
    else:
        messages = MESSAGES.read(LATEST_MESSAGES.of(complaint.pk)["messages"])
    cut = not show_all and len(messages) > MESSAGES_SHOWN
    messages = messages[:MESSAGES_SHOWN] if cut else messages
    since = messages[-1].at if cut else None
    files: dict[int | None, list[Evidence]] = {}
    for evidence in complaint.evidence.all():
        files.setdefault(evidence.message_id, []).append(evidence)
    customer = complaint.customer.label if complaint.customer else _("The customer")
    entries = [_of_message(message, customer, files.get(message.pk, [])) for message in messages]
    entries += [
        Entry(one.event.at, "event", TALK_EVENTS[one.event.kind], words=sentence(one))
        for one in told
        if one.event.kind in TALK_EVENTS
    ]
    entries += [_of_feedback(feedback, customer) for feedback in complaint.feedback.all()]
    return sorted((e for e in entries if since is None or e.at >= since), key=lambda e: e.at), cut


# The history -----------------------------------------------------------------------------------


EVENTS = Parts(ComplaintEvent, beside=("actor",))
WANTED = Q(kind__in=STAGE_EVENTS | TALK_EVENTS.keys()) | Q(number__gt=OuterRef("event_count") - HISTORY_SHOWN)
EVENTS_FOR_PAGE = Columns(Complaint, events=EVENTS.column("complaint", where=WANTED, order=("number",)))


def events_for_page(complaint: Complaint, person: Person, at: datetime) -> list[Told]:
    """The events that the page needs, oldest first: stages reached, those between the messages, the latest."""
    known = {p.pk: p.label for p in (complaint.handler, complaint.logged_by, person) if p is not None}
    teams = {t.pk: t.label for t in (complaint.team, complaint.site) if t is not None}
    events = EVENTS.read(EVENTS_FOR_PAGE.of(complaint.pk)["events"])
    return [Told(event, at, known, teams) for event in events]


def stage_moments(complaint: Complaint, told: list[Told]) -> dict[str, datetime]:
    """When each stage was reached, the last time."""
    moments = {Status.RECEIVED: complaint.received_at}
    moved = [one for one in told if one.get("to") in Status.values and one.get("to") != one.get("from")]
    return moments | {one.get("to"): one.event.at for one in moved}


@dataclass
class Line:
    """One event as it is read."""

    at: datetime
    who: str
    words: str
    remark: str


def lines(told: Iterable[Told]) -> list[Line]:
    return [Line(one.event.at, actor_label(one.event), sentence(one), remark(one.event)) for one in told]


def news_since(complaint: Complaint, version: int, at: datetime, *, besides: Person | None = None) -> list[Line]:
    """What people did since the version that a page showed, oldest first; `besides` leaves out somebody's own.

    Every event but the desk's own counts one version, so their number says which are new.
    """
    count = max(complaint.version - version, 0)
    events = complaint.events.exclude(actor_kind=ComplaintEvent.ActorKind.SYSTEM).select_related("actor")
    newest = list(events.order_by("-number")[: min(count, MESSAGES_SHOWN)])
    told = [event for event in reversed(newest) if besides is None or event.actor_id != besides.pk]
    people, teams = names_in(told) if told else ({}, {})
    return lines(Told(event, at, people, teams) for event in told)
