"""Rounds that ended before they were kept: what rows and events still hold of them; and what stands open no more.

The findings are lost: the desk emptied them when the next round began, and no event holds them.
"""

from django.db import migrations
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

HISTORY = ["assigned", "taken", "reassigned", "reworked", "reopened", "archived", "closed_early"]
HANDED = {"assigned", "taken", "reassigned"}
CLOSED = {"archived", "closed_early"}


def keep_past_rounds(apps, schema_editor):
    """Write a Round for each that ended, from its result, its feedback, its offers and the history."""
    Complaint, Round = apps.get_model("complaints", "Complaint"), apps.get_model("complaints", "Round")
    people = set(apps.get_model("accounts", "Person").objects.values_list("pk", flat=True))
    teams = set(apps.get_model("accounts", "Team").objects.values_list("pk", flat=True))
    again = Complaint.objects.filter(round__gt=1).select_related("verification")
    for complaint in again.iterator(chunk_size=500):
        known = set(complaint.rounds.values_list("number", flat=True))
        history = list(complaint.events.filter(kind__in=HISTORY).order_by("number"))
        ends = {e.data.get("round"): e for e in history if e.kind in ("reworked", "reopened")}
        found = [
            _round(Round, complaint, number, ends, history, people, teams)
            for number in range(1, complaint.round)
            if number not in known and number + 1 in ends
        ]
        Round.objects.bulk_create(found)


def _round(Round, complaint, number, ends, history, people, teams):
    end = ends[number + 1]
    before = [event for event in history if event.number < end.number]
    first = next((event for event in before if event.kind == "assigned"), None)
    began = ends[number].at if number in ends else first.at if first else complaint.received_at
    handed = [event for event in before if event.kind in HANDED]
    handler = next((e.data["handler"] for e in reversed(handed) if "handler" in e.data), None)
    team = next((e.data["team"] for e in reversed(handed) if "team" in e.data), None)
    kept = Round(
        complaint_id=complaint.pk,
        number=number,
        began_at=began,
        ended_at=end.at,
        ended_how=end.kind,
        ended_by_kind=end.actor_kind,
        ended_by_id=end.actor_id,
        reason=end.data.get("reason") or "",
        handler_id=handler if handler in people else None,
        team_id=team if team in teams else complaint.team_id,
        points=[{"number": point.number, "text": point.text, "finding": ""} for point in complaint.points.all()],
        findings_lost=True,
        options=[_option(option, end.at) for option in complaint.options.filter(round=number).order_by("id")],
    )
    if hasattr(complaint, "verification"):
        for name in ("restatement", "confirmed_how", "confirmed_at", "not_confirmed_reason"):
            setattr(kept, name, getattr(complaint.verification, name))
    _add_result(kept, complaint, number)
    if end.kind == "reopened":
        _add_closing(kept, complaint, end, before, history)
    return kept


def _add_result(kept, complaint, number):
    result = complaint.resolutions.filter(round=number).select_related("cause").first()
    if result is not None:
        if result.cause is not None:
            kept.cause, kept.cause_zh = result.cause.name, result.cause.name_zh
        for name in ("solution", "told_how", "told_at", "told_note", "resolved_by_id", "resolved_at"):
            setattr(kept, name, getattr(result, name))
        if result.told_how == "message" and result.told_at is not None:
            letter = complaint.messages.filter(kind="public", at=result.told_at).order_by("id").last()
            kept.letter = letter.body if letter else ""
    answer = complaint.feedback.filter(round=number).first()
    if answer is not None:
        kept.solved, kept.rating, kept.words = answer.solved, answer.rating, answer.words
        kept.heard_on, kept.heard_at = answer.channel, answer.at


def _add_closing(kept, complaint, end, before, history):
    closed = next((event for event in reversed(before) if event.kind in CLOSED), None)
    if closed is not None:
        kept.closed_at = closed.at
        kept.closing_reason = closed.data.get("reason") or ""
        kept.exception = closed.data.get("exception") or ""
    kept.outcome = end.data.get("previous_outcome") or ""
    kept.lesson = end.data.get("previous_lesson") or ""
    # Who answers for it stood on the case alone, until it was archived again.
    if not any(event.number > end.number and event.kind == "archived" for event in history):
        kept.responsibility = complaint.responsibility


def _option(option, ended_at):
    amount = str(option.amount) if option.amount else ""
    if option.chosen_at is not None:
        fate, at = "chosen", option.chosen_at
    elif option.withdrawn_at is not None:
        fate, at = "withdrawn", option.withdrawn_at
    elif option.declined_reason:
        fate, at = "declined", None
    else:
        fate, at = "ended", ended_at
    return {"words": option.words, "amount": amount, "fate": fate, "at": at.isoformat() if at else None}


def end_offers(apps, schema_editor):
    """An offer that nobody chose ended with its round, with the result, or with the case."""
    Option, Round = apps.get_model("complaints", "Option"), apps.get_model("complaints", "Round")
    Resolution, Complaint = apps.get_model("complaints", "Resolution"), apps.get_model("complaints", "Complaint")
    of_round = {"complaint": OuterRef("complaint"), "round": OuterRef("round")}
    over = Round.objects.filter(complaint=OuterRef("complaint"), number=OuterRef("round")).values("ended_at")[:1]
    resolved = Resolution.objects.filter(**of_round).values("resolved_at")[:1]
    closed = Complaint.objects.filter(pk=OuterRef("complaint")).values("closed_at")[:1]
    standing = Option.objects.filter(
        chosen_at__isnull=True, withdrawn_at__isnull=True, ended_at__isnull=True, declined_reason=""
    )
    stands_rightly = Q(complaint__status="assigned", round=F("complaint__round"))
    standing.exclude(stands_rightly).update(
        ended_at=Coalesce(Subquery(over), Subquery(resolved), Subquery(closed), F("offered_at"))
    )


def drop_old_proposals(apps, schema_editor):
    """A proposal of "no complaint" ended when a result was told, or when the case was closed for another reason."""
    Complaint = apps.get_model("complaints", "Complaint")
    proposed = Complaint.objects.filter(invalid_proposed_by__isnull=False).exclude(outcome="invalid")
    over = proposed.filter(status__in=["resolved", "feedback", "archived"])
    over.update(invalid_proposed_by=None, invalid_reason="")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0012_rounds")]

    operations = [
        migrations.RunPython(keep_past_rounds, migrations.RunPython.noop),
        migrations.RunPython(end_offers, migrations.RunPython.noop),
        migrations.RunPython(drop_old_proposals, migrations.RunPython.noop),
    ]
