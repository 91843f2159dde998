"""The page of a customer whose complaint is handled together with another one."""

from datetime import timedelta

import pytest
import time_machine

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Complaint, Customer
from complaints.steps import lifecycle
from tests.cases import archive_data, assignment_data, at_stage, finish_callbacks, logged, verification_data
from tests.complaints.case.test_followers import TO_OTHERS, join, neighbour_of, resolve, told_of_the_result
from tests.complaints.customer.customer_link import answer, done, fresh, page, token_of, with_options
from tests.flat import flat

HOUR = timedelta(hours=1)


@pytest.fixture
def at(at):
    """What happened then is looked at four hours later."""
    with time_machine.travel(at + 4 * HOUR, tick=False):
        yield at


def test_the_stage_is_that_of_the_original_with_by_when_the_result_is_told(visitor, cast, at):
    original, duplicate = logged(cast, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at)
    text = page(visitor, duplicate).text
    assert "We make sure what happened" in text
    lifecycle.perform(original.pk, "verify", actor=Actor.staff(cast.handler), at=at + HOUR, data=verification_data(at))
    lifecycle.perform(
        original.pk, "assign", actor=Actor.staff(cast.supervisor), at=at + HOUR, data=assignment_data(cast)
    )
    text = page(visitor, duplicate).text
    assert "We are working on a solution" in text
    assert "Li Min tells you the result." in text
    assert "Thursday 19 November, by 10:00" in text


def test_what_was_promised_to_somebody_else_in_words_is_not_read(visitor, cast, at):
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at)
    original.promises.filter(kind="resolution").update(words="CANARY", moved_reason="CANARY", moves=1)
    text = page(visitor, duplicate).text
    assert "What happens next" in text
    assert "CANARY" not in text


def test_the_result_is_read_and_judged_on_their_own_link(visitor, cast, at):
    original, duplicate = told_of_the_result(cast, at)
    text = page(visitor, duplicate).text
    assert "<h1>We think this is solved. Do you?</h1>" in text
    assert TO_OTHERS in text
    assert "If we do not hear from you, we call you and ask, by" in text
    for secret in (original.reference, "Wang", "186 yuan", token_of(original)):
        assert secret not in text, secret
    response = answer(visitor, duplicate, "rate", solved="yes", rating="5", words="", round="1")
    assert response.url == done(duplicate, "rate")
    said = flat(visitor.get(response.url).text)
    assert "<h1>Thank you for your answer</h1>" in said
    text = page(visitor, duplicate).text
    assert "<h1>Thank you for your answer</h1>" in text
    assert "Send my answer" not in text


def test_not_solved_says_sorry_and_by_when_and_the_same_again_changes_nothing(visitor, cast, at):
    original, duplicate = told_of_the_result(cast, at)
    for _click in range(2):
        response = answer(visitor, duplicate, "rate", solved="no", rating="1", words="Nothing came.", round="1")
        assert response.url == done(duplicate, "rate")
    assert duplicate.events.filter(kind="reopened").count() == 1
    said = flat(visitor.get(response.url).text)
    assert "<h1>We are sorry that it is not solved</h1>" in said
    assert "Thank you" not in said
    assert "Hexi Road station gets in touch with you." in said
    text = page(visitor, duplicate).text
    assert "<h1>We work on it again</h1>" in text
    assert "You told us on Wednesday 18 November, 14:00 that it is not solved. We are sorry." in text
    assert TO_OTHERS in text
    assert fresh(original).status == Status.RESOLVED


def test_still_a_problem_is_said_within_the_window_after_the_answer(visitor, cast, at):
    original, duplicate = told_of_the_result(cast, at)
    assert answer(visitor, duplicate, "reopen", reason="It drips").status_code == 409
    answer(visitor, duplicate, "rate", solved="yes", rating="5", words="", round="1")
    lifecycle.perform(original.pk, "record_feedback", actor=CUSTOMER, at=at + 3 * HOUR, data={"solved": True})
    finish_callbacks(original)
    lifecycle.perform(
        original.pk, "archive", actor=Actor.staff(cast.handler), at=at + 3 * HOUR, data=archive_data(cast)
    )
    assert "Still a problem?" in page(visitor, duplicate).text
    assert answer(visitor, duplicate, "reopen", reason="It drips").url == done(duplicate, "reopen")
    duplicate = fresh(duplicate)
    assert (duplicate.status, duplicate.duplicate_of) == (Status.ASSIGNED, None)
    assert fresh(original).is_archived


def test_they_write_on_while_the_original_is_worked_on(visitor, cast, at):
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at)
    assert answer(visitor, duplicate, "reply", body="It was 52 litres.").url == done(duplicate, "reply")
    assert "It was 52 litres." in page(visitor, duplicate).text
    Complaint.objects.filter(pk=original.pk).update(status=Status.ARCHIVED, outcome="solved", closed_at=at)
    text = page(visitor, duplicate).text
    assert "Add something" not in text
    assert "Call us if there is something to add." in text
    assert answer(visitor, duplicate, "reply", body="And more.").status_code == 409


def test_ones_own_duplicate_leads_to_ones_other_complaint(visitor, cast, at):
    original, own = at_stage(cast, Status.ASSIGNED, at), logged(cast, at)
    Customer.objects.filter(pk=own.customer_id).update(same_as=original.customer_id)
    join(cast, fresh(own), original, at)
    text = page(visitor, own).text
    assert f"We answer you once for both, in {original.reference}." in text
    assert f'href="/c/{token_of(original)}/"' in text
    resolve(cast, original, at + HOUR, words="")
    text = page(visitor, own).text
    assert "Send my answer" not in text


def test_a_result_by_word_of_mouth_is_read_where_it_is_judged(visitor, cast, at):
    text = page(visitor, at_stage(cast, Status.RESOLVED, at)).text
    result = text.index("You have your 186 yuan back.")
    assert text.index("The result, as we told you") < result < text.index("Is your problem solved?")


def test_withdrawn_and_no_complaint_say_why_and_the_way_back(visitor, cast, at):
    complaint = logged(cast, at)
    data = {"outcome": "withdrawn", "reason": "You said that the pump is right."}
    lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)
    text = page(visitor, complaint).text
    assert "You said that the pump is right." in text
    assert "Still a problem?" in text
    until = {"reopen_until": None, "appeal_until": at + timedelta(days=30)}
    Complaint.objects.filter(pk=complaint.pk).update(outcome="invalid", **until)
    text = page(visitor, complaint).text
    assert "Ask for a second look" in text
    assert "400-000-0123" in text


def test_a_choice_is_confirmed_in_the_words_that_were_chosen(visitor, cast, at):
    first, _second = with_options(cast, at)
    response = answer(visitor, first.complaint, "choose", option=first.pk)
    said = flat(visitor.get(response.url).text)
    assert "<h1>Your choice has arrived</h1>" in said
    assert "Offer 1" in said
