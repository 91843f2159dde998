"""What is known while a complaint is taken down: the customer, and what may be logged already."""

from datetime import timedelta

import pytest
import time_machine

from tests.cases import NARRATIVE, at_stage, logged

CUSTOMER, KNOWN = "/complaints/new/customer/", "/complaints/new/known/"
# session, person, roles, and for a name two of the search; for what is known the comparison and what is shown
QUERIES = 5
NONSENSE = [
    "x" * 5000,
    "%",
    "'; --",
    "\\",
    "🙂",
    "\0",
    "a\0b",
    "139 CALL ME",
    "漏",
    "，。！",
    "&|!():*",
    "٣",
]


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def ask(client, cast):
    """ask(address, person, phone="…") → the fragment."""

    def ask(address, person=None, **given):
        client.force_login(person or cast.handler)
        response = client.post(address, given)
        assert response.status_code == 200
        return response.content.decode()

    return ask


class TestCustomer:
    def test_a_known_number_brings_the_name_and_the_earlier_cases(self, cast, at, ask):
        first, second = at_stage(cast, "archived", at - timedelta(days=9)), logged(cast, at)
        logged(cast, at, phone="138 1111 2222", name="Li Si", email="li@customer.example")
        page = ask(CUSTOMER, phone="13900004417")
        assert "Wang Jianguo" in page
        assert "2 complaints" in page
        assert page.index(second.reference) < page.index(first.reference), "the newest first"
        assert "Li Si" not in page

    def test_a_name_brings_them_too_while_no_number_is_typed(self, cast, at, ask):
        ours = logged(cast, at)
        other = logged(cast, at, phone="138 1111 2222", name="Li Si", email="", narrative="As Wang Jianguo said")
        page = ask(CUSTOMER, name="jianguo")
        assert "Known by this name" in page
        assert ours.reference in page
        assert other.reference not in page, "the name stands in its words only"
        assert ours.reference not in ask(CUSTOMER, name="jianguo", phone="138 9999 0000")

    def test_more_cases_than_fit_are_said(self, cast, at, ask):
        for number in range(6):
            logged(cast, at, narrative=f"Number {number}", site=None)
        page = ask(CUSTOMER, phone="139 0000 4417")
        assert "more than 5 complaints" in page
        assert page.count("<li>") == 5

    @pytest.mark.parametrize("person", ["stranger", "neighbour"])
    @pytest.mark.parametrize("given", [{"phone": "139 0000 4417"}, {"name": "Wang Jianguo"}])
    def test_it_gives_away_nothing_that_the_person_may_not_see(self, cast, at, ask, person, given):
        complaint = logged(cast, at)
        page = ask(CUSTOMER, getattr(cast, person), **given)
        assert "Wang Jianguo" not in page
        assert complaint.reference not in page

    @pytest.mark.parametrize("typed", [*NONSENSE, "", "4417", "W"])
    @pytest.mark.parametrize("field", ["phone", "name"])
    def test_nonsense_finds_nobody(self, cast, at, ask, field, typed):
        logged(cast, at)
        assert "<li>" not in ask(CUSTOMER, **{field: typed})


class TestKnown:
    def test_what_may_be_the_same_is_said_with_the_words_in_both(self, cast, at, ask):
        complaint = logged(cast, at, phone="138 1111 2222", name="Li Si", email="")
        page = ask(
            KNOWN, narrative="They say 52 litres, but the tank of my car holds 50 at that pump", site=cast.hexi.pk
        )
        assert "This may be logged already" in page
        assert page.count(complaint.reference) == 2, "its link and its name, and not again beside the form"
        assert "another customer" in page
        assert "<mark>litres</mark>" in page
        assert "Li Si" not in page

    def test_what_is_open_at_the_site_is_shown_before_anything_is_written(self, cast, at, ask):
        ours = logged(cast, at)
        closed = at_stage(cast, "archived", at - timedelta(days=3), phone="138 3333 4444", email="")
        page = ask(KNOWN, site=cast.hexi.pk)
        assert "This may be logged already" not in page
        assert ours.reference in page
        assert closed.reference not in page

    def test_before_the_third_complaint_is_logged_it_is_said_where_it_goes(self, cast, at, ask):
        told = {"narrative": NARRATIVE, "phone": "139 0000 4417", "site": cast.hexi.pk}
        logged(cast, at - timedelta(days=9))
        assert "to the top" not in ask(KNOWN, **told).replace("to-the-top", "")
        logged(cast, at - timedelta(days=5))
        assert "Complaint number 3 of this customer" in ask(KNOWN, **told)
        assert "Complaint number" not in ask(KNOWN, cast.stranger, **told), "what they may not see is not counted"

    @pytest.mark.parametrize("typed", NONSENSE)
    @pytest.mark.parametrize("field", ["narrative", "phone", "site"])
    def test_nonsense_finds_nothing(self, cast, at, ask, field, typed):
        logged(cast, at)
        assert "<li>" not in ask(KNOWN, **{field: typed})

    @pytest.mark.parametrize("site", ["abc", "9" * 30, "999999999", "-1", "٣", "1\0"])
    def test_a_site_that_is_none_has_nothing_open(self, cast, at, ask, site):
        logged(cast, at)
        assert "<li>" not in ask(KNOWN, site=site, narrative=NARRATIVE)


@pytest.mark.parametrize("cases", [1, 3])
def test_a_lookup_costs_the_same_queries_for_any_number_of_cases(cast, at, client, cases, django_assert_num_queries):
    for number in range(cases):
        logged(cast, at, phone=f"138 0000 000{number}", email="", narrative=f"{NARRATIVE} 陕A12345")
        logged(cast, at, narrative=f"{number} {NARRATIVE}")
    client.force_login(cast.supervisor)
    told = {"phone": "139 0000 4417", "site": str(cast.hexi.pk), "narrative": f"{NARRATIVE} 陕A12345"}
    with django_assert_num_queries(QUERIES):
        client.post(KNOWN, told)
    with django_assert_num_queries(QUERIES - 1):
        client.post(CUSTOMER, told)
    with django_assert_num_queries(QUERIES):
        client.post(CUSTOMER, {"name": "Wang"})


@pytest.mark.parametrize("address", [CUSTOMER, KNOWN])
class TestBoth:
    def test_numbers_and_stories_stand_in_no_address(self, cast, client, address):
        client.force_login(cast.handler)
        assert client.get(address, {"phone": "139 0000 4417"}).status_code == 405

    @pytest.mark.parametrize("person", ["auditor", "reviewer", "administrator"])
    def test_who_does_not_log_looks_nothing_up(self, cast, client, address, person):
        client.force_login(getattr(cast, person))
        assert client.post(address).status_code == 403
