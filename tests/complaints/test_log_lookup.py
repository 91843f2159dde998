"""What is known about the customer while a complaint is taken down."""

from datetime import timedelta

import pytest
import time_machine

from tests.cases import at_stage, logged

LOOKUP = "/complaints/new/customer/"
QUERIES = 5  # session, person, roles, cases of the customer, cases of the site


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def lookup(client, cast):
    def lookup(person=None, **given):
        client.force_login(person or cast.handler)
        response = client.get(LOOKUP, given)
        assert response.status_code == 200
        return response.content.decode()

    return lookup


def test_a_known_number_brings_the_name_and_the_earlier_cases(cast, at, lookup):
    first, second = at_stage(cast, "archived", at - timedelta(days=9)), logged(cast, at)
    logged(cast, at, phone="138 1111 2222", name="Li Si", email="li@customer.example")
    page = lookup(phone="13900004417")
    assert "Wang Jianguo" in page
    assert "2 complaints" in page
    assert page.index(second.reference) < page.index(first.reference), "the newest first"
    assert "Li Si" not in page


def test_more_cases_than_fit_are_said(cast, at, lookup):
    for _number in range(6):
        logged(cast, at)
    page = lookup(phone="139 0000 4417")
    assert "more than 5 complaints" in page
    assert page.count("<li>") == 5


@pytest.mark.parametrize("person", ["stranger", "neighbour"])
def test_a_number_gives_away_nothing_that_the_person_may_not_see(cast, at, lookup, person):
    complaint = logged(cast, at)
    page = lookup(getattr(cast, person), phone="139 0000 4417", site=str(cast.hexi.pk))
    assert "Wang Jianguo" not in page
    assert complaint.reference not in page


def test_what_is_open_at_the_site_is_shown_once(cast, at, lookup):
    ours = logged(cast, at)
    other = logged(cast, at, phone="138 1111 2222", name="Li Si", email="")
    closed = at_stage(cast, "archived", at - timedelta(days=3), phone="138 3333 4444", email="")
    page = lookup(phone="139 0000 4417", site=str(cast.hexi.pk))
    assert page.count(ours.reference) == 2, "its link and its name"
    assert other.reference in page
    assert closed.reference not in page


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"phone": "", "site": ""},
        {"phone": "4417"},
        {"phone": "x" * 5000},
        {"phone": "'; --"},
        {"site": "abc"},
        {"site": "9" * 30},
        {"site": "-1"},
        {"site": "٣"},
        {"phone": "🙂"},
    ],
)
def test_a_lookup_of_nonsense_finds_nothing(cast, at, lookup, given):
    logged(cast, at)
    assert "<li>" not in lookup(**given)


@pytest.mark.parametrize("cases", [1, 3])
def test_a_lookup_costs_the_same_queries_for_any_number_of_cases(cast, at, client, cases, django_assert_num_queries):
    for number in range(cases):
        logged(cast, at, phone=f"138 0000 000{number}", email="")
        logged(cast, at)
    client.force_login(cast.supervisor)
    with django_assert_num_queries(QUERIES):
        client.get(LOOKUP, {"phone": "139 0000 4417", "site": str(cast.hexi.pk)})


def test_a_lookup_is_not_posted(cast, client):
    client.force_login(cast.handler)
    assert client.post(LOOKUP).status_code == 405


@pytest.mark.parametrize("person", ["auditor", "reviewer", "administrator"])
def test_who_does_not_log_looks_nobody_up(cast, client, person):
    client.force_login(getattr(cast, person))
    assert client.get(LOOKUP).status_code == 403
