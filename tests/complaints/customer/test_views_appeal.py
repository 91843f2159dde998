"""A customer appeals on the link: with points, once, within the window; and reads how far it is."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import DeskRules
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Appeal, Evidence
from complaints.steps import lifecycle
from tests.cases import logged, resolution_data
from tests.complaints.customer.customer_link import answer, closed_as_duplicate, done, page, photo, token_of
from tests.complaints.steps.appealed import GROUNDS, HOUR, closed, decide, made, reviewed

KEY = "8e5c2f0e-1d4b-4f9f-9a53-6a1ab5b3d2f1"


@pytest.fixture
def at(at):
    with time_machine.travel(at + HOUR, tick=False):
        yield at


def send(visitor, case, **typed):
    sent = {"points": ["1", "2"], "grounds": GROUNDS, "submission_key": KEY} | typed
    return answer(visitor, case, "appeal", **sent)


def test_the_page_leads_to_it_and_asks_for_points_and_reasons(visitor, cast, at, django_assert_num_queries):
    case = closed(cast, at)
    text = page(visitor, case).text
    assert f'href="/c/{token_of(case)}/appeal/"' in text
    assert "Friday 18 December</time> you can ask for a second look" in text
    with django_assert_num_queries(4):
        text = page(visitor, case, "public_appeal").text
    assert "The attendant refused to print a receipt." in text
    assert "Pump 4 measured 1.9 % too much." in text, "our answer beside the points"
    assert "The printer was out of paper" not in text, "what was found is written among us"
    assert Appeal.objects.count() == 0


def test_it_is_confirmed_and_a_second_press_is_the_same_one(visitor, cast, at):
    case = closed(cast, at)
    for _press in range(2):
        response = send(visitor, case, wanted="480 yuan", files=[photo()])
        assert (response.status_code, response["Location"]) == (302, done(case, "appeal"))
    appeal = Appeal.objects.get()
    assert (appeal.channel, appeal.grounds, appeal.wanted) == ("link", GROUNDS, "480 yuan")
    assert Evidence.objects.filter(complaint=case, public=True).count() == 1
    text = visitor.get(done(case, "appeal")).text
    assert "<h1>We have your appeal</h1>" in text.replace("\n", "").replace("  ", "")
    assert "You hear the decision on every point." in text or "We tell you the decision of the second look." in text


def test_without_points_or_reasons_it_comes_back_with_what_was_typed(visitor, cast, at):
    case = closed(cast, at)
    response = send(visitor, case, points=[])
    assert (response.status_code, response.context["form"].errors.keys()) == (422, {"points"})
    assert GROUNDS in response.text
    assert send(visitor, case, grounds=" ").context["form"].errors.keys() == {"grounds"}
    assert send(visitor, case, points=["9"]).status_code == 422
    assert send(visitor, case, points=["x"]).status_code == 422
    assert Appeal.objects.count() == 0


def test_the_same_form_with_other_words_is_refused_and_nothing_of_it_lost(visitor, cast, at):
    case = closed(cast, at)
    send(visitor, case)
    response = send(visitor, case, grounds="Something quite different")
    assert response.status_code == 409
    assert "Something quite different" in response.text
    assert Appeal.objects.count() == 1


def test_a_second_appeal_of_the_same_result_is_refused(visitor, cast, at):
    case = made(cast, at).complaint
    response = send(visitor, case)
    assert (response.status_code, response.context["why_not"]) == (
        409,
        "This result was appealed already. Each result can be appealed once.",
    )
    response = page(visitor, case, "public_appeal")
    assert (response.status_code, response["Location"]) == (302, f"/c/{token_of(case)}/")


def test_after_the_window_the_page_says_what_still_works(visitor, cast, at):
    case = closed(cast, at)
    with time_machine.travel(case.appeal_until, tick=False):
        assert "What still works" in page(visitor, case).text
        text = page(visitor, case, "public_appeal").text
        assert "<h1>The time for an appeal is over</h1>" in text
        assert 'href="tel:12315"' in text
        response = send(visitor, case)
        assert response.status_code == 409
        assert GROUNDS in response.text, "to copy"
    assert Appeal.objects.count() == 0


def test_while_still_a_problem_can_be_said_the_page_after_the_window_leads_there(visitor, cast, at):
    case = closed(cast, at)
    case.appeal_until = at
    case.save()
    text = page(visitor, case, "public_appeal").text
    assert f'href="/c/{token_of(case)}/#reopen-h"' in text


@pytest.mark.parametrize("which", ["open", "duplicate"])
def test_what_has_no_result_cannot_be_appealed(visitor, cast, at, which):
    case = logged(cast, at) if which == "open" else closed_as_duplicate(cast, at)[0]
    assert "appeal" not in page(visitor, case).text
    assert send(visitor, case, points=["0"]).status_code == 409
    assert page(visitor, case, "public_appeal").status_code == 200
    assert visitor.get(done(case, "appeal")).status_code == 404


def test_how_far_it_is_stands_on_the_page_and_nothing_else_opens_the_case(visitor, cast, at):
    case = made(cast, at).complaint
    text = page(visitor, case).text
    assert "<h1>We have your appeal</h1>" in text
    assert "Tell you the decision of the second look" in text
    assert "Still a problem?" not in text
    assert answer(visitor, case, "reopen", reason="It leaks").status_code == 409
    assert GROUNDS in text


def test_who_reviews_it_is_named_by_name(visitor, cast, at):
    case = reviewed(cast, at).complaint
    text = page(visitor, case).text
    assert "<h1>A second person is looking at it</h1>" in text
    assert "Wu Lan reads everything again and answers every point" in text
    assert "wu.lan" not in text


def test_rejected_says_why_point_by_point_and_whom_to_turn_to(visitor, cast, at):
    appeal = reviewed(cast, at)
    decide(cast, appeal, at + 3 * HOUR)
    with time_machine.travel(at + 4 * HOUR, tick=False):
        text = page(visitor, appeal.complaint).text
    assert "<h1>The result stays as it is</h1>" in text
    for must in ("Because of 1", "Because of 2", "This was our last word, not yours.", "12315"):
        assert must in text
    assert "Ask for a second look" not in text


def test_upheld_says_who_does_it_now_instead_of_whom_until_there_is_other_news(visitor, cast, at):
    appeal = reviewed(cast, at)
    decide(cast, appeal, at + 3 * HOUR, 2)
    case = appeal.complaint
    with time_machine.travel(at + 4 * HOUR, tick=False):
        text = page(visitor, case).text
    assert "<h1>You were right in part</h1>" in text
    assert "You were right" in text
    assert "Stays as it is" in text
    assert "Sun Yue puts it right and tells you, and takes over from Li Min." in text
    data = resolution_data(cast) | {"finding_3": "Paid"}
    actor = Actor.staff(cast.colleague)
    lifecycle.perform(case.pk, "resolve", actor=actor, at=at + timedelta(hours=5), data=data)
    with time_machine.travel(at + timedelta(hours=6), tick=False):
        text = page(visitor, case).text
    assert "<h1>We think this is solved. Do you?</h1>" in text
    assert "Your appeal" in text, "what was decided stays to be read"


def test_reading_changes_nothing(visitor, cast, at):
    case = made(cast, at).complaint
    before = case.events.count()
    for name in ("public_status", "public_appeal"):
        page(visitor, case, name)
    assert visitor.head(f"/c/{token_of(case)}/appeal/").status_code == 302
    assert case.events.count() == before
    assert Status(case.status) == Status.ARCHIVED


def test_the_link_works_while_the_appeal_is_decided_and_its_days_after_that(visitor, cast, at):
    DeskRules.objects.create(pk=1, link_days=30, appeal_days=30)
    appeal = reviewed(cast, at)
    with time_machine.travel(at + timedelta(days=60), tick=False):
        assert page(visitor, appeal.complaint).status_code == 200
    decide(cast, appeal, at + timedelta(days=60))
    with time_machine.travel(at + timedelta(days=89), tick=False):
        assert page(visitor, appeal.complaint).status_code == 200
    with time_machine.travel(at + timedelta(days=91), tick=False):
        assert page(visitor, appeal.complaint).status_code == 404


def test_the_link_works_as_long_as_the_result_can_be_appealed(visitor, cast, at):
    DeskRules.objects.create(pk=1, link_days=1, appeal_days=30)
    case = closed(cast, at)
    with time_machine.travel(case.appeal_until - timedelta(minutes=1), tick=False):
        assert page(visitor, case).status_code == 200
    with time_machine.travel(case.appeal_until, tick=False):
        assert page(visitor, case).status_code == 404
