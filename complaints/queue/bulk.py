"""One thing done to many complaints: chosen, filled in, started, then worked through row by row.

Each row goes the same way as a click on one case: the lifecycle's gates decide, and a refusal is kept with all
its reasons. A row's effect and its state commit together, and rows are claimed with SKIP LOCKED, so any number
of workers may work on one run and nothing is done twice when one of them dies.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from accounts.access import reach_of
from accounts.models import Person, Team
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.choices import Outcome
from complaints.db.row_claims import no_rows_fault
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted, Refused
from complaints.models import BulkRow, BulkRun, Category, Complaint
from complaints.steps import assignment, lifecycle

log = logging.getLogger(__name__)

Action, State = BulkRun.Action, BulkRow.State
MOST_ROWS = 10_000
# So few are done while the person waits for the page.
AT_ONCE = 20
# By its name: tasks stand above the rooms.
WORK = "complaints.tasks.work_bulk"
# What was chosen and never started is forgotten.
FORGET_AFTER = timedelta(days=1)
# In the order in which they are offered; who holds none of the roles anywhere is not offered it.
ROLES = {
    Action.REASSIGN: lifecycle.TRANSITIONS["reassign"].roles,
    Action.ASSIGN: lifecycle.TRANSITIONS["assign"].roles,
    Action.CATEGORY: permissions.CHANGE.roles,
    Action.DUPLICATE: lifecycle.TRANSITIONS["close_early"].roles,
}
# What the form gave by id, and what it stands for.
BY_ID: dict[str, type[Model]] = {"category": Category, "team": Team, "handler": Person, "original": Complaint}


class StartedBefore(NotAllowedNow):
    """The same page was sent again with other values."""

    def __init__(self):
        super().__init__(
            _(
                "This was started already, with what stands here. What you filled in now was not used: "
                "choose the complaints again for that."
            )
        )


@dataclass(frozen=True)
class Progress:
    """How many rows of a run there are in each state."""

    waiting: int
    done: int
    refused: int

    @property
    def total(self) -> int:
        return self.waiting + self.done + self.refused

    @property
    def settled(self) -> int:
        return self.done + self.refused


def actions_for(person: Person) -> list[BulkRun.Action]:
    """What `person` may do to many, as far as the roles tell; each row is asked again when its turn comes."""
    held = reach_of(person).roles
    return [action for action, roles in ROLES.items() if held & roles]


def choose(person: Person, action: str, wanted: QuerySet, *, at: datetime, data: dict | None = None) -> BulkRun:
    """Keep which complaints something is to be done to; nothing is done yet. Returns the run.

    `wanted` holds only complaints that the person sees; `data` is kept with the run (JSON). A few queries,
    however many rows. Raises NotPermitted, and NotAllowedNow for no row or more than MOST_ROWS.
    """
    if action not in actions_for(person):
        raise NotPermitted(_("Your role does not include this."))
    ids = list(wanted.order_by("pk").values_list("pk", flat=True)[: MOST_ROWS + 1])
    if not ids:
        raise NotAllowedNow(_("Nothing was selected. Tick the complaints first."))
    if len(ids) > MOST_ROWS:
        words = _("More than %(most)d complaints are too many at once. Narrow them down with filters first.")
        raise NotAllowedNow(words % {"most": MOST_ROWS})
    with transaction.atomic():
        _forget_unstarted(person, at - FORGET_AFTER)
        run = BulkRun.objects.create(person=person, action=action, data=data or {}, chosen_at=at)
        BulkRow.objects.bulk_create(BulkRow(run=run, complaint_id=pk) for pk in ids)
    return run


def start(run_id: int, *, person: Person, values: dict, at: datetime) -> bool:
    """Let the work begin with what the form gave (`values`, JSON). Returns whether it began now.

    A run begins once: the second click changes nothing. Raises NotPermitted unless `person` chose the run, and
    StartedBefore when it began with other values.
    """
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(no_key=True).get(pk=run_id)
        if run.person_id != person.pk:
            raise NotPermitted(_("Only the person who chose the complaints can start this."))
        if run.started_at is not None:
            if run.data.get("values") != values:
                raise StartedBefore
            return False
        run.data["values"] = values
        run.started_at = at
        run.save(update_fields=["data", "started_at"])
    return True


def wake_workers(run_id: int):
    """Wake a worker for a run that is committed."""
    current_app.send_task(WORK, [run_id])


def work(run_id: int, *, clock: Callable[[], datetime], budget_seconds: float | None = None) -> bool:
    """Work through a run until nothing waits, or for `budget_seconds`. Returns whether rows are left to take.

    `clock` gives the moment of each row.
    """
    end = None if budget_seconds is None else time.monotonic() + budget_seconds
    while end is None or time.monotonic() < end:
        if not work_one(run_id, at=clock()):
            finish(run_id, at=clock())
            return False
    return True


def work_one(run_id: int, *, at: datetime) -> bool:
    """Act on the next row that nobody else is acting on, in one transaction. Returns whether there was one.

    Lock order: the row of the run (passed by where it is taken), then the complaint. Person, roles and what the
    form named are read anew for each row: a long run outlives changes.
    """
    with transaction.atomic():
        rows = BulkRow.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        waiting = rows.filter(run=run_id, state=State.WAITING, run__started_at__isnull=False)
        row = waiting.select_related("run__person").order_by("id").first()
        if row is None:
            return False
        with translation.override(row.run.person.language):
            row.state, row.reason = _outcome(row, at)
        row.save(update_fields=["state", "reason"])
    return True


def finish(run_id: int, *, at: datetime):
    """Note that a run is over once nothing of it waits, whoever took the last row."""
    waiting = BulkRow.objects.filter(run=OuterRef("pk"), state=State.WAITING)
    under_way().filter(pk=run_id).exclude(Exists(waiting)).update(finished_at=at)


def under_way() -> QuerySet:
    """The runs that have begun and are not over, the oldest first."""
    return BulkRun.objects.filter(started_at__isnull=False, finished_at__isnull=True).order_by("pk")


def progress(run: BulkRun) -> Progress:
    """How far it is, in one query."""
    return Progress(**run.rows.aggregate(**counted("")))


def counted(prefix: str) -> dict[str, Count]:
    """The counts of a Progress as aggregates over rows that `prefix` leads to ("rows__")."""
    return {state.value: Count(f"{prefix}pk", filter=Q(**{f"{prefix}state": state})) for state in State}


def refused_rows(run: BulkRun, person: Person) -> QuerySet:
    """The refused rows with their complaints; `seen` says whether `person` still sees the complaint."""
    visible = Complaint.objects.visible_to(person).filter(pk=OuterRef("complaint_id"))
    rows = run.rows.filter(state=State.REFUSED).select_related("complaint")
    return rows.annotate(seen=Exists(visible))


def left_out(posted: Iterable[str], run: BulkRun) -> str:
    """What to say of rows that were posted and not taken; "" where there are none."""
    missing = len(set(posted)) - run.rows.count()
    if missing <= 0:
        return ""
    return ngettext(
        "%(count)d of the selected is not among the complaints that you see; it was left out.",
        "%(count)d of the selected are not among the complaints that you see; they were left out.",
        missing,
    ) % {"count": missing}


def _forget_unstarted(person: Person, before: datetime):
    old = BulkRun.objects.filter(person=person, started_at__isnull=True, chosen_at__lt=before)
    old.delete()


def _outcome(row: BulkRow, at: datetime) -> tuple[BulkRow.State, str]:
    """Act on a row; return its new state and, where it was refused, why, in the active language.

    What goes wrong with one complaint must not keep the others waiting. A lost database is nobody's fault:
    it is raised, and the row waits for the next round.
    """
    try:
        with transaction.atomic():
            _act(row.run, row.complaint_id, at)
    except GateRefused as refused:
        return State.REFUSED, "\n".join(dict.fromkeys(str(item.message) for item in refused.missing))
    except Refused as refused:
        return State.REFUSED, str(refused)
    except Exception as error:
        if no_rows_fault(error):
            raise
        log.exception("Row %s of the bulk action %s failed", row.pk, row.run_id)
        return State.REFUSED, _("Something went wrong with this one; it was left as it was. Try it by itself.")
    return State.DONE, ""


def _act(run: BulkRun, complaint_id: int, at: datetime):
    actor, values = Actor.staff(run.person), _values(run)
    if run.action == Action.CATEGORY:
        assignment.change_category(complaint_id, actor=actor, at=at, **values)
    elif run.action == Action.DUPLICATE:
        original = values["original"]
        if original.pk == complaint_id:
            raise NotAllowedNow(_("This is the complaint itself."))
        data = {"outcome": Outcome.DUPLICATE, "duplicate_of": original, "reason": values["reason"]}
        lifecycle.perform(complaint_id, "close_early", actor=actor, at=at, data=data)
    else:
        lifecycle.perform(complaint_id, run.action, actor=actor, at=at, data=values)


def _values(run: BulkRun) -> dict:
    """What the form gave, with objects for ids. Raises NotAllowedNow when one of them was removed meanwhile."""
    values = dict(run.data["values"])
    for name, model in BY_ID.items():
        if values.get(name) is None:
            continue
        values[name] = model._default_manager.filter(pk=values[name]).first()
        if values[name] is None:
            raise NotAllowedNow(_("What was chosen for it does not exist any more."))
    return values
