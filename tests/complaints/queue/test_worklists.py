from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Complaint
from complaints.queue import worklists
from complaints.queue.counting import counts
from complaints.queue.worklists import WORKLISTS, Worklist, first_worklist, grouped, rows_of, worklists_of
from tests.cases import at_stage, logged


def held(key: str, person, at) -> set[Complaint]:
    return set(WORKLISTS[key].pick(Complaint.objects.visible_to(person), person, at))


def due(complaint: Complaint, moment, **fields) -> Complaint:
    Complaint.objects.filter(pk=complaint.pk).update(next_due_at=moment, **fields)
    complaint.refresh_from_db()
    return complaint


def test_my_work_is_what_i_handle_and_what_i_logged_until_somebody_takes_it(cast, at):
    fresh, handled = logged(cast, at), at_stage(cast, "assigned", at)
    archived = at_stage(cast, "archived", at)
    assert held("mine", cast.handler, at) == {handled}
    assert held("mine", cast.frontline, at) == {fresh}
    assert held("mine", cast.colleague, at) == set()
    assert archived not in held("mine", cast.handler, at)


def test_my_team_is_what_the_teams_in_reach_work_on(cast, at):
    ours, next_door = logged(cast, at), logged(cast, at, team=cast.weiyang, site=cast.weiyang)
    elsewhere = logged(cast, at, team=cast.service)
    assert held("team", cast.handler, at) == {ours}
    assert held("team", cast.supervisor, at) == {ours, next_door}
    assert held("team", cast.auditor, at) == {ours, next_door}
    assert elsewhere in held("all", cast.handler, at), "it happened at the site of the handler"


def test_unassigned_is_open_and_in_nobodys_hands(cast, at):
    fresh, verified = logged(cast, at), at_stage(cast, "verified", at)
    at_stage(cast, "assigned", at)
    assert held("unassigned", cast.supervisor, at) == {fresh, verified}


def test_due_today_is_the_local_day(cast, at):
    with timezone.override("Asia/Shanghai"):
        midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
        due(logged(cast, at), midnight - timedelta(microseconds=1))
        first = due(logged(cast, at), midnight)
        last = due(logged(cast, at), midnight + timedelta(days=1, microseconds=-1))
        due(logged(cast, at), midnight + timedelta(days=1))
        assert held("today", cast.handler, at) == {first, last}


def test_overdue_is_past_and_running(cast, at):
    late = due(logged(cast, at), at - timedelta(seconds=1))
    due(logged(cast, at), at + timedelta(seconds=1))
    due(logged(cast, at), None, waiting_since=at - timedelta(days=2))
    due(logged(cast, at), at + timedelta(days=1), waiting_since=at - timedelta(days=2))
    broken_before = due(logged(cast, at), at - timedelta(days=2), waiting_since=at - timedelta(days=1))
    broken_meanwhile = due(logged(cast, at), at - timedelta(days=1), waiting_since=at - timedelta(days=2))
    due(at_stage(cast, "archived", at), at - timedelta(days=1))
    assert held("overdue", cast.handler, at) == {late, broken_before, broken_meanwhile}


def test_what_waits_is_due_today_only_if_something_still_runs(cast, at):
    due(logged(cast, at), None, waiting_since=at - timedelta(hours=1))
    long_stop = due(logged(cast, at), at + timedelta(hours=1), waiting_since=at - timedelta(hours=1))
    assert held("today", cast.handler, at) == {long_stop}


def test_waiting_is_what_the_customer_has_to_answer(cast, at):
    waiting = due(logged(cast, at), None, waiting_since=at)
    logged(cast, at)
    assert held("waiting", cast.handler, at) == {waiting}


@pytest.mark.parametrize("key", WORKLISTS)
def test_no_view_shows_a_stranger_or_a_person_named_in_it_anything(cast, at, key):
    for number, moment in enumerate([at - timedelta(hours=1), at + timedelta(hours=1), None]):
        complaint = due(at_stage(cast, ["received", "assigned", "archived"][number], at), moment, waiting_since=at)
        complaint.named_people.add(cast.handler)
    assert held(key, cast.stranger, at) == set()
    assert held(key, cast.handler, at) == set()
    assert held(key, cast.administrator, at) == set()


def test_the_counts_say_how_many_each_view_holds(cast, at):
    due(logged(cast, at), at - timedelta(hours=1))
    due(at_stage(cast, "assigned", at), None, waiting_since=at)
    at_stage(cast, "archived", at)
    visible = Complaint.objects.visible_to(cast.handler)
    assert counts(visible, cast.handler, at) == {
        key: len(held(key, cast.handler, at)) for key in worklists_of(cast.handler)
    }
    assert counts(visible, cast.handler, at)["all"] == 3


def test_the_counts_are_one_query_and_bounded(cast, at, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(worklists, "MOST_COUNTED", 2)
    for _number in range(4):
        logged(cast, at)
    visible = Complaint.objects.visible_to(cast.handler)
    with django_assert_num_queries(1):
        found = counts(visible, cast.handler, at)
    assert (found["team"], found["mine"]) == (3, 0)


def test_everything_is_counted_up_to_a_hundred(cast, at, monkeypatch):
    monkeypatch.setattr(worklists, "MOST_COUNTED", 1)
    for _number in range(4):
        logged(cast, at)
    assert counts(Complaint.objects.visible_to(cast.handler), cast.handler, at)["all"] == 4
    assert WORKLISTS["all"].most == 100


def test_who_sees_nothing_counts_nothing(cast, at):
    logged(cast, at)
    nothing = Complaint.objects.visible_to(cast.administrator)
    assert set(counts(nothing, cast.administrator, at).values()) == {0}


@pytest.fixture
def danger(monkeypatch):
    """A view that another room adds, for supervisors."""
    monkeypatch.setattr(worklists, "WORKLISTS", dict(WORKLISTS))
    view = Worklist("danger", "Danger", lambda v, p, at: v.filter(severity="danger"), "", "", "", role="supervisor")
    worklists.register_worklist(view, after="waiting")
    return view


def test_another_room_adds_a_view_behind_one_that_stands_there(danger):
    keys = list(worklists.WORKLISTS)
    assert keys.index("danger") == keys.index("waiting") + 1
    assert keys[-1] == "all"
    worklists.register_worklist(danger, after="mine")
    assert list(worklists.WORKLISTS) == ["mine", "danger", *(key for key in keys if key not in ("mine", "danger"))]


def test_a_view_behind_an_unknown_one_is_a_mistake_in_the_program(danger):
    with pytest.raises(StopIteration):
        worklists.register_worklist(danger, after="nowhere")


def test_a_view_for_a_role_is_shown_to_those_who_hold_it_and_counted_with_the_others(
    cast, at, danger, django_assert_num_queries
):
    logged(cast, at, severity="danger")
    assert "danger" not in worklists_of(cast.handler)
    assert "danger" in worklists_of(cast.supervisor)
    visible = Complaint.objects.visible_to(cast.supervisor)
    with django_assert_num_queries(1):
        assert counts(visible, cast.supervisor, at)["danger"] == 1
    assert "danger" not in counts(Complaint.objects.visible_to(cast.handler), cast.handler, at)


def test_each_role_starts_where_its_work_is(cast):
    assert first_worklist(cast.frontline) == "team"
    assert first_worklist(cast.handler) == "mine"
    assert first_worklist(cast.supervisor) == "team"
    assert first_worklist(cast.auditor) == "all"
    assert first_worklist(cast.reviewer) == "appeals"


def test_rows_are_grouped_by_what_their_promise_means_now(cast, at):
    with timezone.override("Asia/Shanghai"):
        broken = due(logged(cast, at), at, waiting_since=at - timedelta(hours=1))
        today = due(logged(cast, at), at + timedelta(hours=3))
        tomorrow = due(logged(cast, at), at + timedelta(days=1))
        paused = due(logged(cast, at), None, waiting_since=at - timedelta(days=2))
        without = due(logged(cast, at), None)
        groups = grouped(list(rows_of(Complaint.objects.order_by("id"), at)), at)
    assert [(str(group.label), group.rows) for group in groups] == [
        ("Broken", [broken]),
        ("Today", [today]),
        ("Later", [tomorrow, paused]),
        ("No open promise", [without]),
    ]
    assert grouped([], at) == []
