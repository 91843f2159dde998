"""What the complaint page is made of: the case as one fetch, the next step, the conversation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.forms.boundfield import BoundField
from django.http import Http404

from accounts.models import Person, Role
from complaints.case import before, facts_words, followers
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.identity import contacts_beside, contacts_of
from complaints.case.narrated import NarratedEvent
from complaints.case.step import Transition
from complaints.case.this_round import of_this_round
from complaints.case.timeline import actor_label, names_in, remark, sentence
from complaints.case.visible import one_visible_to
from complaints.choices import Status
from complaints.db.json_columns import Beside, Columns, Parts
from complaints.errors import Missing
from complaints.models import (
    Appeal,
    Complaint,
    ComplaintEvent,
    Evidence,
    Feedback,
    Option,
    Point,
    Representative,
    Resolution,
    Round,
    WaitingReply,
)
from complaints.steps import lifecycle, resolution, verification
from complaints.steps.forms import FORMS
from complaints.steps.forms_shared import StepForm
from complaints.steps.lifecycle import TRANSITIONS
from complaints.visibility import ComplaintQuerySet
from complaints.workspace import duplicates
from complaints.workspace.talk import MESSAGES_SHOWN, TALK_EVENTS

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
PARTS: dict[str, Parts] = {
    "points": Parts(Point),
    "evidence": Parts(Evidence),
    "resolutions": Parts(Resolution, beside=("cause",)),
    "options": Parts(Option, beside=("offered_by", "approved_by")),
    "feedback": Parts(Feedback),
    "appeals": Parts(Appeal, beside=("reviewer", "taken_by")),
    "rounds": Parts(Round, beside=("handler", "ended_by", "resolved_by")),
    "representatives": Parts(Representative),
    "waiting_replies": Parts(WaitingReply, beside=("author",)),
}
NAMED = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk"))
WITH_IT = Columns(
    Complaint,
    by="pk",
    beside=BESIDE.column(),
    named_ids=ArraySubquery(NAMED.values("person_id")),
    has_duplicates=Exists(Complaint.objects.filter(followers.DUPLICATES, duplicate_of=OuterRef("pk"))),
    has_others=Exists(Complaint.objects.filter(customer__in=contacts_beside()).exclude(pk=OuterRef("pk"))),
    **{name: parts.column("complaint") for name, parts in PARTS.items()},
)
# Steps whose progress can be kept without taking them.
SAVERS: dict[str, Callable] = {"verify": verification.save_progress, "resolve": resolution.save_progress}
# The step that a stage leads to, whatever the case holds.
NATURAL: dict[str, str] = {
    Status.RECEIVED: "verify",
    Status.VERIFIED: "assign",
    Status.RESOLVED: "record_feedback",
}
# Which events tell when a stage was reached, and which belong between the messages.
STAGE_EVENTS = {t.event for t in TRANSITIONS.values()} | {EventKind.IMPORTED}


def fetch(person: Person, reference: str) -> Complaint:
    """The complaint with everything that its page shows beside it. Raises Http404 where it is not visible.

    `earlier` are other complaints of the same person or from the same number that the reader may see, the newest
    first; `beside` what was closed as its duplicates. Two queries, more where there are any.
    What belongs to the case is read after it: it may be newer than its version, never older.
    """
    complaint = one_visible_to(person, reference)
    if complaint is None:
        raise Http404
    rows = WITH_IT.of(complaint.pk)
    complaint.named_ids = frozenset(rows["named_ids"])
    BESIDE.remember(complaint, rows["beside"])
    for name, parts in PARTS.items():
        parts.remember(complaint, name, rows[name])
    visible = Complaint.objects.visible_to(person)
    complaint.earlier = _others(complaint, visible) if rows["has_others"] else []
    beside = duplicates.BESIDE.set(
        complaint, duplicates.beside(complaint, visible) if rows["has_duplicates"] else None
    )
    if beside is None:
        followers.FOLLOWERS.set(complaint, [])
    return complaint


def _others(complaint: Complaint, visible: ComplaintQuerySet) -> list[Complaint]:
    """Other `visible` complaints of the person or from their number, one more than is shown."""
    if complaint.customer is None:
        return []
    others = visible.filter(customer__in=contacts_of(complaint.customer)).exclude(pk=complaint.pk).order_by("-id")
    found = list(
        others.select_related("customer").only("reference", "subject", "customer__same_as")[: EARLIER_SHOWN + 1]
    )
    for other in found:
        other.is_same_person = followers.same_person(other.customer, complaint.customer)
    return found


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
    return NATURAL.get(complaint.status)


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


# The history -----------------------------------------------------------------------------------


EVENTS = Parts(ComplaintEvent, beside=("actor",))
WANTED = Q(kind__in=STAGE_EVENTS | TALK_EVENTS.keys()) | Q(number__gt=OuterRef("event_count") - HISTORY_SHOWN)
EVENTS_FOR_PAGE = Columns(Complaint, events=EVENTS.column("complaint", where=WANTED, order=("number",)))


def events_for_page(complaint: Complaint, person: Person, at: datetime) -> list[NarratedEvent]:
    """The events that the page needs, oldest first: stages reached, those between the messages, the latest."""
    known = {p.pk: p.label for p in (complaint.handler, complaint.logged_by, person) if p is not None}
    teams = {t.pk: t.label for t in (complaint.team, complaint.site) if t is not None}
    events = EVENTS.read(EVENTS_FOR_PAGE.of(complaint.pk)["events"])
    return [NarratedEvent(event, at, known, teams) for event in events]


def stage_moments(complaint: Complaint, history: list[NarratedEvent]) -> dict[str, datetime]:
    """When each stage was reached, the last time."""
    moments = {Status.RECEIVED: complaint.received_at}
    moved = [one for one in history if one.get("to") in Status.values and one.get("to") != one.get("from")]
    return moments | {one.get("to"): one.event.at for one in moved}


@dataclass
class Line:
    """One event as it is read."""

    at: datetime
    who: str
    words: str
    remark: str


def lines(history: Iterable[NarratedEvent]) -> list[Line]:
    return [Line(one.event.at, actor_label(one.event), sentence(one), _beside(one)) for one in history]


def _beside(one: NarratedEvent) -> str:
    """What somebody wrote about an event, and what it wrote over."""
    return "\n".join(
        filter(None, [remark(one.event), *before.lines(one.get("before") or {}, one.at), *facts_words.lines(one)])
    )


def news_since(complaint: Complaint, version: int, at: datetime, *, besides: Person | None = None) -> list[Line]:
    """What people did since the version that a page showed, oldest first; `besides` leaves out somebody's own.

    Every event but the desk's own counts one version, so their number says which are new.
    """
    count = max(complaint.version - version, 0)
    events = complaint.events.exclude(actor_kind=ComplaintEvent.ActorKind.SYSTEM).select_related("actor")
    newest = list(events.order_by("-number")[: min(count, MESSAGES_SHOWN)])
    news = [event for event in reversed(newest) if besides is None or event.actor_id != besides.pk]
    people, teams = names_in(news) if news else ({}, {})
    return lines(NarratedEvent(event, at, people, teams) for event in news)
