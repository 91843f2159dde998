"""Who answers for a complaint: the handler, the deputy, the queue's people, whoever supervises; never nobody."""

from datetime import timedelta

import pytest

from accounts.models import Absence, Membership, Person, Role
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups.engine import sweep
from followups.escalation.answering import who_answers_for
from followups.models import Notice
from tests.cases import assignment_data, at_stage, logged
from tests.followups.due import make_near

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, at) -> Complaint:
    return at_stage(cast, "assigned", at)


def answering(complaint, at) -> tuple[set[Person], str]:
    found = who_answers_for(Complaint.objects.get(pk=complaint.pk), at)
    return set(found.people), found.because


def away(who, at, deputy=None):
    Absence.objects.create(person=who, begins_at=at - DAY, ends_at=at + DAY, deputy=deputy)


def told(event) -> set[Person]:
    return {notice.person for notice in Notice.objects.filter(event=event)}


def test_the_handler_who_is_here(cast, complaint, at):
    assert answering(complaint, at) == ({cast.handler}, "handler")


def test_the_deputy_of_a_handler_who_is_away(cast, complaint, at):
    away(cast.handler, at, cast.colleague)
    assert answering(complaint, at) == ({cast.colleague}, "deputy")


@pytest.mark.parametrize("deputy", [None, "stranger"])
def test_whoever_supervises_where_nobody_stands_in_who_may_see_the_case(cast, complaint, at, deputy):
    away(cast.handler, at, getattr(cast, deputy) if deputy else None)
    assert answering(complaint, at) == ({cast.supervisor}, "away")


@pytest.mark.parametrize("why", ["switched off", "without a role", "moved", "named"])
def test_whoever_supervises_where_the_handler_cannot_handle_it_any_more(cast, complaint, at, why):
    if why == "switched off":
        Person.objects.filter(pk=cast.handler.pk).update(is_active=False)
    elif why == "named":
        complaint.named_people.add(cast.handler)
    elif why == "moved":
        Membership.objects.filter(person=cast.handler).update(team=cast.qujiang)
    else:
        cast.handler.memberships.all().delete()
    assert answering(complaint, at) == ({cast.supervisor}, "left")


def test_a_supervisor_who_handles_it_answers_for_a_team_below(cast, complaint, at):
    Complaint.objects.filter(pk=complaint.pk).update(handler=cast.supervisor)
    assert answering(complaint, at) == ({cast.supervisor}, "handler")


def test_everybody_who_can_take_it_out_of_the_queue_today(cast, complaint, at):
    Complaint.objects.filter(pk=complaint.pk).update(handler=None)
    assert answering(complaint, at) == ({cast.handler, cast.colleague}, "queue")
    away(cast.handler, at)
    complaint.named_people.add(cast.colleague)
    assert answering(complaint, at) == ({cast.supervisor}, "no_handlers")


def test_before_it_is_verified_also_whoever_logged_it(cast, at):
    assert answering(logged(cast, at), at) == ({cast.frontline, cast.handler, cast.colleague}, "queue")


def test_what_waits_to_be_assigned_is_the_supervisors(cast, at):
    assert answering(at_stage(cast, "verified", at), at) == ({cast.supervisor}, "to_assign")


def test_the_next_above_and_at_last_the_administrators(cast, complaint, at):
    cast.handler.memberships.all().delete()
    cast.supervisor.memberships.all().delete()
    assert answering(complaint, at) == ({cast.director}, "left")
    cast.director.memberships.all().delete()
    assert answering(complaint, at) == ({cast.administrator}, "nobody")


class TestTheCustomerWrites:
    def write(self, complaint, at):
        Notice.objects.all().delete()
        messages.customer_says(complaint.pk, body="SECRET", at=at + HOUR)

    def test_to_a_case_without_a_handler(self, cast, complaint, at):
        Complaint.objects.filter(pk=complaint.pk).update(handler=None)
        self.write(complaint, at)
        assert told("reply_received") == {cast.handler, cast.colleague}

    def test_to_a_case_whose_handler_left(self, cast, complaint, at):
        Person.objects.filter(pk=cast.handler.pk).update(is_active=False)
        self.write(complaint, at)
        assert told("reply_received") == {cast.supervisor}

    def test_while_the_handler_is_away_and_nobody_stands_in(self, cast, complaint, at):
        away(cast.handler, at)
        self.write(complaint, at)
        assert told("reply_received") == {cast.handler, cast.supervisor}
        assert Notice.objects.get(event="reply_received", person=cast.supervisor).data["instead"] == "away"
        assert "instead" not in Notice.objects.get(event="reply_received", person=cast.handler).data

    def test_to_a_case_that_nobody_answers_for_administrators_hear_that_somebody_is_missing(self, cast, complaint, at):
        Membership.objects.exclude(role=Role.ADMINISTRATOR).delete()
        self.write(complaint, at)
        assert told("reply_received") == set()
        assert told("nobody_there") == {cast.administrator}
        assert Notice.objects.get(event="nobody_there").data == {"missing": "answer"}


class TestHandedToAQueue:
    def test_the_team_is_told_and_the_old_handler(self, cast, complaint, at):
        Notice.objects.all().delete()
        data = {"team": cast.weiyang, "handler": None, "reason": "Theirs"}
        lifecycle.perform(complaint.pk, "reassign", actor=Actor.staff(cast.supervisor), at=at + HOUR, data=data)
        assert told("queued") == {cast.neighbour}
        assert told("taken_away") == {cast.handler}

    def test_the_first_time_too(self, cast, at):
        complaint = at_stage(cast, "verified", at)
        data = assignment_data(cast) | {"handler": None}
        lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at + HOUR, data=data)
        assert told("queued") == {cast.handler, cast.colleague}

    def test_given_to_somebody_who_is_away_the_supervisor_is_told(self, cast, at):
        away(cast.handler, at)
        complaint = at_stage(cast, "verified", at)
        actor = Actor.staff(cast.director)
        lifecycle.perform(complaint.pk, "assign", actor=actor, at=at + HOUR, data=assignment_data(cast))
        assert told("assigned") == {cast.handler, cast.supervisor}


def test_a_warning_reaches_whoever_answers(cast, complaint, at):
    cast.handler.memberships.all().delete()
    promise = complaint.promises.get(kind="resolution", state="open")
    make_near(promise)
    sweep.warn_batch()
    assert told("promise_warned") == {cast.supervisor}
