from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from complaints.case.actors import CUSTOMER
from complaints.choices import Status
from complaints.customer import fetch, links, representatives
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Complaint, Customer, Representative
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import (
    ANSWERS,
    awaiting_confirmation,
    closed_as_duplicate,
    fresh,
    page,
    token_of,
    with_options,
)
from tests.flat import flat

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONSENT = "My daughter may see it all."


def let_in(complaint, may="read", name="Wang Xiaoyan") -> Representative:
    said = {"name": name, "relation": "family", "may": may, "consent": CONSENT}
    return representatives.add(complaint.pk, said, at=complaint.received_at + HOUR)


def others(complaint) -> str:
    return reverse("complaints:public_representatives", args=[token_of(complaint)])


def opened(visitor, somebody, name="public_status", *args):
    return visitor.get(reverse(f"complaints:{name}", args=[token_of(somebody), *args]))


def answer(visitor, somebody, name, /, *args, **data):
    return visitor.post(reverse(f"complaints:public_{name}", args=[token_of(somebody), *args]), data)


@pytest.fixture
def at(at):
    """What happened then is looked at a day later."""
    with time_machine.travel(at + DAY, tick=False):
        yield at


# The customer lets somebody in, and out again


def test_the_customer_names_somebody_who_gets_a_link_of_their_own(visitor, cast, at):
    complaint = logged(cast, at)
    assert "I agree that this person sees everything on my page" in visitor.get(others(complaint)).text
    said = {"name": "Wang Xiaoyan", "relation": "family", "may": "read", "consent": CONSENT}
    for _click in range(2):
        assert visitor.post(others(complaint), said).url == others(complaint)
    somebody = complaint.representatives.get()
    assert somebody.consent == CONSENT
    assert (links.token_hash(token_of(somebody)), somebody.token_hash) == (somebody.token_hash,) * 2
    assert token_of(somebody) != token_of(complaint)
    assert links.public_url(somebody) in visitor.get(others(complaint)).text
    event = complaint.events.get(kind="representative_added")
    assert (event.actor_kind, event.data["words"]) == ("customer", CONSENT)
    text = flat(opened(visitor, somebody).text)
    assert complaint.reference in text
    assert "You read this as Wang Xiaoyan. Only the customer can answer." in text
    assert token_of(complaint) not in text


@pytest.mark.parametrize("missing", ["name", "relation", "may", "consent"])
def test_without_consent_nobody_is_let_in(visitor, cast, at, missing):
    complaint = logged(cast, at)
    said = {"name": "Wang", "relation": "family", "may": "read", "consent": CONSENT} | {missing: " "}
    assert visitor.post(others(complaint), said).status_code == 422
    assert not Representative.objects.exists()


def test_a_link_that_is_taken_back_is_dead_at_once(visitor, cast, at):
    complaint, other = logged(cast, at), logged(cast, at)
    somebody = let_in(complaint)
    for case, code in ((other, 404), (complaint, 302), (complaint, 302)):
        address = reverse("complaints:public_end_representative", args=[token_of(case), somebody.pk])
        assert visitor.get(address).url == others(case)
        assert opened(visitor, somebody).status_code == (200 if code == 404 or somebody.ended_at is None else 404)
        assert visitor.post(address).status_code == code
        somebody.refresh_from_db()
    wrong = visitor.get(f"/c/{links.new_token()}/")
    dead = opened(visitor, somebody)
    assert (dead.status_code, dead.content) == (404, wrong.content)
    assert complaint.events.filter(kind="representative_ended").count() == 1
    assert page(visitor, complaint).status_code == 200
    # Let in again it is another link.
    assert let_in(complaint).token_hash != somebody.token_hash


def test_only_so_many(cast, at):
    complaint = logged(cast, at)
    for number in range(representatives.MOST):
        let_in(complaint, name=f"Somebody {number}")
    with pytest.raises(NotAllowedNow):
        let_in(complaint, name="One more")


def test_their_link_ends_with_the_customers_and_a_new_one_of_the_customer_leaves_it(visitor, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    somebody = let_in(complaint)
    assert opened(visitor, somebody).status_code == 200
    Complaint.objects.filter(pk=complaint.pk).update(closed_at=at - 91 * DAY, appeal_until=at - 61 * DAY)
    assert opened(visitor, somebody).status_code == 404


# What they may do


def test_who_only_reads_is_shown_nothing_to_send_and_refused_whatever_they_send(visitor, cast, at):
    for complaint in (
        awaiting_confirmation(cast, at),
        with_options(cast, at)[0].complaint,
        at_stage(cast, Status.RESOLVED, at),
        at_stage(cast, Status.ARCHIVED, at),
    ):
        somebody = let_in(complaint)
        before = complaint.events.count()
        assert "<form" not in opened(visitor, somebody).text.split("<main")[1]
        option = complaint.options.first()
        said = {"body": "x", "words": "x", "solved": "yes", "round": 1, "reason": "x", "rating": 5}
        said |= {"option": option.pk if option else "none", "why": "x"}
        for name in ANSWERS:
            response = answer(visitor, somebody, name, **said)
            assert response.status_code in (403, 409, 422), name
        assert complaint.events.count() == before


def test_who_may_answer_answers_in_their_own_name(visitor, client, cast, at):
    complaint = with_options(cast, at)[0].complaint
    somebody = let_in(complaint, may="answer")
    assert "and may answer for the customer" in flat(opened(visitor, somebody).text)
    assert answer(visitor, somebody, "reply", body="She is ill, I write for her.").status_code == 302
    assert answer(visitor, somebody, "choose", option=complaint.options.first().pk).status_code == 302
    for kind in ("customer_replied", "option_chosen"):
        event = complaint.events.get(kind=kind)
        assert event.actor_kind == "customer"
        assert (event.data["representative"], event.data["represented_by"]) == (somebody.pk, "Wang Xiaoyan")
    assert "<b>Wang Xiaoyan</b>" in page(visitor, complaint).text
    client.force_login(cast.handler)
    case = client.get(f"/complaints/{complaint.reference}/").text
    assert "written by Wang Xiaoyan for the customer" in case
    assert "May also ask about it" in case
    assert "Customer, by Wang Xiaoyan" in client.get(f"/complaints/{complaint.reference}/history/").text


def test_our_words_are_confirmed_by_who_may_answer(visitor, cast, at):
    complaint = awaiting_confirmation(cast, at)
    somebody = let_in(complaint, may="answer")
    seen = opened(visitor, somebody).context["page"].seen
    assert answer(visitor, somebody, "confirm", seen=seen, words="").status_code == 302
    assert fresh(complaint).verification.is_confirmed


@pytest.mark.parametrize("may", ["read", "answer"])
def test_what_only_the_customer_may_do_they_never_do(visitor, cast, at, may):
    resolved = at_stage(cast, Status.RESOLVED, at)
    somebody = let_in(resolved, may)
    refused = answer(visitor, somebody, "rate", solved="yes", rating=5, words="Fine", round=1)
    assert refused.status_code == 403
    assert "Only the customer may do this." in refused.text
    assert fresh(resolved).status == Status.RESOLVED
    complaint = logged(cast, at)
    somebody = let_in(complaint, may)
    assert "/decide/" not in opened(visitor, somebody).text
    for what in ("take-back", "stop", "hours", "language", "supervisor"):
        assert opened(visitor, somebody, "public_decide", what).status_code == 302
        said = {"words": "x", "call_hours": "x", "language": "zh-hans"}
        assert answer(visitor, somebody, "decide", what, **said).status_code == 403
    assert opened(visitor, somebody, "public_representatives").status_code == 302
    assert answer(visitor, somebody, "representatives", name="Me").status_code == 302
    assert answer(visitor, somebody, "end_representative", somebody.pk).status_code == 302
    now = fresh(complaint)
    assert (now.status, now.wishes_no_contact, now.language) == (Status.RECEIVED, False, complaint.language)
    assert now.representatives.get().ended_at is None


def test_on_whose_behalf_is_asked_of_the_link(cast, at):
    complaint = logged(cast, at)
    somebody = let_in(complaint, may="answer")
    own, theirs = fetch.fetch(complaint.token_hash), fetch.fetch(somebody.token_hash)
    assert representatives.actor_on(own, "rate") is CUSTOMER
    assert representatives.actor_on(theirs, "reply").representative == somebody
    with pytest.raises(NotPermitted):
        representatives.actor_on(theirs, "rate")


def test_who_was_let_in_to_one_complaint_is_not_led_into_another(visitor, cast, at):
    complaint, original = closed_as_duplicate(cast, at)
    Complaint.objects.filter(pk=original.pk).update(customer=complaint.customer)
    assert Customer.objects.filter(pk=complaint.customer_id).exists()
    somebody = let_in(complaint)
    assert token_of(original) in page(visitor, complaint).text
    assert token_of(original) not in opened(visitor, somebody).text


def test_their_page_costs_what_the_customers_costs(visitor, cast, at, django_assert_num_queries):
    somebody = let_in(at_stage(cast, Status.RESOLVED, at), may="answer")
    with django_assert_num_queries(3):
        opened(visitor, somebody)
