"""The sweep among rows that cannot be handled, and what it costs among rows that are not due."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from followups import clock
from followups.engine import effects, sweep
from followups.models import Escalation, Promise
from tests.cases import logged
from tests.followups.due import due_visit, history_is_whole, make_near

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
State = Promise.State


class TestBadRows:
    @pytest.fixture
    def poison(self, cast, now, monkeypatch):
        """A promise whose handling raises, among others that are fine."""
        bad, *good = [due_visit(cast, now) for _ in range(4)]
        original = Promise.said

        def said(promise):
            if promise.pk == bad.pk:
                raise ValueError("unreadable")
            return original(promise)

        monkeypatch.setattr(Promise, "said", said)
        return bad, good

    def test_it_is_put_off_and_reported_and_never_blocks_the_others(self, poison, caplog):
        bad, good = poison
        assert sweep.enforce_batch() == 4
        states = set(Promise.objects.filter(pk__in=[p.pk for p in good]).values_list("state", flat=True))
        assert states == {State.BROKEN}
        bad.refresh_from_db()
        assert (bad.state, bad.failures, bad.last_error) == (State.OPEN, 1, "ValueError: unreadable")
        assert bad.not_before > clock.now()
        assert f"Row {bad.pk} of broken could not be handled" in caplog.text
        assert sweep.enforce_batch() == 0
        assert all(history_is_whole(p.complaint) for p in [bad, *good])
        assert Escalation.objects.filter(reason="overdue").count() == 3

    def test_its_pauses_grow_and_it_breaks_once_it_can(self, poison, now, monkeypatch):
        bad, _good = poison
        pauses = []
        for _ in range(3):
            Promise.objects.filter(pk=bad.pk).update(not_before=None)
            sweep.enforce_batch()
            bad.refresh_from_db()
            pauses.append(bad.not_before - now)
        assert pauses == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
        monkeypatch.undo()
        Promise.objects.filter(pk=bad.pk).update(not_before=None)
        assert sweep.enforce_batch() == 1
        bad.refresh_from_db()
        assert (bad.state, bad.broken_at) == (State.BROKEN, bad.due_at)

    def test_one_that_failed_before_costs_the_others_no_second_try(self, poison, cast, now, monkeypatch):
        bad, _good = poison
        sweep.enforce_batch()
        others = {due_visit(cast, now).pk for _ in range(3)}
        Promise.objects.filter(pk=bad.pk).update(not_before=None)
        tried, act = [], effects._locked
        monkeypatch.setattr(effects, "_locked", lambda rows: tried.append({row.pk for row in rows.all()}) or act(rows))
        assert sweep.enforce_batch() == 4
        assert tried == [others, {bad.pk}]

    def test_one_that_the_database_refuses_stands_alone_too(self, cast, now):
        bad, good = due_visit(cast, now), due_visit(cast, now)
        Escalation.objects.create(
            complaint=bad.complaint,
            key=f"promise:{bad.pk}:1",
            reason="overdue",
            raised_at=now,
            team=cast.west,
            sign_by=now + DAY,
        )
        sweep.enforce_batch()
        good.refresh_from_db()
        bad.refresh_from_db()
        assert (good.state, bad.state) == (State.BROKEN, State.OPEN)
        assert "IntegrityError" in bad.last_error

    def test_a_warning_that_fails_does_not_delay_the_breaking(self, cast, now, monkeypatch):
        promise = due_visit(cast, now)
        make_near(promise)

        def fail(_promise):
            raise ValueError("unreadable")

        monkeypatch.setattr(Promise, "said", fail)
        assert [sweep.warn_batch() for _ in range(2)] == [1, 0]
        promise.refresh_from_db()
        assert promise.not_before is None

    def test_an_escalation_that_cannot_climb_is_put_off(self, cast, now, monkeypatch):
        due_visit(cast, now)
        sweep.enforce_batch()
        Escalation.objects.update(sign_by=now - MINUTE)

        def fail(*_args):
            raise ValueError("unreadable")

        monkeypatch.setattr("followups.escalation.ladder.Ladder.above", fail)
        assert [sweep.climb_batch() for _ in range(2)] == [1, 0]
        assert Escalation.objects.get().signed_at is None

    @pytest.mark.parametrize("slow", [pytest.param("statement", marks=pytest.mark.timeouts), "lock"])
    def test_one_that_takes_too_long_or_waits_for_somebody_stands_alone_too(self, cast, now, monkeypatch, slow):
        bad, good = due_visit(cast, now), due_visit(cast, now)
        original = Promise.said

        def said(promise):
            if promise.pk == bad.pk:
                with connection.cursor() as cursor:
                    if slow == "statement":
                        cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")
                    cursor.execute("DO $$ BEGIN RAISE lock_not_available; END $$")
            return original(promise)

        monkeypatch.setattr(Promise, "said", said)
        assert sweep.enforce_batch() == 2
        good.refresh_from_db()
        bad.refresh_from_db()
        assert (good.state, bad.state, bad.failures) == (State.BROKEN, State.OPEN, 1)

    def test_a_lost_database_is_no_fault_of_the_row(self, cast, now, monkeypatch):
        promise = due_visit(cast, now)

        def lost(*_args):
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(Promise, "said", lost)
        with pytest.raises(OperationalError):
            sweep.enforce_batch()
        promise.refresh_from_db()
        assert (promise.state, promise.failures) == (State.OPEN, 0)


class TestCost:
    """The claims read one partial index up to now, so that open rows that are not due cost nothing."""

    @pytest.mark.parametrize(
        ("duty", "index"),
        [
            (sweep.BREAK, "promise_open_act"),
            (sweep.WARN, "promise_open_warn"),
            (sweep.CLIMB, "escalation_unsigned"),
        ],
    )
    def test_the_claim_is_a_search_in_its_index(self, cast, now, duty, index):
        complaint = logged(cast, now)
        template = complaint.promises.first()
        Promise.objects.bulk_create(
            Promise(
                complaint=complaint,
                kind="visit",
                made_at=now - DAY,
                due_at=now + timedelta(minutes=number),
                warn_at=now + timedelta(seconds=number + 60),
                explanation=template.explanation,
            )
            for number in range(1, 3001)
        )
        Escalation.objects.bulk_create(
            Escalation(
                complaint=complaint,
                key=f"x{number}",
                reason="manual",
                raised_at=now,
                team=cast.west,
                sign_by=now + timedelta(minutes=number),
            )
            for number in range(1, 3001)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE followups_promise, followups_escalation, complaints_complaint")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {duty.claim}", [now, 100])
            plan = cursor.fetchone()[0][0]["Plan"]
        scans = [node for node in walk(plan) if node.get("Index Name") == index]
        assert scans, plan
        assert "<=" in scans[0]["Index Cond"]
        assert scans[0]["Actual Rows"] * scans[0]["Actual Loops"] <= 3


def walk(node):
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)


def test_who_supervises_whom_is_read_once_a_run_however_many_batches_it_takes(cast, now, monkeypatch):
    def reads() -> int:
        with CaptureQueriesContext(connection) as asked:
            sweep.run(budget_seconds=20)
        return sum('FROM "accounts_membership"' in query["sql"] for query in asked)

    due_visit(cast, now)
    once = reads()
    assert once > 0
    monkeypatch.setattr(sweep, "BATCH", 1)
    for _ in range(4):
        due_visit(cast, now)
    assert reads() == once
    assert Promise.objects.filter(kind="visit", state=State.BROKEN).count() == 5
