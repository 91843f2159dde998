"""Sweeps and people at the same time, each on a database connection of its own."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from complaints.case.actors import Actor
from complaints.case.locking import lock
from complaints.errors import NotAllowedNow
from complaints.models import Complaint, ComplaintEvent
from followups import clock
from followups.engine import sweep as enforcement
from followups.models import Escalation, Notice, Promise
from followups.promises import promises
from tests.followups.due import due_visit, history_is_whole

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
State = Promise.State


def in_threads(*works):
    """Run the works at the same time, each with a database connection of its own; returns their results."""
    results: list = [None] * len(works)
    errors = []

    def run(number, work):
        try:
            results[number] = work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestAtTheSameTime:
    def test_four_sweeps_share_the_work_and_nothing_is_done_twice(self, cast, now, monkeypatch):
        monkeypatch.setattr(enforcement, "BATCH", 7)
        for number in range(60):
            due_visit(cast, now, name=f"Customer {number}", phone=f"139 0000 {number:04}")

        def sweep():
            return enforcement.run(budget_seconds=60)["broken"]

        counts = in_threads(sweep, sweep, sweep, sweep)
        assert sum(counts) == 60
        assert Escalation.objects.count() == 60
        assert ComplaintEvent.objects.filter(kind="promise_broken").count() == 60
        assert Notice.objects.filter(to_customer=True).count() == 60
        assert all(history_is_whole(complaint) for complaint in Complaint.objects.all())

    def test_a_complaint_that_somebody_works_on_is_left_for_the_next_sweep(self, cast, now):
        held, free = due_visit(cast, now), due_visit(cast, now)
        has_lock, may_end = threading.Event(), threading.Event()

        def work():
            with transaction.atomic():
                lock(held.complaint_id)
                has_lock.set()
                may_end.wait(30)

        def sweep():
            has_lock.wait(30)
            count = enforcement.enforce_batch()
            may_end.set()
            return count

        # Had it waited for the lock, it would have got it in the end, and broken both.
        _none, count = in_threads(work, sweep)
        assert count == 1
        assert Promise.objects.get(pk=free.pk).state == State.BROKEN
        assert Promise.objects.get(pk=held.pk).state == State.OPEN
        assert enforcement.enforce_batch() == 1

    def test_who_keeps_it_while_it_breaks_wins_or_is_told_and_nothing_is_half_done(self, cast, now):
        visits = [due_visit(cast, now, name=f"Customer {n}", phone=f"139 0000 {n:04}") for n in range(12)]
        actor = Actor.staff(cast.frontline)

        def keep():
            kept = 0
            for visit in visits:
                try:
                    promises.keep(visit.pk, told_at=visit.due_at - SECOND, actor=actor, at=clock.now())
                    kept += 1
                except NotAllowedNow:
                    pass
            return kept

        def sweep():
            broken = 0
            for _ in range(12):
                broken += enforcement.enforce_batch(1)
            return broken

        kept, _swept = in_threads(keep, sweep)
        enforcement.enforce_batch()
        states = list(Promise.objects.filter(kind="visit").values_list("state", flat=True))
        assert states.count(State.KEPT) == kept
        assert states.count(State.BROKEN) == Escalation.objects.count() == 12 - kept
        assert all(history_is_whole(visit.complaint) for visit in visits)

    def test_two_people_move_and_keep_at_once_and_one_of_them_is_told(self, cast, now):
        visit = due_visit(cast, now)
        Promise.objects.filter(pk=visit.pk).update(due_at=now + HOUR)
        actor, outcomes = Actor.staff(cast.frontline), []

        def attempt(verb, **given):
            def work():
                try:
                    verb(visit.pk, **given, actor=actor, at=now + MINUTE)
                    outcomes.append(verb.__name__)
                except NotAllowedNow:
                    outcomes.append("refused")

            return work

        in_threads(attempt(promises.keep), attempt(promises.move, due_at=now + DAY, reason="Parts"))
        visit.refresh_from_db()
        assert visit.state == State.KEPT
        assert sorted(outcomes) in (["keep", "move"], ["keep", "refused"])
        assert visit.moves == outcomes.count("move")
        assert history_is_whole(visit.complaint)
