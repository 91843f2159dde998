"""The dates that a reply template may name, each from the very row that it speaks of."""

from datetime import datetime

from complaints.models import Complaint
from followups.models import CallbackAttempt, Promise
from followups.models.promise import PromiseKind

State = Promise.State


def dates_of(complaint: Complaint, at: datetime) -> dict[str, datetime | None]:
    """The moments (aware) that stand at `at`, by variable; None where there is no such row. Two queries.

    Only what was promised to the customer counts. A promise that is due already is named by `missed_date` alone.
    """
    ours = complaint.promises.filter(to_customer=True, round=complaint.round).order_by("due_at", "pk")
    rows = list(ours.filter(state__in=[State.OPEN, State.BROKEN]))
    ahead = [p for p in rows if p.state == State.OPEN and p.paused_since is None and p.due_at > at]
    missed = [p for p in rows if p not in ahead and p.due_at <= at and p.kept_at is None]
    moved = max((p for p in ahead if p.explanation.get("moves")), key=_last_moved_at, default=None)
    called = CallbackAttempt.objects.filter(callback__complaint=complaint, outcome=CallbackAttempt.Outcome.NO_ANSWER)
    return {
        "promised": _first(ahead),
        "result_by": _first(ahead, PromiseKind.RESOLUTION),
        "appointment": _first(ahead, PromiseKind.VISIT),
        "call_by": _first(ahead, PromiseKind.CALLBACK),
        "old_date": datetime.fromisoformat(moved.explanation["moves"][-1]["from"]) if moved else None,
        "new_date": moved.due_at if moved else None,
        "missed_date": missed[-1].due_at if missed else None,
        "called": called.order_by("-at").values_list("at", flat=True).first(),
    }


def _first(ahead: list[Promise], kind: str = "") -> datetime | None:
    return next((promise.due_at for promise in ahead if not kind or promise.kind == kind), None)


def _last_moved_at(promise: Promise) -> str:
    return promise.explanation["moves"][-1]["at"]
