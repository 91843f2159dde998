"""What the complaint page is made of: the case as one fetch, the next step, the conversation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.forms.boundfield import BoundField
from django.shortcuts import get_object_or_404

from accounts.models import Person, Role
from complaints import handling, lifecycle, verification
from complaints.actors import Actor
from complaints.choices import Status
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
from complaints.together import Parts

MESSAGES_SHOWN = 30
EARLIER_SHOWN = 3
HISTORY_SHOWN = 4
BESIDE = (
    "customer",
    "site",
    "team",
    "category",
    "handler",
    "logged_by",
    "verification",
    "duplicate_of",
    "invalid_proposed_by",
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
COLUMNS = {f"{name}_rows": parts.column("complaint") for name, parts in PARTS.items()}
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

    One query: its parts, `named_ids` and `earlier` (other complaints of the same customer that the person may
    see) come with it.
    """
    named = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk")).values("person_id")
    earlier = (
        Complaint.objects.visible_to(person)
        .filter(customer=OuterRef("customer"))
        .exclude(pk=OuterRef("pk"))
        .order_by("-id")
        .values(said=JSONObject(reference="reference", subject="subject", status="status", outcome="outcome"))
    )
    cases = (
        Complaint.objects.visible_to(person)
        .select_related(*BESIDE)
        .annotate(named_ids=ArraySubquery(named), earlier=ArraySubquery(earlier[: EARLIER_SHOWN + 1]), **COLUMNS)
    )
    complaint = get_object_or_404(cases, reference=reference)
    for name, parts in PARTS.items():
        parts.remember(complaint, name, getattr(complaint, f"{name}_rows"))
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
    message: Message | None = None
    feedback: Feedback | None = None
    words: str = ""
    icon: str = ""
    evidence: list[Evidence] = field(default_factory=list)


LOOKS = {Message.Kind.PUBLIC: "out", Message.Kind.INTERNAL: "note", Message.Kind.INBOUND: "in"}


def conversation(complaint: Complaint, told: list[Told], *, show_all: bool) -> tuple[list[Entry], bool]:
    """The entries, oldest first, and whether earlier ones were left out."""
    messages = complaint.messages.select_related("author").order_by("-at", "-id")
    messages = list(messages if show_all else messages[: MESSAGES_SHOWN + 1])
    cut = not show_all and len(messages) > MESSAGES_SHOWN
    messages = messages[:MESSAGES_SHOWN] if cut else messages
    since = messages[-1].at if cut else None
    files: dict[int | None, list[Evidence]] = {}
    for evidence in complaint.evidence.all():
        files.setdefault(evidence.message_id, []).append(evidence)
    entries = [
        Entry(message.at, LOOKS[message.kind], message=message, evidence=files.get(message.pk, []))
        for message in messages
    ]
    entries += [
        Entry(one.event.at, "event", words=sentence(one), icon=TALK_EVENTS[one.event.kind])
        for one in told
        if one.event.kind in TALK_EVENTS
    ]
    entries += [Entry(feedback.at, "in", feedback=feedback) for feedback in complaint.feedback.all()]
    return sorted((e for e in entries if since is None or e.at >= since), key=lambda e: e.at), cut


# The history -----------------------------------------------------------------------------------


def events_for_page(complaint: Complaint, person: Person, at: datetime) -> list[Told]:
    """The events that the page needs, oldest first: stages reached, those between the messages, the latest."""
    latest = complaint.event_count - HISTORY_SHOWN
    wanted = Q(kind__in=STAGE_EVENTS | TALK_EVENTS.keys()) | Q(number__gt=latest)
    known = {p.pk: p.label for p in (complaint.handler, complaint.logged_by, person) if p is not None}
    teams = {t.pk: t.label for t in (complaint.team, complaint.site) if t is not None}
    events = complaint.events.filter(wanted).select_related("actor").order_by("number")
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
