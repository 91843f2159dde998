"""Somebody stops working here, loses a role, or goes away with nobody standing in, or a team is closed.

Whoever supervises is told. The rows are the truth: every few minutes somebody looks for cases whose handler cannot
handle them any more, whatever took the role away, and for those of closed teams. Signals of people, roles and teams
only make it quick (page, script and API alike).
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from celery import current_app
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Absence, Membership, Person, Role, Team
from complaints.case.orphans import hand_back, hand_up, in_closed_teams, orphans
from complaints.db.row_claims import no_rows_fault
from complaints.models import BulkRow, BulkRun, Complaint
from complaints.steps.appeals import give_back, left_behind
from followups.escalation import answering, escalations
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation
from followups.outbox import notices

log = logging.getLogger(__name__)

# So many cases go back while somebody waits for the page; more are left to the sweep.
AT_ONCE = 20
BATCH = 200


def connect():
    """Listen to people, roles and absences; called once at start-up."""
    post_save.connect(_person_saved, sender=Person, dispatch_uid="leaving: person")
    post_save.connect(_role_saved, sender=Membership, dispatch_uid="leaving: role")
    post_delete.connect(_role_lost, sender=Membership, dispatch_uid="leaving: role lost")
    post_save.connect(_absence_saved, sender=Absence, dispatch_uid="leaving: absence")
    post_save.connect(_team_saved, sender=Team, dispatch_uid="leaving: team")


def hand_up_what_is_closed(at: datetime, *, most: int = BATCH) -> int:
    """Give the open cases of closed teams to the nearest team above that is open; whoever answers there is told.

    Up to `most` cases; returns how many. Each goes in a transaction of its own.
    """
    ids = list(in_closed_teams().order_by("pk").values_list("pk", flat=True)[:most])
    return sum(_one(hand_up, complaint_id, at) is not None for complaint_id in ids)


def team_closed(at: datetime):
    """A team was closed: its open cases go up, and then back from handlers who do not work on them any more."""
    if in_closed_teams()[: AT_ONCE + 1].count() <= AT_ONCE:
        hand_up_what_is_closed(at)
        hand_over_what_is_left(at)
    else:
        current_app.send_task("followups.tasks.hand_over")


def hand_over_what_is_left(at: datetime, person_ids: Iterable[int] | None = None, *, most: int = BATCH) -> int:
    """Put orphaned cases, of those people or of all, into their teams' queues and tell who supervises how many.

    And let appeals wait for another reviewer. Up to `most` cases and appeals each; returns how many. Each goes in a
    transaction of its own.
    """
    left: dict[int, list[int]] = defaultdict(list)
    for complaint_id in list(orphans(person_ids).order_by("pk").values_list("pk", flat=True)[:most]):
        handler_id = _one(hand_back, complaint_id, at)
        if handler_id is not None:
            left[handler_id].append(complaint_id)
    for handler_id, complaint_ids in left.items():
        tell_what_is_left(handler_id, complaint_ids, at)
    reviewed = list(left_behind(person_ids).order_by("pk").values_list("pk", flat=True)[:most])
    given_back = sum(_one(give_back, appeal_id, at) is not None for appeal_id in reviewed)
    return sum(map(len, left.values())) + given_back


def _one(hand: Callable, complaint_id: int, at: datetime):
    """One that somebody holds, or that fails, waits for the next round and does not stop the others."""
    try:
        return hand(complaint_id, at=at)
    except Exception as error:
        if no_rows_fault(error):
            raise
        log.exception("Complaint %s could not be handed on", complaint_id)
        return None


def left_somewhere(person_id: int, at: datetime):
    """A person was switched off or lost a role: what they carried goes on to others.

    Cases into the queue, unsigned escalations to whoever signs now, a bulk action under way ends.
    """
    if orphans([person_id])[: AT_ONCE + 1].count() <= AT_ONCE:
        hand_over_what_is_left(at, [person_id])
    else:
        current_app.send_task("followups.tasks.hand_over")
    _tell_who_signs_now(person_id, at)
    for person in Person.objects.filter(pk=person_id, is_active=False):
        _end_bulk_runs(person, at)


def tell_what_is_left(handler_id: int, complaint_ids: list[int], at: datetime, *, because: str = "left"):
    """One notice to each supervisor for the cases of each team; the newest stands for all.

    `because`: "left", or "named" in the one case that it is about.
    """
    cases = Complaint.objects.filter(pk__in=complaint_ids).select_related("team", "handler").order_by("pk")
    by_team: dict[int, list[Complaint]] = defaultdict(list)
    for complaint in cases:
        by_team[complaint.team_id].append(complaint)
    ladder, named = Ladder(at), named_in(list(cases))
    for together in by_team.values():
        newest = together[-1]
        rung = ladder.rungs(newest, named[newest.pk] | {handler_id})[0]
        key = f"left:{handler_id}:{newest.pk}:{newest.event_count}"
        if rung.is_unsupervised:
            told = answering.nobody_there(newest, rung.people, "answer", key=key, at=at, ladder=ladder)
        else:
            data = {"left": handler_id, "cases": [complaint.pk for complaint in together]}
            data |= {"because": because} if because != "left" else {}
            told = [
                notices.for_person(
                    person, "left_behind", complaint=newest, key=key, data=data, at=at, book=ladder.book
                )
                for person in rung.people
            ]
        notices.store(told)


def _tell_who_signs_now(person_id: int, at: datetime):
    """Who was told of an escalation is not told again (its key); who signs in the place of the one who left is."""
    asked = Escalation.objects.filter(
        signed_at__isnull=True, complaint__notices__event="escalated", complaint__notices__person=person_id
    )
    ladder = Ladder(at)
    for escalation in asked.select_related("complaint__team", "complaint__handler").distinct():
        barred = named_in([escalation.complaint])[escalation.complaint_id] | escalation.not_for
        notices.store(escalations.notices_for(escalation, escalation.complaint, ladder, barred, at))


def _end_bulk_runs(person: Person, at: datetime):
    """What a bulk action of theirs had not done yet is left as it was, with the reason; their supervisors are told."""
    for run in BulkRun.objects.filter(person=person, started_at__isnull=False, finished_at__isnull=True):
        with transaction.atomic(), translation.override(person.language):
            waiting = run.rows.select_for_update(skip_locked=True, no_key=True).filter(state=BulkRow.State.WAITING)
            undone = list(waiting.values_list("complaint_id", flat=True))
            why = _("Whoever started this does not work with the desk any more.")
            run.rows.filter(complaint__in=undone, state=BulkRow.State.WAITING).update(
                state=BulkRow.State.REFUSED, reason=why
            )
            BulkRun.objects.filter(pk=run.pk).update(finished_at=at)
            if undone:
                _tell_of_bulk_run(run, undone, at)


def _tell_of_bulk_run(run: BulkRun, undone: list[int], at: datetime):
    newest = Complaint.objects.select_related("team", "handler").get(pk=max(undone))
    ladder = Ladder(at)
    rung = ladder.rungs(newest, named_in([newest])[newest.pk] | {run.person_id})[0]
    if rung.is_unsupervised:
        log.warning("The bulk action %s of somebody who left was not finished, and nobody supervises", run.pk)
        return
    data = {"left": run.person_id, "undone": len(undone), "action": run.action}
    key = f"bulk:{run.pk}:left"
    notices.store(
        notices.for_person(person, "bulk_stopped", complaint=newest, key=key, data=data, at=at, book=ladder.book)
        for person in rung.people
    )


def tell_nobody_stands_in(absence: Absence, at: datetime):
    """Whoever supervises hears of an absence without a deputy, and how many open cases wait meanwhile."""
    cases = Complaint.objects.open().filter(handler=absence.person).select_related("team", "handler")
    newest = cases.order_by("-pk").first()
    if newest is None:
        return
    ladder = Ladder(at)
    rung = ladder.rungs(newest, named_in([newest])[newest.pk] | {absence.person_id})[0]
    if rung.is_unsupervised:
        return
    data = {
        "absence": absence.pk,
        "left": absence.person_id,
        "begins_at": absence.begins_at.isoformat(),
        "ends_at": absence.ends_at.isoformat(),
        "count": cases.count(),
    }
    key = f"absence:{absence.pk}:{absence.begins_at:%Y%m%d%H%M}"
    notices.store(
        notices.for_person(person, "nobody_stands_in", complaint=newest, key=key, data=data, at=at, book=ladder.book)
        for person in rung.people
    )


def _after_commit(person_id: int):
    """Everything that is saved together is saved first: a role may be exchanged for another one."""
    transaction.on_commit(lambda: left_somewhere(person_id, timezone.now()), robust=True)


def _person_saved(instance: Person, *, created: bool, raw: bool, update_fields, **_more):
    touched = update_fields is None or "is_active" in update_fields
    if touched and not (created or raw or instance.is_active):
        _after_commit(instance.pk)


def _role_saved(instance: Membership, *, created: bool, raw: bool, **_more):
    if not (created or raw):
        _after_commit(instance.person_id)


def _role_lost(instance: Membership, **_more):
    if instance.role in (Role.HANDLER, Role.SUPERVISOR, Role.FRONTLINE, Role.REVIEWER):
        _after_commit(instance.person_id)


def _absence_saved(instance: Absence, *, raw: bool, **_more):
    at = timezone.now()
    if not raw and instance.deputy_id is None and instance.ends_at > at:
        tell_nobody_stands_in(instance, at)


def _team_saved(instance: Team, *, created: bool, raw: bool, **_more):
    if not (created or raw or instance.active):
        transaction.on_commit(lambda: team_closed(timezone.now()), robust=True)
