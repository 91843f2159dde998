"""What was asked about a promise and confirmed, carried by the form from one page to the next."""

from datetime import UTC, datetime
from typing import Any

from accounts.requests import DeskRequest
from followups.promises.overpromise import Questioned


def questioned(refused: Questioned, kind: str, due_at: datetime, button: str) -> dict[str, Any]:
    """What the page needs to ask: the questions, and what it sends along with `button` to confirm them.

    A confirmation holds for this kind of promise and this moment (aware) only: after a change it is asked again.
    """
    shown = {"questions": refused.questions, "may_confirm": refused.may_confirm}
    if not refused.may_confirm:
        return shown
    stamp = _stamp(kind, due_at)
    return shown | {"confirming": [question.code + stamp for question in refused.questions], "button": button}


def confirmed_in(request: DeskRequest, kind: str, due_at: datetime) -> frozenset[str]:
    """The codes of the questions that the form confirms for a promise of `kind` by `due_at` (aware)."""
    stamp = _stamp(kind, due_at)
    sent = request.POST.getlist("confirmed")
    return frozenset(value.removesuffix(stamp) for value in sent if value.endswith(stamp))


def _stamp(kind: str, due_at: datetime) -> str:
    return f"@{kind}@{due_at.astimezone(UTC).isoformat()}"
