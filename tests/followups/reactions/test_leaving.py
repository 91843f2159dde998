"""Somebody is switched off, moved or away with nobody standing in: their cases go on, and the supervisor hears it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Absence, Membership, Role
from complaints.case.actors import Actor
from complaints.case.orphans import orphans
from complaints.models import Complaint
from complaints.queue import bulk
from followups.escalation import escalations
from followups.models import Notice
from followups.notices import bell
from followups.reactions import leaving
from tests.cases import at_stage
from tests.followups.due import history_is_whole

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cases(cast, at) -> list[Complaint]:
    made = [at_stage(cast, stage, at) for stage in ("assigned", "resolved", "assigned")]
    Notice.objects.all().delete()
    return made


def switch_off(who):
    who.is_active = False
    who.save()


def handlers(cases) -> list:
    return [Complaint.objects.get(pk=case.pk).handler for case in cases]


def told(event) -> list:
    return [notice.person for notice in Notice.objects.filter(event=event).order_by("pk")]


class TestLeaving:
    def test_switched_off_their_open_cases_wait_in_the_queue(self, cast, cases, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.handler)
        assert handlers(cases) == [None, None, None]
        assert set(Complaint.objects.unassigned()) == {cases[0], cases[2]}
        event = cases[0].events.get(kind="handler_left")
        assert event.data == {"previous_handler": cast.handler.pk, "team": cast.hexi.pk, "because": "inactive"}
        assert all(history_is_whole(case) for case in cases)

    def test_the_supervisor_is_told_how_many(self, cast, cases, at, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.handler)
        assert told("left_behind") == [cast.supervisor]
        (line,) = bell.lines(list(bell.notices_of(cast.supervisor, at)), cast.supervisor, at)
        assert line.words == (
            "Li Min does not work there any more; 3 open complaints are in the queue of Hexi Road station now."
        )

    def test_it_is_no_hand_over_and_what_is_archived_keeps_its_handler(
        self, cast, at, django_capture_on_commit_callbacks
    ):
        archived = at_stage(cast, "archived", at - DAY)
        running = at_stage(cast, "assigned", at)
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.handler)
        assert handlers([archived, running]) == [cast.handler, None]
        assert Complaint.objects.get(pk=running.pk).handovers == 0

    def test_moved_to_another_team(self, cast, cases, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            role = cast.handler.memberships.get()
            role.team = cast.qujiang
            role.save()
        assert handlers(cases) == [None, None, None]

    def test_the_role_taken_away(self, cast, cases, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            cast.handler.memberships.get().delete()
        assert handlers(cases) == [None, None, None]

    def test_a_role_exchanged_for_another_that_handles_it_too_changes_nothing(
        self, cast, cases, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            cast.handler.memberships.get().delete()
            Membership.objects.create(person=cast.handler, team=cast.west, role=Role.SUPERVISOR)
        assert handlers(cases) == [cast.handler] * 3

    def test_what_no_signal_told_of_is_found_by_looking(self, cast, cases, at):
        type(cast.handler).objects.filter(pk=cast.handler.pk).update(is_active=False)
        assert leaving.hand_over_what_is_left(at) == 3
        assert leaving.hand_over_what_is_left(at) == 0
        assert handlers(cases) == [None, None, None]

    def test_named_in_the_case_somebody_else_has_to_handle_it(self, cast, cases, at):
        cases[0].named_people.add(cast.handler)
        assert list(orphans()) == [cases[0]]
        leaving.hand_over_what_is_left(at)
        assert cases[0].events.get(kind="handler_left").data["because"] == "named"

    def test_without_any_supervisor_administrators_hear_that_somebody_is_missing(
        self, cast, cases, django_capture_on_commit_callbacks
    ):
        Membership.objects.filter(role=Role.SUPERVISOR).delete()
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.handler)
        assert told("left_behind") == []
        assert told("nobody_there") == [cast.administrator]

    def test_an_unsigned_escalation_goes_to_whoever_signs_now(
        self, cast, cases, at, django_capture_on_commit_callbacks
    ):
        escalations.escalate_by_hand(
            cases[0].pk, note="Help", tried="All", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        assert told("escalated") == [cast.supervisor]
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.supervisor)
        assert told("escalated") == [cast.supervisor, cast.director]

    def test_a_bulk_action_of_theirs_ends_and_says_what_was_left(
        self, cast, cases, at, django_capture_on_commit_callbacks
    ):
        run = bulk.choose(cast.supervisor, "reassign", Complaint.objects.all(), at=at)
        values = {"team": cast.hexi.pk, "handler": cast.colleague.pk, "reason": "Shift"}
        bulk.start(run.pk, person=cast.supervisor, values=values, at=at)
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.supervisor)
        run.refresh_from_db()
        assert run.finished_at is not None
        assert set(run.rows.values_list("state", flat=True)) == {"refused"}
        assert told("bulk_stopped") == [cast.director]

    def test_many_cases_are_left_to_the_workers(self, cast, cases, monkeypatch, django_capture_on_commit_callbacks):
        sent = []
        monkeypatch.setattr(leaving, "AT_ONCE", 2)
        monkeypatch.setattr(leaving.current_app, "send_task", sent.append)
        with django_capture_on_commit_callbacks(execute=True):
            switch_off(cast.handler)
        assert sent == ["followups.tasks.hand_over"]
        assert handlers(cases) == [cast.handler] * 3


class TestAway:
    def enter(self, cast, at, **more) -> Absence:
        now = timezone.now()
        given = {"person": cast.handler, "begins_at": now + DAY, "ends_at": now + 3 * DAY}
        return Absence.objects.create(**given | more)

    def test_without_a_deputy_the_supervisor_is_told_how_many_cases_wait(self, cast, cases, at):
        self.enter(cast, at)
        assert told("nobody_stands_in") == [cast.supervisor]
        assert Notice.objects.get().data["count"] == 3

    def test_with_a_deputy_or_without_open_cases_nobody_is(self, cast, cases, at):
        self.enter(cast, at, deputy=cast.colleague)
        self.enter(cast, at, person=cast.neighbour)
        assert told("nobody_stands_in") == []

    def test_once_somebody_stands_in_it_is_over(self, cast, cases, at):
        absence = self.enter(cast, at)
        absence.deputy = cast.colleague
        absence.save()
        (line,) = bell.lines(list(bell.notices_of(cast.supervisor, at)), cast.supervisor, at)
        assert line.words == "Somebody stands in for a colleague who is away."


@pytest.mark.parametrize("rows", [1, 3])
def test_looking_costs_two_queries_however_many_are_well(cast, at, rows, django_assert_num_queries):
    for _each in range(rows):
        at_stage(cast, "assigned", at)
    # One for open cases, one for the reviewers of appeals.
    with django_assert_num_queries(2):
        assert leaving.hand_over_what_is_left(at) == 0
