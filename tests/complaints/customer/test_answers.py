from datetime import timedelta

import pytest
import time_machine

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import options
from tests.cases import archive_data, at_stage
from tests.complaints.customer.customer_link import answer, closed_as_duplicate, done, fresh, page, with_options
from tests.flat import flat


@pytest.fixture
def at(at):
    """What happened then is looked at an hour later."""
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield at


def test_offers_that_stand_are_shown_and_one_is_chosen_once(visitor, cast, at):
    first, second = with_options(cast, at)
    complaint = first.complaint
    text = page(visitor, complaint).text
    assert "Offer 1" in text
    assert "Offer 2" in text
    for _click in range(2):
        assert answer(visitor, complaint, "choose", option=second.pk).url == done(complaint, "choose")
    second.refresh_from_db()
    assert second.chosen_how == "link"
    assert complaint.events.filter(kind="option_chosen").count() == 1
    assert answer(visitor, complaint, "choose", option=first.pk).status_code == 422
    text = page(visitor, complaint).text
    assert "What you chose" in text
    assert "Offer 2" in text
    assert "Offer 1" not in text


def test_what_waits_for_approval_expired_or_was_taken_back_cannot_be_chosen(visitor, cast, at):
    waiting, over, taken = with_options(cast, at, 3)
    complaint, staff = waiting.complaint, Actor.staff(cast.handler)
    type(waiting).objects.filter(pk=waiting.pk).update(needs_approval=True)
    type(over).objects.filter(pk=over.pk).update(expires_at=at)
    options.withdraw(taken.pk, actor=staff, at=at)
    text = page(visitor, complaint).text
    for option in (waiting, over, taken):
        assert option.words not in text
        response = answer(visitor, complaint, "choose", option=option.pk)
        assert response.status_code == 422
        assert "This offer does not stand any more." in response.text
    assert not complaint.options.filter(chosen_at__isnull=False).exists()


def test_an_offer_made_to_somebody_else_cannot_be_chosen(visitor, cast, at):
    foreign, own = with_options(cast, at)[0], with_options(cast, at)[0]
    for option in (foreign.pk, 0, 10**30, "x", ""):
        assert answer(visitor, own.complaint, "choose", option=option).status_code == 422
    assert not type(own).objects.filter(chosen_at__isnull=False).exists()


# Rate


def test_a_rating_is_recorded_once_and_thanked_for(visitor, cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    for _click in range(2):
        response = answer(visitor, complaint, "rate", solved="yes", rating="4", words="Good", round="1")
        assert response.url == done(complaint, "rate")
    given = complaint.feedback.get()
    assert (given.solved, given.rating, given.words, given.channel) == (True, 4, "Good", "link")
    assert fresh(complaint).status == Status.FEEDBACK
    assert complaint.events.filter(kind="feedback_recorded").count() == 1


def test_other_words_to_the_same_answer_are_given_back_and_not_said_to_be_recorded(visitor, cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    answer(visitor, complaint, "rate", solved="yes", rating="4", words="Good", round="1")
    again = answer(visitor, complaint, "rate", solved="yes", rating="4", words="Good, but slow", round="1")
    assert again.status_code == 409
    assert "readonly>Good, but slow</textarea>" in flat(again.text)
    assert complaint.feedback.get().words == "Good"


def test_the_number_may_be_left_out_and_the_answer_may_not(visitor, cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    response = answer(visitor, complaint, "rate", rating="1", words="My words", round="1")
    assert response.status_code == 422
    assert "Tell us whether it is solved." in response.text
    assert "My words</textarea>" in response.text
    assert answer(visitor, complaint, "rate", solved="no", round="1").status_code == 302
    assert (fresh(complaint).status, fresh(complaint).round) == (Status.ASSIGNED, 2)
    text = page(visitor, complaint).text
    assert "We work on it again" in text
    assert "No, it is still a problem" in text


@pytest.mark.parametrize("rating", ["0", "6", "-1", "4.5", "five", "٤", "9" * 5000])
def test_a_number_outside_one_to_five_is_refused(visitor, cast, at, rating):
    complaint = at_stage(cast, Status.RESOLVED, at)
    assert answer(visitor, complaint, "rate", solved="yes", rating=rating, round="1").status_code == 422
    assert fresh(complaint).status == Status.RESOLVED


def test_another_answer_after_the_first_is_told_and_its_words_given_back(visitor, cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    answer(visitor, complaint, "rate", solved="yes", rating="5", round="1")
    response = answer(visitor, complaint, "rate", solved="no", words="I changed my mind", round="1")
    assert response.status_code == 409
    assert "We have an answer to this already." in response.text
    assert "readonly>I changed my mind</textarea>" in flat(response.text)
    assert complaint.feedback.get().solved is True


def test_an_old_page_does_not_rate_a_new_result(visitor, cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    Complaint.objects.filter(pk=complaint.pk).update(round=2)
    response = answer(visitor, complaint, "rate", solved="yes", words="Fine", round="1")
    assert response.status_code == 409
    assert "There is a new result" in response.text
    assert 'name="round" value="2"' in response.text
    assert "Fine</textarea>" in response.text


def test_before_there_is_a_result_there_is_nothing_to_rate(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    assert 'name="solved"' not in page(visitor, complaint).text
    assert answer(visitor, complaint, "rate", solved="yes", round="1").status_code == 409


# Still a problem


def test_still_a_problem_opens_it_again_once(visitor, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    assert "Still a problem?" in page(visitor, complaint).text
    for _click in range(2):
        assert answer(visitor, complaint, "reopen", reason="It drips again").url == done(complaint, "reopen")
    complaint = fresh(complaint)
    assert (complaint.status, complaint.round) == (Status.ASSIGNED, 2)
    assert complaint.events.filter(kind="reopened").get().data["reason"] == "It drips again"
    response = answer(visitor, complaint, "reopen", reason="And it smells")
    assert response.status_code == 409
    assert "readonly>And it smells</textarea>" in flat(response.text)


def test_without_a_reason_it_stays_closed(visitor, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    response = answer(visitor, complaint, "reopen", reason=" ")
    assert response.status_code == 422
    assert "Write what is still a problem." in response.text
    assert fresh(complaint).is_archived


def test_after_the_window_the_page_says_whom_to_call(visitor, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    Complaint.objects.filter(pk=complaint.pk).update(reopen_until=at)
    assert "Still a problem?" not in page(visitor, complaint).text
    response = answer(visitor, complaint, "reopen", reason="It drips again")
    assert response.status_code == 409
    assert "Call us" in response.text
    assert fresh(complaint).is_archived


def test_a_duplicate_is_not_opened_again_on_its_own(visitor, cast, at):
    complaint, _original = closed_as_duplicate(cast, at)
    assert answer(visitor, complaint, "reopen", reason="Still").status_code == 409
    assert fresh(complaint).is_archived


def test_after_reopening_the_path_shows_the_work_again(visitor, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    answer(visitor, complaint, "reopen", reason="It drips again")
    text = page(visitor, complaint).text
    assert "<h1>We work on it again</h1>" in text
    assert text.count("is-done") == 3
    assert archive_data(cast)["lesson"] not in text


# None of them


def test_none_of_these_is_an_answer_with_a_date_and_the_offers_stand(visitor, cast, at):
    first, _second = with_options(cast, at)
    complaint = first.complaint
    said = {"option": "none", "why": "I want the pump exchanged."}
    for _click in range(2):
        assert answer(visitor, complaint, "choose", **said).url == done(complaint, "choose")
    (message,) = complaint.messages.filter(kind="inbound")
    assert message.body == "None of these, because: I want the pump exchanged."
    event = complaint.events.get(kind="options_refused")
    assert event.data == {"options": list(complaint.options.values_list("pk", flat=True)), "message": message.pk}
    promise = complaint.promises.get(kind="reply", state="open")
    assert (promise.to_customer, promise.due_at > at) == (True, True)
    text = flat(page(visitor, complaint).text)
    assert "<h1>We look for something that suits you</h1>" in text
    assert "Li Min answers you." in text
    assert "that none of these suits you. They still stand" in text
    assert "The offers still stand." in flat(visitor.get(done(complaint, "choose")).text)
    # Somebody who thinks better of it takes one all the same.
    assert answer(visitor, complaint, "choose", option=first.pk).url == done(complaint, "choose")
    assert "What you chose" in page(visitor, complaint).text


def test_another_offer_is_the_customers_turn_again(visitor, cast, at):
    option = with_options(cast, at, 1)[0]
    complaint = option.complaint
    answer(visitor, complaint, "choose", option="none", why="More")
    with time_machine.travel(at + timedelta(hours=2), tick=False):
        new = {"words": "A new pump", "amount": option.amount, "actor": Actor.staff(cast.handler)}
        options.offer(complaint.pk, **new, at=at + timedelta(hours=2))
        assert "<h1>It is your turn to choose</h1>" in page(visitor, complaint).text


def test_none_of_these_says_why(visitor, cast, at):
    complaint = with_options(cast, at, 1)[0].complaint
    response = answer(visitor, complaint, "choose", option="none", why="  ")
    assert response.status_code == 422
    assert "Write why not, or what would suit you." in response.text
    assert not complaint.messages.exists()


def test_what_does_not_stand_cannot_be_refused(visitor, cast, at):
    option = with_options(cast, at, 1)[0]
    options.choose(option.pk, actor=Actor.staff(cast.handler), at=at, channel="phone")
    response = answer(visitor, option.complaint, "choose", option="none", why="None")
    assert response.status_code == 409
    assert "These offers do not stand any more." in response.text
    assert "None" in response.text
    assert not option.complaint.events.filter(kind="options_refused").exists()
