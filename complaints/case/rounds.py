"""Rounds: what one go from assignment to feedback came to is kept, complete, when the next one begins.

SPEC: "a new clock, the old result is kept"; "round (轮次): each keeps its findings, result and words".
"""

from datetime import datetime
from typing import Any, Protocol

from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.this_round import of_this_round
from complaints.choices import ToldHow
from complaints.models import Complaint, Feedback, Message, Option, Point, Resolution, Round
from complaints.texts import clean_line

LONGEST_POINT = 500
KEPT_OF_RESULT = (
    "solution",
    "told_how",
    "told_at",
    "told_note",
    "told_note_readable",
    "others_told",
    "resolved_by",
    "resolved_at",
)


class Beginning(Protocol):
    """What begins a round: a step, or the desk itself."""

    @property
    def at(self) -> datetime: ...

    @property
    def actor(self) -> Actor: ...

    @property
    def data(self) -> dict[str, Any]: ...


def begin_again(complaint: Complaint, step: Beginning, *, how: str) -> Round:
    """End the present round of a (locked) complaint and begin the next one; `how` says by which step (Round.Ended).

    What the round came to is kept as a Round, which is returned; then findings, responsibility and lesson are empty
    for the new one: nothing of the old one passes its gates unseen. What the customer says is still wrong becomes a
    point of its own, so that it gets a finding.
    """
    reason = str(step.data.get("reason") or "").strip()
    kept = _record(complaint, step, how=how, reason=reason)
    kept.save(force_insert=True)
    complaint.round += 1
    complaint.responsibility = complaint.lesson = ""
    complaint.points.update(finding="")
    # Why we work on it again is our own word; what the customer said of the result is theirs.
    _raise_again(complaint, reason if how == Round.Ended.REOPENED else kept.words)
    return kept


def _record(complaint: Complaint, step: Beginning, *, how: str, reason: str) -> Round:
    """The present round as it is, unsaved."""
    kept = Round(
        complaint=complaint,
        number=complaint.round,
        began_at=_began(complaint),
        ended_at=step.at,
        ended_how=how,
        ended_by_kind=step.actor.kind,
        ended_by=step.actor.person,
        reason=reason,
        handler=complaint.handler,
        team=complaint.team,
        points=[{"number": p.number, "text": p.text, "finding": p.finding} for p in complaint.points.all()],
        options=[_option(option) for option in complaint.options.filter(round=complaint.round)],
        outcome=complaint.outcome,
        closed_at=complaint.closed_at,
        closing_reason=complaint.closing_reason,
        exception=_exception(complaint) if complaint.is_archived else "",
        responsibility=complaint.responsibility,
        lesson=complaint.lesson,
    )
    check = getattr(complaint, "verification", None)
    if check is not None:
        for name in ("restatement", "confirmed_how", "confirmed_at", "not_confirmed_reason"):
            setattr(kept, name, getattr(check, name))
    _add_result(kept, of_this_round(complaint.resolutions, complaint))
    _add_answer(kept, of_this_round(complaint.feedback, complaint))
    return kept


def _add_result(kept: Round, result: Resolution | None) -> None:
    if result is None:
        return
    if result.cause is not None:
        kept.cause, kept.cause_zh = result.cause.name, result.cause.name_zh
    for name in KEPT_OF_RESULT:
        setattr(kept, name, getattr(result, name))
    if result.told_how == ToldHow.MESSAGE and result.told_at is not None:
        # The moment of a telling by message is that of the message.
        letter = kept.complaint.messages.filter(kind=Message.Kind.PUBLIC, at=result.told_at).last()
        kept.letter = letter.body if letter else ""


def _add_answer(kept: Round, feedback: Feedback | None) -> None:
    if feedback is not None:
        kept.solved, kept.rating, kept.words = feedback.solved, feedback.rating, feedback.words
        kept.heard_on, kept.heard_at = feedback.channel, feedback.at


def _option(option: Option) -> dict[str, Any]:
    fate, at = fate_of(option)
    amount = str(option.amount) if option.amount else ""
    return {"words": option.words, "amount": amount, "fate": fate, "at": at.isoformat() if at else None}


def fate_of(option: Option) -> tuple[str, datetime | None]:
    """What became of an offer once its round is over, and when: chosen, withdrawn, declined, or ended unchosen."""
    if option.chosen_at is not None:
        return "chosen", option.chosen_at
    if option.withdrawn_at is not None:
        return "withdrawn", option.withdrawn_at
    return ("declined", None) if option.declined_reason else ("ended", option.ended_at)


def _began(complaint: Complaint) -> datetime:
    """When the present round began: with the end of the one before, else with the assignment, else with the case."""
    before = complaint.rounds.order_by("-number").first()
    if before is not None:
        return before.ended_at
    assigned = complaint.events.filter(kind=EventKind.ASSIGNED).order_by("number").first()
    return assigned.at if assigned else complaint.received_at


def _exception(complaint: Complaint) -> str:
    """Why it was archived although the customer was not satisfied, if it was."""
    archived = complaint.events.filter(kind=EventKind.ARCHIVED).order_by("-number").first()
    return archived.data.get("exception", "") if archived else ""


def _raise_again(complaint: Complaint, words: str) -> None:
    """Make what the customer says is still wrong a point of the new round; the full words stay with the old one."""
    line = clean_line(words)
    text = line if len(line) <= LONGEST_POINT else line[: LONGEST_POINT - 1].rstrip() + "…"
    points = list(complaint.points.all())
    if text and text not in {point.text for point in points}:
        number = max((point.number for point in points), default=0) + 1
        Point.objects.create(complaint=complaint, number=number, text=text, round=complaint.round)
