"""The verbs of bulk actions: what is chosen, worked through once, and refused with its reasons."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import Role
from complaints import tasks
from complaints.choices import Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import BulkRow, BulkRun, Category, Complaint, ComplaintEvent
from complaints.queue import bulk
from tests.cases import at_stage, logged
from tests.cast import person

Action, State = BulkRun.Action, BulkRow.State


@pytest.fixture
def give(cast):
    """give(complaints, handler) → a started run that reassigns them."""

    def give(complaints, handler, at, reason="Shift change"):
        values = {"team": cast.hexi.pk, "handler": handler.pk if handler else None, "reason": reason}
        return started(cast.supervisor, Action.REASSIGN, complaints, values, at)

    return give


def chosen(somebody, action, complaints, at) -> BulkRun:
    return bulk.choose(
        somebody, action, Complaint.objects.visible_to(somebody).filter(pk__in=[c.pk for c in complaints]), at=at
    )


def started(somebody, action, complaints, values, at) -> BulkRun:
    run = chosen(somebody, action, complaints, at)
    assert bulk.start(run.pk, person=somebody, values=values, at=at)
    return run


def worked(run, at) -> BulkRun:
    bulk.work(run.pk, clock=lambda: at)
    run.refresh_from_db()
    return run


def outcome(run) -> dict[int, tuple[str, str]]:
    return {pk: (state, reason) for pk, state, reason in run.rows.values_list("complaint", "state", "reason")}


def handed(complaint) -> int:
    return complaint.events.filter(kind="reassigned").count()


def assigned(cast, at, number: int) -> list[Complaint]:
    return [at_stage(cast, Status.ASSIGNED, at - timedelta(hours=1)) for _each in range(number)]


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("supervisor", ["reassign", "assign", "category", "duplicate"]),
        ("handler", ["category", "duplicate"]),
        ("frontline", ["category"]),
        ("auditor", []),
        ("reviewer", []),
        ("administrator", []),
    ],
)
def test_each_role_is_offered_what_it_may_do_to_one(cast, name, actions):
    assert bulk.actions_for(getattr(cast, name)) == actions


def test_what_may_not_be_done_to_one_is_not_begun_for_many(cast, at):
    with pytest.raises(NotPermitted):
        chosen(cast.handler, Action.REASSIGN, [logged(cast, at)], at)


def test_nothing_ticked_and_too_many_are_refused_in_words(cast, at, monkeypatch):
    with pytest.raises(NotAllowedNow, match="Nothing was selected"):
        chosen(cast.supervisor, Action.REASSIGN, [], at)
    monkeypatch.setattr(bulk, "MOST_ROWS", 1)
    with pytest.raises(NotAllowedNow, match="More than 1 complaints"):
        chosen(cast.supervisor, Action.REASSIGN, [logged(cast, at), logged(cast, at)], at)
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize("number", [1, 30])
def test_choosing_takes_the_same_few_queries_for_any_number(cast, at, number, django_assert_num_queries):
    complaints = [logged(cast, at) for _each in range(number)]
    bulk.actions_for(cast.supervisor)
    # ids, a transaction's two ends, what is forgotten, the run, its rows
    with django_assert_num_queries(6):
        chosen(cast.supervisor, Action.REASSIGN, complaints, at)


def test_what_was_never_started_is_forgotten_after_a_day(cast, at):
    complaint = logged(cast, at)
    old = chosen(cast.supervisor, Action.REASSIGN, [complaint], at - timedelta(days=2))
    begun = started(cast.supervisor, Action.CATEGORY, [complaint], {}, at - timedelta(days=2))
    theirs = chosen(cast.director, Action.REASSIGN, [complaint], at - timedelta(days=2))
    new = chosen(cast.supervisor, Action.REASSIGN, [complaint], at)
    assert set(BulkRun.objects.all()) == {begun, theirs, new}
    assert not BulkRow.objects.filter(run=old.pk).exists()


def test_every_row_goes_through_the_gates_by_itself(cast, at, give):
    good, same, early = *assigned(cast, at, 2), at_stage(cast, Status.VERIFIED, at)
    Complaint.objects.filter(pk=same.pk).update(handler=cast.colleague)
    run = worked(give([good, same, early], cast.colleague, at), at)
    good.refresh_from_db()
    assert (good.handler, good.handovers) == (cast.colleague, 1)
    assert good.events.get(kind="reassigned").data["reason"] == "Shift change"
    said = outcome(run)
    assert said[good.pk] == (State.DONE, "")
    assert said[same.pk] == (State.REFUSED, "Choose somebody else")
    assert said[early.pk][0] == State.REFUSED
    assert "“Reassign” is not possible at the stage" in said[early.pk][1]
    assert (bulk.progress(run).done, bulk.progress(run).refused, run.finished_at) == (1, 2, at)


def test_a_refused_row_names_everything_that_is_missing_in_the_persons_language(cast, at):
    cast.supervisor.language = "zh-hans"
    cast.supervisor.save()
    complaint = at_stage(cast, Status.VERIFIED, at)
    cast.hexi.active = False
    cast.hexi.save()
    values = {"team": cast.hexi.pk, "handler": cast.stranger.pk, "category": None, "severity": ""}
    run = worked(started(cast.supervisor, Action.ASSIGN, [complaint], values, at), at)
    state, reason = outcome(run)[complaint.pk]
    assert state == State.REFUSED
    assert len(reason.splitlines()) == 3
    assert "请选择类别" in reason or "类别" in reason
    complaint.refresh_from_db()
    assert complaint.status == Status.VERIFIED


def test_assigning_keeps_category_and_severity_where_nothing_is_chosen(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at, severity="danger")
    Complaint.objects.filter(pk=complaint.pk).update(category=cast.metering)
    values = {"team": cast.hexi.pk, "handler": cast.handler.pk, "category": None, "severity": ""}
    worked(started(cast.supervisor, Action.ASSIGN, [complaint], values, at), at)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.severity, complaint.category) == (Status.ASSIGNED, "danger", cast.metering)


def test_the_role_is_asked_for_each_complaint(cast, at):
    """A supervisor of one site who is frontline at another may reassign here, not there."""
    leader = person("lu.ping", (Role.SUPERVISOR, cast.hexi), (Role.FRONTLINE, cast.weiyang))
    here, there = assigned(cast, at, 2)
    Complaint.objects.filter(pk=there.pk).update(team=cast.weiyang, site=cast.weiyang)
    values = {"team": cast.hexi.pk, "handler": cast.colleague.pk, "reason": "Shift change"}
    run = worked(started(leader, Action.REASSIGN, [here, there], values, at), at)
    said = outcome(run)
    assert said[here.pk][0] == State.DONE
    assert said[there.pk] == (State.REFUSED, "Your role does not include this step: Reassign")


def test_a_role_that_was_taken_away_meanwhile_counts(cast, at, give):
    complaint = assigned(cast, at, 1)[0]
    run = give([complaint], cast.colleague, at)
    cast.supervisor.memberships.all().delete()
    assert outcome(worked(run, at))[complaint.pk][0] == State.REFUSED
    assert handed(complaint) == 0


def test_duplicates_point_at_the_original_and_the_original_itself_stays_open(cast, at):
    original, copy = logged(cast, at), logged(cast, at)
    values = {"original": original.pk, "reason": "The same call, logged twice"}
    run = worked(started(cast.handler, Action.DUPLICATE, [original, copy], values, at), at)
    said = outcome(run)
    assert said == {copy.pk: (State.DONE, ""), original.pk: (State.REFUSED, "This is the complaint itself.")}
    copy.refresh_from_db()
    assert (copy.status, copy.duplicate_of) == (Status.ARCHIVED, original)


def test_the_category_changes_with_its_reason_and_an_archived_case_is_left_alone(cast, at):
    manners = Category.objects.create(name="Manners", name_zh="态度")
    complaint, archived = logged(cast, at), at_stage(cast, Status.ARCHIVED, at - timedelta(days=1))
    values = {"category": manners.pk, "reason": "It was about the attendant"}
    run = worked(started(cast.frontline, Action.CATEGORY, [complaint, archived], values, at), at)
    complaint.refresh_from_db()
    assert complaint.category == manners
    assert complaint.events.get(kind="category_changed").data["reason"] == "It was about the attendant"
    assert outcome(run)[archived.pk] == (State.REFUSED, "An archived complaint is read-only.")


def test_what_the_form_named_and_is_gone_is_refused(cast, at):
    manners, complaint = Category.objects.create(name="Manners"), logged(cast, at)
    run = started(cast.handler, Action.CATEGORY, [complaint], {"category": manners.pk, "reason": "x"}, at)
    manners.delete()
    assert outcome(worked(run, at))[complaint.pk] == (State.REFUSED, "What was chosen for it does not exist any more.")


def test_a_run_begins_once(cast, at, give):
    complaint = assigned(cast, at, 1)[0]
    run = give([complaint], cast.colleague, at)
    run.refresh_from_db()
    values = run.data["values"]
    assert not bulk.start(run.pk, person=cast.supervisor, values=values, at=at)
    with pytest.raises(bulk.StartedBefore):
        bulk.start(run.pk, person=cast.supervisor, values=values | {"reason": "Another reason"}, at=at)
    assert worked(run, at).data["values"]["handler"] == cast.colleague.pk
    worked(run, at + timedelta(minutes=1))
    assert (handed(complaint), run.finished_at) == (1, at)


def test_a_run_is_started_by_nobody_but_who_chose_it(cast, at):
    run = chosen(cast.supervisor, Action.REASSIGN, assigned(cast, at, 1), at)
    values = {"team": cast.hexi.pk, "handler": None, "reason": "Mine now"}
    with pytest.raises(NotPermitted):
        bulk.start(run.pk, person=cast.colleague, values=values, at=at)
    run.refresh_from_db()
    assert (run.started_at, run.data) == (None, {})


def test_nothing_is_worked_on_before_the_start(cast, at):
    complaint = assigned(cast, at, 1)[0]
    run = chosen(cast.supervisor, Action.REASSIGN, [complaint], at)
    assert not bulk.work_one(run.pk, at=at)
    assert worked(run, at).finished_at is None


def test_a_row_that_goes_wrong_does_not_keep_the_others_waiting(cast, at, give, monkeypatch, caplog):
    bad, good = assigned(cast, at, 2)
    perform = bulk.lifecycle.perform

    def fails_for_one(pk, *args, **kwargs):
        complaint = perform(pk, *args, **kwargs)
        if pk == bad.pk:
            raise RuntimeError("a bug")
        return complaint

    monkeypatch.setattr(bulk.lifecycle, "perform", fails_for_one)
    run = worked(give([bad, good], cast.colleague, at), at)
    assert outcome(run)[good.pk][0] == State.DONE
    assert outcome(run)[bad.pk][0] == State.REFUSED
    assert handed(bad) == 0, "its effect went with it"
    assert "failed" in caplog.text


def test_a_worker_that_dies_between_effect_and_commit_leaves_the_row_to_the_next(cast, at, give, monkeypatch):
    first, second = assigned(cast, at, 2)
    run = give([first, second], cast.colleague, at)
    save, dies = BulkRow.save, iter([False, True])

    def killed(row, **kwargs):
        if next(dies, False):
            raise OperationalError("server closed the connection unexpectedly")
        save(row, **kwargs)

    monkeypatch.setattr(BulkRow, "save", killed)
    with pytest.raises(OperationalError):
        bulk.work(run.pk, clock=lambda: at)
    assert (handed(first), handed(second)) == (1, 0)
    assert bulk.progress(run).waiting == 1
    tasks.work_bulk_runs()
    assert (handed(first), handed(second)) == (1, 1)
    run.refresh_from_db()
    assert run.finished_at is not None


def test_whoever_is_woken_is_the_task_that_works():
    assert tasks.work_bulk.name == bulk.WORK


def test_a_long_run_gives_others_their_turn_and_goes_on(cast, at, give, monkeypatch):
    run = give(assigned(cast, at, 2), cast.colleague, at)
    again = []
    monkeypatch.setattr(tasks.work_bulk, "delay", again.append)
    monkeypatch.setattr(tasks, "BUDGET_S", 0)
    tasks.work_bulk(run.pk)
    assert again == [run.pk]
    monkeypatch.setattr(tasks, "BUDGET_S", 60)
    with time_machine.travel(at):
        tasks.work_bulk(run.pk)
    assert again == [run.pk]
    assert bulk.progress(run).done == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_on_one_run_do_every_row_once(cast, at, give):
    complaints = assigned(cast, at, 8)
    run = give(complaints, cast.colleague, at)
    together, failed = threading.Barrier(2), []

    def worker():
        try:
            together.wait(60)
            bulk.work(run.pk, clock=timezone.now)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert ComplaintEvent.objects.filter(kind="reassigned").count() == 8
    assert [handed(complaint) for complaint in complaints] == [1] * 8
    run.refresh_from_db()
    assert (bulk.progress(run).done, run.finished_at is not None) == (8, True)
