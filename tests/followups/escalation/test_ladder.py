"""Who signs when somebody is away, and who is told beside them."""

from datetime import timedelta

import pytest

from accounts.models import Absence, Membership, Person, Role
from complaints.case.actors import Actor
from followups.engine import sweep
from followups.escalation import escalations
from followups.escalation.ladder import Ladder
from followups.models import Notice
from tests.cases import at_stage
from tests.cast import person
from tests.followups.due import make_due, make_near

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, "assigned", at)


def away(somebody: Person, at, deputy: Person | None = None, **more) -> Absence:
    return Absence.objects.create(
        **{"person": somebody, "begins_at": at - DAY, "ends_at": at + DAY, "deputy": deputy} | more
    )


def signing(complaint, at) -> list[list[Person]]:
    return [rung.people for rung in Ladder(at).rungs(complaint, frozenset())]


def test_who_is_away_without_a_deputy_is_skipped(cast, complaint, at):
    assert signing(complaint, at) == [[cast.supervisor], [cast.director]]
    away(cast.supervisor, at)
    assert signing(complaint, at) == [[cast.director]]
    assert Ladder(at).rungs(complaint, frozenset())[0].top


def test_an_absence_counts_from_its_first_moment_to_its_last(cast, complaint, at):
    away(cast.supervisor, at, begins_at=at, ends_at=at + HOUR)
    assert signing(complaint, at - timedelta(seconds=1))[0] == [cast.supervisor]
    assert signing(complaint, at)[0] == [cast.director]
    assert signing(complaint, at + HOUR)[0] == [cast.supervisor]


def test_a_deputy_who_supervises_the_team_as_well_stands_in(cast, complaint, at):
    second = person("second.west", (Role.SUPERVISOR, cast.west))
    away(cast.supervisor, at, cast.director)
    away(second, at)
    assert signing(complaint, at) == [[cast.director], [cast.director]]


@pytest.mark.parametrize("who", ["handler", "stranger"])
def test_a_deputy_who_could_not_sign_does_not(cast, complaint, at, who):
    away(cast.supervisor, at, getattr(cast, who))
    assert signing(complaint, at) == [[cast.director]]


def test_a_deputy_who_is_away_too_or_named_in_the_case_does_not(cast, complaint, at):
    second = person("second.west", (Role.SUPERVISOR, cast.west))
    away(cast.supervisor, at, second)
    assert signing(complaint, at)[0] == [second]
    assert Ladder(at).rungs(complaint, frozenset({second.pk}))[0].people == [cast.director]
    away(second, at)
    assert signing(complaint, at) == [[cast.director]]


def test_where_all_are_away_they_are_told_nevertheless(cast, complaint, at):
    away(cast.supervisor, at)
    away(cast.director, at)
    assert signing(complaint, at) == [[cast.supervisor], [cast.director]]


def test_an_escalation_whose_supervisor_leaves_is_for_the_next_above_not_for_the_top(cast, complaint, at):
    Membership.objects.create(person=cast.colleague, team=cast.hexi, role=Role.SUPERVISOR)
    away(cast.colleague, at)
    assert Ladder(at).at(complaint, frozenset(), cast.hexi) == [cast.supervisor]


def test_escalating_tells_the_one_who_is_there(cast, complaint, at):
    away(cast.supervisor, at)
    escalation = escalations.escalate_by_hand(
        complaint.pk, note="Help", tried="Rang twice", actor=Actor.staff(cast.handler), at=at + HOUR
    )
    assert escalation.team == cast.company
    assert [notice.person for notice in Notice.objects.filter(event="escalated")] == [cast.director]


@pytest.mark.parametrize(("make", "event"), [(make_near, "promise_warned"), (make_due, "promise_broken")])
def test_while_the_handler_is_away_the_deputy_is_told_too(cast, complaint, at, make, event):
    promise = complaint.promises.get(kind="resolution", state="open")
    complaint.promises.exclude(pk=promise.pk).update(state="withdrawn", settled_at=at)
    make(promise)
    away(cast.handler, at, cast.colleague, ends_at=at + 3650 * DAY)
    sweep.run(budget_seconds=20)
    assert {notice.person for notice in Notice.objects.filter(event=event)} == {cast.handler, cast.colleague}


def test_a_deputy_who_may_not_see_the_case_is_told_nothing(cast, complaint, at):
    away(cast.handler, at, cast.stranger)
    assert Ladder(at).with_deputy(cast.handler, complaint) == [cast.handler]
    away(cast.handler, at, cast.colleague, ends_at=at + 2 * DAY)
    assert Ladder(at).with_deputy(cast.handler, complaint) == [cast.handler, cast.colleague]
    complaint.named_people.add(cast.colleague)
    del complaint.named_ids
    assert Ladder(at).with_deputy(cast.handler, complaint) == [cast.handler]
