"""An original's own page lists its duplicates, and staff close, un-mark and answer them on pages."""

from datetime import timedelta

import pytest
import time_machine

from complaints.choices import Status
from complaints.conversation import messages
from complaints.models import Complaint, Customer
from tests.cases import at_stage, logged
from tests.complaints.case.test_followers import TO_OTHERS, join, neighbour_of, told_of_the_result
from tests.complaints.customer.customer_link import fresh
from tests.pages import Desk, typed_resolution

HOUR = timedelta(hours=1)


@pytest.fixture
def at(at):
    with time_machine.travel(at + 4 * HOUR, tick=False):
        yield at


@pytest.fixture
def pair(cast, at):
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at + HOUR / 2)
    return original, fresh(duplicate)


def test_the_page_lists_them_as_far_as_the_reader_may_see_them(cast, at, pair):
    original, duplicate = pair
    hidden, own = neighbour_of(cast, at, name="Sun Li"), logged(cast, at)
    Customer.objects.filter(pk=own.customer_id).update(same_as=original.customer_id)
    for other in (hidden, own):
        join(cast, fresh(other), original, at + HOUR)
    Complaint.objects.filter(pk=hidden.pk).update(team=cast.qujiang, site=cast.qujiang, logged_by=None)
    text = Desk(cast.handler, original).get("case").text
    assert "2 other customers are told each step and the result" in text
    assert duplicate.reference in text
    assert own.reference in text
    assert "(the same customer, answered here)" in text
    assert "1 more that you do not see" in text
    assert hidden.reference not in text
    assert hidden.reference not in Desk(cast.handler, original).get("history").text


def test_what_their_customers_wrote_last_stands_beside_until_it_is_answered(cast, at, pair):
    original, duplicate = pair
    messages.customer_says(duplicate.pk, body="It was 52 litres.", at=at + HOUR)
    assert "It was 52 litres." in Desk(cast.handler, original).get("case").text
    desk = Desk(cast.handler, duplicate)
    text = desk.get("case").text
    assert "You can still write to this customer here." in text
    response = desk.post("say", kind="public", body="Thank you, noted.", submission_key="a")
    assert response.status_code == 302


def test_a_page_without_duplicates_lists_none(cast, at):
    assert 'id="duplicates"' not in Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at)).get("case").text


def test_the_result_is_asked_for_the_others_beside_its_field(cast, at, pair):
    original, duplicate = pair
    desk = Desk(cast.handler, original)
    text = desk.get("case").text
    assert "What the 1 other is told" in text
    assert "They read: English." in text
    response = desk.post("step", "resolve", **typed_resolution(cast))
    assert response.context["step"].form.errors.keys() == {"others_told"}
    response = desk.post("step", "resolve", **typed_resolution(cast), others_told="You get it by {promised}.")
    assert "{promised}" in response.context["step"].form.errors["others_told"][0]
    assert desk.post("step", "resolve", **typed_resolution(cast), others_told=TO_OTHERS).status_code == 302
    assert fresh(duplicate).messages.get().body == TO_OTHERS
    assert TO_OTHERS in desk.get("case").text


def test_after_the_result_the_closing_form_asks_what_this_customer_is_told(cast, at):
    original = at_stage(cast, Status.RESOLVED, at)
    desk = Desk(cast.handler, neighbour_of(cast, at))
    typed = {"outcome": "duplicate", "reason": "The same pump", "duplicate_of": original.reference}
    response = desk.post("step", "close_early", **typed)
    assert response.context["form"].errors.keys() == {"others_told"}
    assert desk.post("step", "close_early", **typed, others_told=TO_OTHERS).status_code == 302


def test_staff_say_that_it_is_no_duplicate_after_all(cast, at, pair):
    _original, duplicate = pair
    desk = Desk(cast.handler, duplicate)
    assert "It is no duplicate after all…" in desk.get("case").text
    form = desk.get("step", "reopen")
    assert "<h1" in form.text
    assert "No duplicate after all" in form.text
    assert desk.post("step", "reopen", reason="").status_code == 422
    assert desk.post("step", "reopen", reason="It was pump 3").status_code == 302
    assert desk.complaint.status == Status.ASSIGNED
    assert Desk(cast.auditor, pair[0]).get("case").status_code == 200


def test_who_only_reads_is_not_offered_it(cast, at, pair):
    assert "It is no duplicate after all…" not in Desk(cast.auditor, pair[1]).get("case").text


def test_closed_originals_keep_the_words_for_the_others_on_their_page(cast, at):
    original, _duplicate = told_of_the_result(cast, at)
    assert "The others were told" in Desk(cast.handler, original).get("case").text
