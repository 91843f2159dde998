"""Floods: what is over a limit is said, with the number to call, and nothing that was typed is lost."""

from datetime import timedelta

import pytest
import time_machine

from complaints.models import Complaint
from complaints.webform import limits, proof
from tests.cases import NARRATIVE
from tests.complaints.webform.web_form import GENERAL, at as form_of, proven, sent, solved
from tests.flat import flat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


def test_over_the_limit_it_says_so_shows_the_number_and_keeps_the_text(visitor, cast):
    for _each in range(limits.FROM_A_NETWORK_UNPROVEN):
        assert sent(visitor, form_of(cast.hexi))[0].status_code == 302
    answer, complaint = sent(visitor, form_of(cast.hexi))
    assert (answer.status_code, complaint) == (429, None)
    html = flat(answer.content.decode())
    assert "Not sent yet" in html
    assert 'href="tel:400-000-0123"' in html
    assert NARRATIVE in html
    assert sent(visitor, form_of(cast.hexi), **proven())[0].status_code == 302, "a browser that works for it has more"
    assert sent(visitor, form_of(cast.hexi), danger="yes")[0].status_code == 302, "danger is counted by itself"


def test_a_thousand_from_one_address_are_the_limit_and_no_more(visitor, cast):
    answers = [limits.may_send("203.0.113.9", cast.hexi, is_proven=True, is_danger=False) for _each in range(1000)]
    assert sum(answers) == limits.FROM_A_NETWORK
    assert limits.may_send("203.0.113.10", cast.hexi, is_proven=True, is_danger=False)


def test_one_site_is_not_flooded_from_many_addresses_and_others_go_on(cast):
    for number in range(limits.FOR_A_SITE):
        assert limits.may_send(f"203.0.{number}.9", cast.hexi, is_proven=True, is_danger=False)
    assert not limits.may_send("198.51.100.1", cast.hexi, is_proven=True, is_danger=False)
    assert limits.may_send("198.51.100.1", cast.weiyang, is_proven=True, is_danger=False)
    assert limits.may_send("198.51.100.1", None, is_proven=True, is_danger=False)
    assert limits.may_send("198.51.100.1", cast.hexi, is_proven=True, is_danger=True)


def test_danger_has_a_limit_as_well(cast):
    answers = [limits.may_send("203.0.113.9", cast.hexi, is_proven=False, is_danger=True) for _each in range(10)]
    assert sum(answers) == limits.DANGERS_FROM_A_NETWORK


def test_a_form_that_is_refused_for_what_it_says_is_not_counted(visitor, cast):
    for _each in range(limits.FROM_A_NETWORK_UNPROVEN + 3):
        assert sent(visitor, form_of(cast.hexi), phone="")[0].status_code == 422
    assert sent(visitor, form_of(cast.hexi))[0].status_code == 302


def test_without_redis_the_form_works(visitor, cast, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert sent(visitor, GENERAL, **proven())[0].status_code == 302


def test_an_answer_is_worth_something_once(cast):
    given = proven()
    assert proof.is_solved(given["challenge"], given["answer"])
    assert not proof.is_solved(given["challenge"], given["answer"])


def test_a_challenge_of_ours_is_asked_for_and_ends(cast, at):
    challenge = proof.challenge()
    right = solved(challenge)
    for answer in ("", "x", "-1", "1e3", "٣", "9" * 30, str(int(right) + 1)):
        assert not proof.is_solved(challenge, answer)
    for wrong in ("", challenge[:-1], challenge + "x", "a:b:c"):
        assert not proof.is_solved(wrong, right)
    with time_machine.travel(at + timedelta(seconds=proof.VALID_S + 2), tick=False):
        assert not proof.is_solved(challenge, right)
    assert proof.is_solved(challenge, right)


def test_looking_at_the_form_costs_no_try(visitor, cast):
    for _each in range(50):
        assert visitor.get(form_of(cast.hexi)).status_code == 200
    assert not Complaint.objects.exists()
    assert sent(visitor, form_of(cast.hexi))[0].status_code == 302
