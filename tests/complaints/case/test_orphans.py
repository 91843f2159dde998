"""A closed team hands its open cases up, and nothing new comes to it; a case opened again finds somebody."""

from datetime import timedelta

import pytest

from accounts.models import Person, Team
from complaints.case import orphans
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import facts, lifecycle
from followups.promises import duties
from followups.reactions import leaving
from tests.cases import at_stage, logged
from tests.followups.due import history_is_whole

HOUR = timedelta(hours=1)


def close(*teams: Team):
    """As the administration saves them, before what follows from it."""
    Team.objects.filter(pk__in=[team.pk for team in teams]).update(active=False)


def reopened(complaint, at) -> Complaint:
    said = {"basis": "still_a_problem", "reason": "It leaks again"}
    return lifecycle.perform(complaint.pk, "reopen", actor=CUSTOMER, at=at, data=said)


class TestClosedTeam:
    def test_its_open_cases_go_to_the_team_above_with_an_event(self, cast, at):
        complaint, ended = at_stage(cast, Status.ASSIGNED, at), at_stage(cast, Status.ARCHIVED, at)
        other = logged(cast, at, team=cast.weiyang, site=cast.weiyang)
        close(cast.hexi)
        assert leaving.hand_up_what_is_closed(at + HOUR) == 1
        complaint.refresh_from_db()
        assert (complaint.team, complaint.site, complaint.handler) == (cast.west, cast.hexi, cast.handler)
        assert complaint.handovers == 0
        assert complaint.events.get(kind="team_closed").data == {"previous_team": cast.hexi.pk, "team": cast.west.pk}
        for untouched in (ended, other):
            untouched.refresh_from_db()
        assert (ended.team, other.team) == (cast.hexi, cast.weiyang)
        assert duties.audit() == []
        assert history_is_whole(complaint)

    def test_to_the_nearest_that_is_open(self, cast, at):
        complaint = logged(cast, at)
        close(cast.hexi, cast.west)
        leaving.hand_up_what_is_closed(at + HOUR)
        assert Complaint.objects.get(pk=complaint.pk).team == cast.company

    def test_where_all_are_closed_it_stays_and_the_audit_says_so(self, cast, at):
        complaint = logged(cast, at)
        close(cast.hexi, cast.west, cast.company)
        assert leaving.hand_up_what_is_closed(at + HOUR) == 0
        assert Complaint.objects.get(pk=complaint.pk).team == cast.hexi
        assert [orphan.lacks for orphan in duties.audit()] == ["no owner"]

    def test_closing_twice_hands_up_once(self, cast, at):
        complaint = logged(cast, at)
        close(cast.hexi)
        assert orphans.hand_up(complaint.pk, at=at + HOUR) == cast.west
        assert orphans.hand_up(complaint.pk, at=at + HOUR) is None
        assert complaint.events.filter(kind="team_closed").count() == 1

    def test_a_handler_of_another_place_loses_it(self, cast, at):
        """Without a site it was theirs by the team alone."""
        complaint = at_stage(cast, Status.ASSIGNED, at, site=None)
        close(cast.hexi)
        leaving.team_closed(at + HOUR)
        complaint.refresh_from_db()
        assert (complaint.team, complaint.handler) == (cast.west, None)
        assert duties.audit() == []

    def test_saving_it_closed_does_all_of_it(self, cast, now, django_capture_on_commit_callbacks):
        complaint = logged(cast, now)
        with django_capture_on_commit_callbacks(execute=True):
            cast.hexi.active = False
            cast.hexi.save()
        assert Complaint.objects.get(pk=complaint.pk).team == cast.west

    @pytest.mark.parametrize("closed", [False, True])
    def test_what_is_logged_there_is_with_the_team_above_at_once(self, cast, at, closed):
        if closed:
            close(cast.hexi)
            cast.hexi.refresh_from_db()
        complaint = logged(cast, at)
        assert (complaint.team, complaint.site) == (cast.west if closed else cast.hexi, cast.hexi)
        assert duties.audit() == []


class TestOpenedAgain:
    def test_whose_team_is_closed_goes_to_the_team_above(self, cast, at):
        complaint = at_stage(cast, Status.ARCHIVED, at)
        close(cast.hexi)
        complaint = reopened(complaint, at + HOUR)
        assert (complaint.team, complaint.status) == (cast.west, Status.ASSIGNED)
        assert complaint.events.get(kind="reopened").data["previous_team"] == cast.hexi.pk
        assert duties.audit() == []

    def test_whose_handler_left_is_in_the_queue(self, cast, at):
        complaint = at_stage(cast, Status.ARCHIVED, at)
        Person.objects.filter(pk=cast.handler.pk).update(is_active=False)
        complaint = reopened(complaint, at + HOUR)
        assert complaint.handler is None
        assert complaint.events.get(kind="reopened").data["previous_handler"] == cast.handler.pk
        assert duties.audit() == []

    def test_whose_handler_is_there_stays_theirs(self, cast, at):
        complaint = reopened(at_stage(cast, Status.ARCHIVED, at), at + HOUR)
        assert (complaint.team, complaint.handler) == (cast.hexi, cast.handler)
        assert not {"previous_team", "previous_handler"} & complaint.events.get(kind="reopened").data.keys()


def test_who_handled_it_for_the_site_where_it_did_not_happen_loses_it(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    Complaint.objects.filter(pk=complaint.pk).update(team=cast.west)
    assert duties.audit() == []
    facts.correct(complaint.pk, actor=Actor.staff(cast.supervisor), at=at + HOUR, data={"site": cast.weiyang})
    complaint.refresh_from_db()
    assert complaint.handler is None
    assert duties.audit() == []
    assert history_is_whole(complaint)
