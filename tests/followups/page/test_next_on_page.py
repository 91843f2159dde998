"""The box on the customer's page, when it is the customer's turn."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import options
from followups.engine import effects
from tests.cases import at_stage
from tests.followups.test_views_tags import render

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ASSIGNED, at)


class TestTurn:
    """When the customer is asked for something, the box says so, until when, and what happens otherwise."""

    def offered(self, cast, complaint, at, words="Money back", **given):
        given = {"amount": Decimal(0), "actor": Actor.staff(cast.handler), "at": at} | given
        return options.offer(complaint.pk, words=words, **given)

    def test_an_offer_that_stands_asks_to_choose_until_it_ends(self, cast, complaint, at):
        self.offered(cast, complaint, at + HOUR, expires_at=at + 5 * HOUR)
        box = strip_tags(render("public_next", complaint, None, at + HOUR))
        assert "You have until" in box
        assert "Wednesday 18 November, 15:00 (in 4 h)" in box
        assert "After that the offer ends." in box
        assert "If we do not hear from you, Li Min tells you by Thursday 19 November, 10:00 how it goes on." in box

    def test_an_offer_without_an_end_asks_all_the_same(self, cast, complaint, at):
        self.offered(cast, complaint, at + HOUR)
        box = render("public_next", complaint, None, at + HOUR)
        assert "It is your turn" in box
        assert "You choose what suits you" in box

    def test_one_that_ended_or_waits_for_approval_is_nobodys_turn(self, cast, complaint, at):
        self.offered(cast, complaint, at + HOUR, expires_at=at + 2 * HOUR)
        waiting = self.offered(cast, complaint, at + HOUR, words="More")
        type(waiting).objects.filter(pk=waiting.pk).update(needs_approval=True)
        box = render("public_next", complaint, None, at + 2 * HOUR)
        assert "choose" not in box
        assert "Li Min tells you the result." in box

    def test_the_result_asks_whether_it_is_solved_else_we_call(self, cast, at):
        box = render("public_next", at_stage(cast, Status.RESOLVED, at), None, at + HOUR)
        assert "You tell us whether it is solved." in box
        assert "If we do not hear from you, we call you and ask, by" in box

    def test_a_moment_that_has_passed_is_not_what_happens_otherwise(self, cast, complaint, at):
        self.offered(cast, complaint, at + HOUR)
        box = render("public_next", complaint, None, at + 2 * DAY)
        assert "You choose what suits you" in box
        assert "19 November" not in box


def test_what_broke_again_and_again_is_two_lines_the_first_date_and_the_last(complaint):
    promise = complaint.promises.get(kind="resolution", state="open")
    for _again in range(3):
        effects.break_due([promise.pk], promise.due_at)
        promise = promise.followed_by
    complaint = Complaint.objects.get(pk=complaint.pk)
    told = strip_tags(render("public_promises", complaint, None, promise.due_at - HOUR))
    assert told.count("Tell you the result") == 2
    assert "We were late with this 3 times, and we are sorry." in told
