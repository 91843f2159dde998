"""Appeals: once a round, within the window, by somebody who had no part in it, decided by the point."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import DeskRules, Membership, Person, Role
from complaints.case import appealing
from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.case.once import SentBefore
from complaints.choices import Outcome, Status
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted
from complaints.models import Appeal, Complaint, Round
from complaints.steps import appeals, archive, lifecycle
from complaints.steps.appeals import Answer
from complaints.texts import TooLong
from tests.cases import archive_data, at_stage, finish_callbacks, logged, resolution_data
from tests.cast import person
from tests.complaints.steps.appealed import GROUNDS, HOUR, closed, decide, decided, made, reviewed

DAY = timedelta(days=1)


def take(case: Complaint, actor: Actor, at, **other) -> Appeal:
    given = {"points": [1], "grounds": GROUNDS, "channel": "phone"} | other
    return appeals.make(case.pk, actor=actor, at=at, **given)


def fields(refused) -> set[str]:
    return {item.field for item in refused.value.missing}


# Made


def test_a_customer_appeals_points_of_the_result_in_their_own_words(cast, at):
    appeal = made(cast, at, points=[2, 0, 2])
    assert (appeal.state, appeal.channel, appeal.round, appeal.taken_by) == ("accepted", "link", 1, None)
    kept = [(point.number, point.text, point.finding) for point in appeal.points.all()]
    assert kept == [(0, "", ""), (2, "The attendant refused to print a receipt.", "The printer was out of paper")]
    event = appeal.complaint.events.get(kind="appeal_made")
    assert (event.public, event.actor_kind) == (True, "customer")
    assert event.data == {"appeal": appeal.pk, "round": 1, "channel": "link", "points": [0, 2]}
    assert appeal.complaint.status == Status.ARCHIVED, "nothing is opened before it is decided"


def test_staff_take_one_on_any_channel_and_nobody_else_does(cast, at):
    case = closed(cast, at)
    with pytest.raises(NotPermitted):
        take(case, Actor.staff(cast.reviewer), at + HOUR)
    with pytest.raises(NotPermitted):
        take(case, Actor.staff(cast.auditor), at + HOUR)
    for channel in ("link", "import", "pigeon"):
        with pytest.raises(GateRefused) as refused:
            take(case, Actor.staff(cast.frontline), at + HOUR, channel=channel)
        assert fields(refused) == {"channel"}
    appeal = take(case, Actor.staff(cast.frontline), at + HOUR, channel="letter")
    assert (appeal.channel, appeal.taken_by) == ("letter", cast.frontline)


def test_everything_that_is_missing_is_named_at_once(cast, at):
    case = closed(cast, at)
    with pytest.raises(GateRefused) as refused:
        take(case, Actor.staff(cast.handler), at + HOUR, points=[], grounds=" \u200b", channel="")
    assert fields(refused) == {"points", "grounds", "channel"}
    with pytest.raises(GateRefused) as refused:
        take(case, CUSTOMER, at + HOUR, points=[1, 9])
    assert fields(refused) == {"points"}, "a point that the case does not have"
    with pytest.raises(TooLong):
        take(case, CUSTOMER, at + HOUR, grounds="x" * 5000)
    assert not Appeal.objects.exists()


def test_the_window_is_the_rules_days_to_the_end_of_the_last_one_on_the_teams_clock(cast, at):
    DeskRules.objects.create(pk=1, appeal_days=14)
    case = closed(cast, at)
    last = datetime(2026, 12, 2, 16, 0, tzinfo=UTC)
    assert case.appeal_until == last, "14 days after 18 November, and it is midnight in Shanghai"
    with pytest.raises(NotAllowedNow, match="over"):
        take(case, CUSTOMER, last)
    assert take(case, CUSTOMER, last - timedelta(seconds=1)).round == 1


@pytest.mark.parametrize("outcome", [Outcome.WITHDRAWN, Outcome.DUPLICATE])
def test_what_can_be_opened_again_is_not_appealed(cast, at, outcome):
    case, original = logged(cast, at), logged(cast, at)
    data = {"outcome": outcome, "reason": "So it is", "duplicate_of": original}
    lifecycle.perform(case.pk, "close_early", actor=Actor.staff(cast.handler), at=at, data=data)
    with pytest.raises(NotAllowedNow):
        take(case, CUSTOMER, at + HOUR, points=[0])


def test_that_it_is_no_complaint_can_be_appealed_and_then_it_is_one(cast, at):
    case = logged(cast, at)
    archive.propose_invalid(case.pk, reason="An advertisement", actor=Actor.staff(cast.handler), at=at)
    data = {"outcome": "invalid", "reason": "This is an advertisement."}
    lifecycle.perform(case.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)
    appeal = take(case, CUSTOMER, at + HOUR, points=[0])
    appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + HOUR)
    decide(cast, appeal, at + 2 * HOUR, 0)
    kept, case = Round.objects.get(), Complaint.objects.get(pk=case.pk)
    assert (kept.outcome, kept.closing_reason) == ("invalid", "This is an advertisement.")
    assert (case.status, case.handler, case.outcome) == (Status.ASSIGNED, cast.colleague, "")


@pytest.mark.parametrize("stage", [Status.RECEIVED, Status.ASSIGNED, Status.RESOLVED, Status.FEEDBACK])
def test_what_is_worked_on_is_not_appealed(cast, at, stage):
    with pytest.raises(NotAllowedNow):
        take(at_stage(cast, stage, at), CUSTOMER, at + HOUR, points=[0])


def test_a_form_that_comes_twice_is_one_appeal_and_with_other_words_none(cast, at):
    case = closed(cast, at)
    first = take(case, CUSTOMER, at + HOUR, channel="link", submission_key="one")
    assert take(case, CUSTOMER, at + 2 * HOUR, channel="link", submission_key="one") == first
    with pytest.raises(SentBefore):
        take(case, CUSTOMER, at + HOUR, channel="link", submission_key="one", grounds="Other words")
    assert case.events.filter(kind="appeal_made").count() == 1


def test_nobody_appeals_an_appeal(cast, at):
    appeal = decided(cast, at)
    assert appeal.state == "rejected"
    with pytest.raises(NotAllowedNow, match="once"):
        take(appeal.complaint, CUSTOMER, at + 4 * HOUR)
    with pytest.raises(NotAllowedNow, match="once"):
        take(appeal.complaint, Actor.staff(cast.frontline), at + 4 * HOUR)


# Reviewed


def test_only_a_reviewer_who_had_no_part_in_it_takes_it(cast, at):
    appeal = made(cast, at)
    for wrong in (cast.handler, cast.supervisor, cast.director, cast.auditor):
        with pytest.raises(NotPermitted, match="Only a reviewer"):
            appeals.begin_review(appeal.pk, actor=Actor.staff(wrong), at=at + 2 * HOUR)
    for touched in (cast.handler, cast.frontline, cast.supervisor):
        Membership.objects.create(person=touched, team=cast.company, role=Role.REVIEWER)
        actor = Actor.staff(Person.objects.get(pk=touched.pk))
        with pytest.raises(NotPermitted, match="You had a part"):
            appeals.begin_review(appeal.pk, actor=actor, at=at + 2 * HOUR)
    taken = appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + 2 * HOUR)
    assert (taken.state, taken.reviewer, taken.review_began_at) == ("review", cast.reviewer, at + 2 * HOUR)
    assert appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + 3 * HOUR) == taken
    other = Actor.staff(person("hua.li", (Role.REVIEWER, cast.west)))
    with pytest.raises(NotAllowedNow):
        appeals.begin_review(appeal.pk, actor=other, at=at + 3 * HOUR)


def test_the_nearest_team_with_a_reviewer_who_may_is_asked(cast, at):
    case = closed(cast, at)
    assert appealing.reviewers_for(case) == (cast.company, [cast.reviewer])
    near = person("hua.li", (Role.REVIEWER, cast.west))
    assert appealing.reviewers_for(case) == (cast.west, [near])
    case.named_people.add(near)
    assert appealing.reviewers_for(case) == (cast.company, [cast.reviewer])
    cast.reviewer.is_active = False
    cast.reviewer.save()
    assert appealing.reviewers_for(case) == (None, [])


def test_a_reviewer_who_loses_the_role_gives_it_back(cast, at):
    appeal = reviewed(cast, at)
    assert appeals.give_back(appeal.pk, at=at + 3 * HOUR) is None, "they can decide it"
    assert not appeals.left_behind().exists()
    cast.reviewer.memberships.all().delete()
    assert list(appeals.left_behind([cast.reviewer.pk])) == [appeal]
    assert not appeals.left_behind([cast.handler.pk]).exists()
    assert appeals.give_back(appeal.pk, at=at + 3 * HOUR) == cast.reviewer.pk
    assert not appeals.left_behind().exists()
    appeal.refresh_from_db()
    assert (appeal.state, appeal.reviewer, appeal.review_began_at) == ("accepted", None, None)
    given_back = appeal.complaint.events.get(kind="appeal_given_back")
    assert given_back.data == {"appeal": appeal.pk, "reviewer": cast.reviewer.pk}


# Decided


def test_every_point_is_answered_with_a_reason_before_it_is_decided(cast, at):
    appeal = reviewed(cast, at)
    with pytest.raises(GateRefused) as refused:
        decide(cast, appeal, at + 3 * HOUR, answers={1: Answer(True, " "), 2: Answer(None, "Hm")}, team=None)
    assert fields(refused) == {"reason_1", "upheld_2", "assignee"}
    with pytest.raises(GateRefused) as refused:
        decide(cast, appeal, at + 3 * HOUR, outside=[])
    assert fields(refused) == {"outside"}, "rejected names where the customer can turn to outside"
    appeal.refresh_from_db()
    assert appeal.is_open
    assert not appeal.points.exclude(reason="").exists()


def test_rejected_says_why_and_names_whom_to_turn_to_outside_and_it_stays_closed(cast, at):
    appeal = decided(cast, at)
    assert (appeal.state, appeal.complaint.status) == ("rejected", Status.ARCHIVED)
    assert [there["phone"] for there in appeal.outside] == ["12315", "12345"]
    assert [(point.upheld, point.reason) for point in appeal.points.all()] == [
        (False, "Because of 1"),
        (False, "Because of 2"),
    ]
    event = appeal.complaint.events.get(kind="appeal_decided")
    said = {"appeal": appeal.pk, "round": 1, "state": "rejected", "upheld": [], "rejected": [1, 2]}
    assert (event.data, event.public, event.actor) == (said, True, cast.reviewer)


@pytest.mark.parametrize(("right", "state"), [((1, 2), "upheld"), ((2,), "partly")])
def test_upheld_opens_it_again_in_other_hands_with_the_old_result_kept(cast, at, right, state):
    appeal = decided(cast, at, *right)
    case = Complaint.objects.get(pk=appeal.complaint_id)
    assert (appeal.state, case.status, case.round, case.handler) == (state, Status.ASSIGNED, 2, cast.colleague)
    assert (case.appeal_until, case.reopen_until, case.outcome) == (None, None, "")
    kept = case.rounds.get()
    assert (kept.handler, kept.outcome, kept.points[0]["finding"]) == (
        cast.handler,
        "solved",
        "Measured five times: +1.9 %",
    )
    assert case.points.get(number=3).text == GROUNDS, "what they say is still wrong gets a finding of its own"
    event = case.events.get(kind="reopened")
    assert (event.actor_kind, event.data["basis"], event.data["appeal"]) == ("system", "appeal", appeal.pk)
    assert event.data["handler"] == cast.colleague.pk


def test_whose_finding_fell_and_who_decided_so_do_not_work_on_it_again(cast, at):
    appeal = reviewed(cast, at)
    with pytest.raises(GateRefused) as refused:
        decide(cast, appeal, at + 3 * HOUR, 1, handler=cast.handler)
    assert fields(refused) == {"handler"}
    Membership.objects.create(person=cast.reviewer, team=cast.hexi, role=Role.HANDLER)
    with pytest.raises(GateRefused) as refused:
        decide(cast, appeal, at + 3 * HOUR, 1, handler=cast.reviewer)
    assert fields(refused) == {"handler"}
    decide(cast, appeal, at + 3 * HOUR, 1, handler=None)
    case = appeal.complaint
    for wrong in (cast.handler, cast.reviewer):
        actor = Actor.staff(Person.objects.get(pk=wrong.pk))
        with pytest.raises(GateRefused) as refused:
            lifecycle.perform(case.pk, "take", actor=actor, at=at + 4 * HOUR)
        assert fields(refused) == {"handler"}
    lifecycle.perform(case.pk, "take", actor=Actor.staff(cast.colleague), at=at + 4 * HOUR)
    data = {"team": cast.hexi, "handler": cast.handler, "reason": "Knows it", "override_reason": "We are few"}
    with pytest.raises(GateRefused):
        lifecycle.perform(case.pk, "reassign", actor=Actor.staff(cast.supervisor), at=at + 4 * HOUR, data=data)


def test_deciding_twice_is_once_and_nobody_else_decides(cast, at):
    appeal = reviewed(cast, at)
    for other in (CUSTOMER, SYSTEM, Actor.staff(cast.director)):
        with pytest.raises(NotPermitted):
            decide(cast, appeal, at + 3 * HOUR, 1, actor=other)
    first = decide(cast, appeal, at + 3 * HOUR, 1)
    assert decide(cast, appeal, at + 4 * HOUR, 1) == first
    with pytest.raises(NotAllowedNow):
        decide(cast, appeal, at + 4 * HOUR)
    assert Complaint.objects.get(pk=appeal.complaint_id).round == 2


def test_nobody_decides_what_nobody_reviews(cast, at):
    appeal = made(cast, at)
    for nobody in (CUSTOMER, SYSTEM, Actor.staff(cast.reviewer)):
        with pytest.raises(NotPermitted):
            decide(cast, appeal, at + 3 * HOUR, 1, actor=nobody)


def test_while_it_is_decided_nothing_else_opens_the_case(cast, at):
    appeal = made(cast, at)
    data = {"basis": "still_a_problem", "reason": "It leaks"}
    for actor in (CUSTOMER, Actor.staff(cast.handler)):
        with pytest.raises(GateRefused) as refused:
            lifecycle.perform(appeal.complaint_id, "reopen", actor=actor, at=at + 2 * HOUR, data=data)
        assert fields(refused) == {"basis"}


def test_the_step_itself_opens_nothing_without_an_appeal_that_was_upheld(cast, at):
    appeal = decided(cast, at)
    data = {"appeal": appeal.pk, "team": cast.hexi, "handler": cast.colleague, "reason": "It is so"}
    with pytest.raises(GateRefused) as refused:
        lifecycle.perform(appeal.complaint_id, "uphold", actor=SYSTEM, at=at + 4 * HOUR, data=data)
    assert fields(refused) == {"appeal"}
    actor = Actor.staff(cast.reviewer)
    with pytest.raises(NotPermitted):
        lifecycle.perform(appeal.complaint_id, "uphold", actor=actor, at=at + 4 * HOUR, data=data)


def test_the_result_of_the_next_round_can_be_appealed_again_and_by_another_reviewer_only(cast, at):
    appeal = decided(cast, at, 1)
    case = appeal.complaint
    again = resolution_data(cast) | {"finding_3": "Paid what was missing"}
    colleague = Actor.staff(cast.colleague)
    for action, data in (("resolve", again), ("record_feedback", {"solved": True}), ("archive", archive_data(cast))):
        lifecycle.perform(case.pk, action, actor=colleague, at=at + 5 * HOUR, data=data)
        finish_callbacks(case)
    second = take(case, CUSTOMER, at + 6 * HOUR, points=[3])
    assert second.round == 2
    with pytest.raises(NotPermitted, match="You had a part"):
        appeals.begin_review(second.pk, actor=Actor.staff(cast.reviewer), at=at + 7 * HOUR)
