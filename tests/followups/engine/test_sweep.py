from datetime import timedelta

import pytest
import time_machine

from complaints.case.actors import Actor
from complaints.models import Complaint
from followups import clock
from followups.engine import sweep
from followups.models import Escalation, Notice, Promise
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.followups.due import due_visit, history_is_whole, make_due, make_near

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
State = Promise.State


class TestBreaking:
    def test_state_event_escalation_and_notices_come_together(self, cast, now):
        promise = due_visit(cast, now)
        assert sweep.enforce_batch() == 1
        before, promise = promise, Promise.objects.get(pk=promise.pk)
        assert (promise.state, promise.broken_at) == (State.BROKEN, before.due_at)
        assert promise.settled_at >= promise.due_at
        escalation = Escalation.objects.get()
        assert (escalation.key, escalation.reason, escalation.team) == (
            f"promise:{promise.pk}:1",
            "overdue",
            cast.west,
        )
        kinds = promise.complaint.events.order_by("number").values_list("kind", flat=True)
        assert list(kinds)[-2:] == ["promise_broken", "escalated"]
        told = set(Notice.objects.values_list("event", "address"))
        assert told == {
            ("escalated", cast.supervisor.email),
            ("customer_promise_broken", "wang@customer.example"),
        }
        assert history_is_whole(promise.complaint)

    def test_the_handler_is_told_too(self, cast, now):
        complaint = at_stage(cast, "assigned", now)
        make_due(complaint.promises.get(kind="resolution", state=State.OPEN))
        Notice.objects.all().delete()
        sweep.enforce_batch()
        assert Notice.objects.get(event="promise_broken").person == cast.handler

    def test_a_supervisor_who_handles_it_is_told_once(self, cast, now):
        promise = due_visit(cast, now)
        Complaint.objects.filter(pk=promise.complaint_id).update(handler=cast.supervisor)
        sweep.enforce_batch()
        assert [n.event for n in Notice.objects.filter(person=cast.supervisor)] == ["escalated"]

    def test_a_promise_among_ourselves_is_no_news_for_the_customer(self, cast, now):
        promise = due_visit(cast, now)
        Promise.objects.filter(pk=promise.pk).update(to_customer=False)
        sweep.enforce_batch()
        assert not Notice.objects.filter(to_customer=True).exists()
        assert not promise.complaint.events.get(kind="promise_broken").public

    def test_it_happens_once(self, cast, now):
        due_visit(cast, now)
        assert [sweep.enforce_batch() for _ in range(2)] == [1, 0]
        assert Escalation.objects.count() == 1

    def test_never_early(self, cast, now):
        promise = due_visit(cast, now)
        due_at = now + HOUR
        Promise.objects.filter(pk=promise.pk).update(due_at=due_at)
        with time_machine.travel(due_at - timedelta(microseconds=1), tick=False):
            assert sweep.enforce_batch() == 0
        with time_machine.travel(due_at, tick=False):
            assert sweep.enforce_batch() == 1
        assert Promise.objects.get(pk=promise.pk).settled_at == due_at

    def test_what_is_kept_withdrawn_or_moved_is_left_alone(self, cast, now):
        actor = Actor.staff(cast.frontline)
        kept, withdrawn, moved = (due_visit(cast, now) for _ in range(3))
        for promise in (kept, withdrawn, moved):
            Promise.objects.filter(pk=promise.pk).update(due_at=now + HOUR)
        promises.keep(kept.pk, actor=actor, at=now)
        promises.withdraw(withdrawn.pk, reason="Not needed", actor=actor, at=now)
        promises.move(moved.pk, due_at=now + DAY, reason="Parts", actor=actor, at=now)
        Promise.objects.filter(pk__in=[kept.pk, withdrawn.pk]).update(due_at=now - MINUTE, made_at=now - HOUR)
        assert sweep.enforce_batch() == 0

    def test_the_longest_due_come_first(self, cast, now):
        late, later = due_visit(cast, now), due_visit(cast, now)
        make_due(later, ago=HOUR)
        assert sweep.enforce_one()
        assert Promise.objects.get(pk=later.pk).state == State.BROKEN
        assert Promise.objects.get(pk=late.pk).state == State.OPEN
        assert sweep.enforce_one()
        assert not sweep.enforce_one()

    def test_several_of_one_complaint_break_in_one_chain(self, cast, now):
        complaint = logged(cast, now)
        make_due(*complaint.promises.all())
        assert sweep.enforce_batch() == 3
        assert history_is_whole(complaint)
        assert complaint.events.filter(kind="promise_broken").count() == 3

    def test_a_broken_promise_stays_what_lists_sort_by(self, cast, now):
        promise = due_visit(cast, now)
        sweep.enforce_batch()
        complaint = Complaint.objects.get(pk=promise.complaint_id)
        assert complaint.next_due_at == promise.due_at
        promises.make(
            complaint.pk,
            kind="visit",
            words="Now for sure",
            due_at=clock.now() + DAY,
            actor=Actor.staff(cast.frontline),
            at=clock.now(),
        )
        complaint.refresh_from_db()
        assert complaint.next_due_at > clock.now()

    def test_what_the_desk_does_makes_no_form_stale(self, cast, now):
        promise = due_visit(cast, now)
        version = Complaint.objects.get(pk=promise.complaint_id).version
        sweep.enforce_batch()
        assert Complaint.objects.get(pk=promise.complaint_id).version == version

    @pytest.mark.parametrize("count", [1, 12])
    def test_a_batch_takes_as_many_queries_as_one_row(self, cast, now, count, django_assert_max_num_queries):
        for _ in range(count):
            due_visit(cast, now)
        with django_assert_max_num_queries(28):
            assert sweep.enforce_batch() == count


class TestWarning:
    def test_the_owner_is_told_once_and_the_promise_stays_open(self, cast, now):
        complaint = at_stage(cast, "assigned", now)
        promise = complaint.promises.get(kind="resolution", state=State.OPEN)
        make_near(promise)
        Notice.objects.all().delete()
        assert [sweep.warn_batch() for _ in range(2)] == [1, 0]
        promise.refresh_from_db()
        assert promise.state == State.OPEN
        assert promise.warned_at is not None
        assert [(n.event, n.person) for n in Notice.objects.all()] == [("promise_warned", cast.handler)]
        assert not complaint.events.get(kind="promise_warned").public

    def test_without_a_handler_whoever_could_take_it_is_told_and_the_supervisor(self, cast, now):
        promise = due_visit(cast, now)
        make_near(promise)
        sweep.warn_batch()
        told = {notice.person for notice in Notice.objects.filter(event="promise_warned")}
        assert told == {cast.frontline, cast.handler, cast.colleague, cast.supervisor}

    def test_a_handler_who_left_is_not_the_one_to_warn(self, cast, now):
        promise = due_visit(cast, now)
        Complaint.objects.filter(pk=promise.complaint_id).update(handler=cast.handler)
        cast.handler.is_active = False
        cast.handler.save(update_fields=["is_active"])
        make_near(promise)
        sweep.warn_batch()
        assert Notice.objects.get(event="promise_warned").person == cast.supervisor

    def test_a_moved_promise_is_warned_of_again(self, cast, now):
        promise = due_visit(cast, now)
        make_near(promise)
        sweep.warn_batch()
        actor = Actor.staff(cast.frontline)
        promises.move(promise.pk, due_at=now + 2 * DAY, reason="Parts", actor=actor, at=now)
        make_near(promise)
        assert sweep.warn_batch() == 1
        assert Notice.objects.filter(event="promise_warned", person=cast.supervisor).count() == 2


class TestRun:
    def test_it_does_everything_that_is_due_and_tells_how_much(self, cast, now):
        beats = []
        broken, near = due_visit(cast, now), due_visit(cast, now)
        make_near(near)
        done = sweep.run(budget_seconds=20, pulse=lambda: beats.append(1))
        assert done == {
            "sent": 0,
            "settled": 0,
            "untrue": 0,
            "broken": 1,
            "warned": 1,
            "climbed": 0,
            "stuck": 0,
            "links": 0,
        }
        assert len(beats) == 4, "one after each duty"
        Escalation.objects.update(sign_by=now - MINUTE)
        assert sweep.run(budget_seconds=20)["climbed"] == 1
        broken.refresh_from_db()
        assert broken.state == State.BROKEN

    def test_more_than_a_batch_is_done_in_one_run(self, cast, now, monkeypatch):
        monkeypatch.setattr(sweep, "BATCH", 2)
        for _ in range(5):
            due_visit(cast, now)
        assert sweep.run(budget_seconds=20)["broken"] == 5

    def test_no_budget_no_work(self, cast, now):
        due_visit(cast, now)
        assert sweep.run(budget_seconds=0)["broken"] == 0
