import secrets

import pytest
from django.test import Client
from django.urls import reverse

from complaints.customer import links
from complaints.models import Complaint
from tests.cases import logged

FIND = "/c/"


@pytest.fixture
def complaint(cast, at) -> Complaint:
    """One of its own number: tries are counted by reference, and other tests have used up the first ones."""
    complaint = logged(cast, at)
    complaint.reference = f"C-2026-{100_000 + secrets.randbelow(899_999)}"
    complaint.save(update_fields=["reference"])
    return complaint


def ask(visitor, reference, digits):
    return visitor.post(FIND, {"reference": reference, "digits": digits})


def test_the_form_is_open_to_everybody(visitor, db):
    response = visitor.get(FIND)
    assert response.status_code == 200
    assert reverse("complaints:public_find") == FIND
    assert "The last 4 digits of your phone number" in response.text


@pytest.mark.parametrize(
    "write",
    [
        str,
        str.lower,
        lambda r: f"  {r} ",
        lambda r: r.replace("-", " "),
        lambda r: r[2:],
        lambda r: r.replace("-", "－"),
    ],
)
def test_the_reference_may_be_written_as_people_write(visitor, complaint, write):
    response = ask(visitor, write(complaint.reference), "4417")
    assert response.url == reverse("complaints:public_status", args=[links.unseal(complaint.token_sealed)])
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("digits", ["4417", "139 0000 4417", "+86 13900004417", "４４１７", "…44 17"])
def test_the_digits_may_be_the_whole_number(visitor, complaint, digits):
    assert ask(visitor, complaint.reference, digits).status_code == 302


def test_every_wrong_answer_is_the_same(visitor, complaint, cast, at):
    silent = logged(cast, at, phone="", email="only@customer.example", name="Without Phone")
    texts = set()
    for reference, digits in (
        (complaint.reference, "4418"),
        ("C-1999-000001", "4417"),
        (silent.reference, "0000"),
        ("nonsense", "4417"),
    ):
        response = ask(visitor, reference, digits)
        assert response.status_code == 422
        texts.add(response.text.split("error-summary")[1].split("</div>")[0])
    assert len(texts) == 1
    assert "We find no complaint with this reference and this phone number." in texts.pop()


def test_a_wrong_answer_asks_the_database_the_same_whether_the_reference_exists(
    visitor, complaint, django_assert_num_queries
):
    for reference in (complaint.reference, f"C-1999-{secrets.randbelow(900_000) + 100_000}"):
        with django_assert_num_queries(2):  # the look-up, and the organisation's name
            ask(visitor, reference, "0000")


@pytest.mark.parametrize(("digits", "words"), [("", "required"), ("441", "last 4 digits"), ("٤٤١٧", "last 4 digits")])
def test_too_few_digits_are_said_beside_the_field(visitor, complaint, digits, words):
    response = ask(visitor, complaint.reference, digits)
    assert response.status_code == 422
    assert words in response.text


def test_what_was_typed_is_kept(visitor, db):
    assert 'value="C-2026-&lt;1&gt;"' in ask(visitor, "C-2026-<1>", "4417").text


def somebody(number: int = 1) -> Client:
    """Somebody at a network that nobody else comes from."""
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{number}")


def test_ten_wrong_tries_close_the_door_for_their_network_and_not_for_the_customer(complaint):
    guesser = somebody()
    for _number in range(10):
        assert ask(guesser, complaint.reference, "0000").status_code == 422
    response = ask(guesser, complaint.reference, "139 0000 4417")
    assert response.status_code == 429
    assert "Too many tries." in response.text
    assert ask(somebody(), complaint.reference, "4417").status_code == 302


def test_many_networks_together_only_take_away_the_short_way(complaint):
    for number in range(20):
        assert ask(somebody(number), complaint.reference, f"{number:04d}").status_code == 422
    for digits in ("4417", "0000"):
        response = ask(somebody(), complaint.reference, digits)
        assert response.status_code == 429
        assert "Type your whole phone number here" in response.text
    assert ask(somebody(), complaint.reference, "139 0000 4418").status_code == 429
    assert ask(somebody(), complaint.reference, "+86 139 0000 4417").status_code == 302


def test_one_ending_cannot_be_tried_over_all_references(complaint, monkeypatch):
    monkeypatch.setattr("complaints.customer.throttle.WITH_AN_ENDING", 5)
    for number in range(5):
        assert ask(somebody(number), f"C-1998-{secrets.randbelow(10**6):06d}", "4417").status_code == 422
    response = ask(somebody(), complaint.reference, "4417")
    assert response.status_code == 429
    assert "Type your whole phone number here" in response.text
    assert ask(somebody(), complaint.reference, "139 0000 4417").status_code == 302


def test_customers_who_find_their_complaint_use_up_no_tries(complaint):
    customer = somebody()
    for _time in range(15):
        assert ask(customer, complaint.reference, "4417").status_code == 302


def test_one_address_cannot_try_out_many_references(visitor, complaint):
    for number in range(30):
        assert ask(visitor, f"C-1998-{secrets.randbelow(10**6):06d}", f"{number:04d}").status_code == 422
    assert ask(visitor, complaint.reference, "4417").status_code == 429


def test_while_tries_cannot_be_counted_nothing_is_answered(visitor, complaint, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert ask(visitor, complaint.reference, "4417").status_code == 429


def test_another_token_key_is_told_to_the_operator_and_not_to_the_visitor(visitor, complaint, settings, caplog):
    settings.TOKEN_KEY = "another key"
    response = ask(visitor, complaint.reference, "4417")
    assert response.status_code == 422
    assert "TOKEN_KEY is not the one" in caplog.text


def test_an_employee_who_is_named_finds_nothing_even_with_the_right_number(client, complaint, cast):
    complaint.named_people.add(cast.handler)
    client.force_login(cast.handler)
    named = ask(client, complaint.reference, "4417")
    assert named.status_code == 422
    assert "We find no complaint with this reference and this phone number." in named.text
    client.force_login(cast.colleague)
    assert ask(client, complaint.reference, "4417").status_code == 302
