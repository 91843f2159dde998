import secrets

import pytest
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint, LinkRequest
from tests.cases import logged

FIND, SENT = "/c/", "/c/sent/"


@pytest.fixture
def complaint(cast, at) -> Complaint:
    """One of its own number: tries are counted by reference, and other tests have used up the first ones."""
    complaint = logged(cast, at)
    complaint.reference = f"C-2026-{100_000 + secrets.randbelow(899_999)}"
    complaint.save(update_fields=["reference"])
    return complaint


def ask(visitor, reference, digits):
    return visitor.post(FIND, {"reference": reference, "digits": digits})


def taken() -> tuple[str, str, bool]:
    """What the last asking kept."""
    return LinkRequest.objects.values_list("reference", "proof", "whole").last()


def test_the_form_is_open_to_everybody(visitor, db):
    response = visitor.get(FIND)
    assert response.status_code == 200
    assert reverse("complaints:public_find") == FIND
    assert "The last 4 digits of your phone number" in response.text
    assert "If the two belong together, your link is on its way" in visitor.get(SENT).text


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
    assert response.url == SENT
    assert response["Referrer-Policy"] == "no-referrer"
    assert taken() == (complaint.reference, "4417", False)


@pytest.mark.parametrize("digits", ["4417", "139 0000 4417", "+86 13900004417", "４４１７", "…44 17"])
def test_the_digits_may_be_the_whole_number(visitor, complaint, digits):
    assert ask(visitor, complaint.reference, digits).url == SENT
    assert taken() == (complaint.reference, "4417", False)


def test_an_e_mail_address_will_do(visitor, complaint):
    assert ask(visitor, complaint.reference, " Wang@Customer.example ").url == SENT
    assert taken() == (complaint.reference, "wang@customer.example", False)


def test_whatever_is_asked_is_answered_the_same_by_the_same_work(
    visitor, complaint, cast, at, django_assert_num_queries
):
    """Nothing about the complaint is read: so neither the answer nor its time can tell whether there is one."""
    complaint.named_people.add(cast.colleague)
    asked = [
        (complaint.reference, "4417"),
        (complaint.reference, "4418"),
        (f"C-1999-{secrets.randbelow(900_000) + 100_000}", "4417"),
        ("nonsense", "nobody@customer.example"),
    ]
    answers = set()
    for reference, digits in asked:
        with django_assert_num_queries(1):  # what was typed is written down
            response = ask(visitor, reference, digits)
        answers.add((response.status_code, response.content, response["Location"]))
    assert answers == {(302, b"", SENT)}
    assert LinkRequest.objects.count() == len(asked)


@pytest.mark.parametrize(("digits", "words"), [("", "required"), ("441", "last 4 digits"), ("٤٤١٧", "last 4 digits")])
def test_too_few_digits_are_said_beside_the_field(visitor, complaint, digits, words):
    response = ask(visitor, complaint.reference, digits)
    assert response.status_code == 422
    assert words in response.text
    assert not LinkRequest.objects.exists()


def test_what_was_typed_is_kept(visitor, db):
    assert 'value="C-2026-&lt;1&gt;"' in ask(visitor, "C-2026-<1>", "441").text


def somebody(number: int = 1) -> Client:
    """Somebody at a network that nobody else comes from."""
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{number}")


def test_ten_tries_close_the_door_for_their_network_and_not_for_the_customer(complaint):
    guesser = somebody()
    for _number in range(10):
        assert ask(guesser, complaint.reference, "0000").status_code == 302
    for digits in ("139 0000 4417", "0000"):
        response = ask(guesser, complaint.reference, digits)
        assert response.status_code == 429
        assert "Too many tries." in response.text
    assert ask(somebody(), complaint.reference, "4417").status_code == 302


def test_a_try_that_fits_counts_as_one_that_does_not(complaint):
    """Else ten tries would say whether the digits were right."""
    customer = somebody()
    statuses = [ask(customer, complaint.reference, "4417").status_code for _time in range(11)]
    assert statuses == [302] * 10 + [429]


def test_many_networks_together_only_take_away_the_short_way(complaint):
    for number in range(20):
        assert ask(somebody(number), complaint.reference, f"{number:04d}").status_code == 302
    for digits in ("4417", "0000"):
        response = ask(somebody(), complaint.reference, digits)
        assert response.status_code == 429
        assert "Type your whole phone number here" in response.text
    for typed, key in (("139 0000 4418", "+8613900004418"), ("+86 139 0000 4417", "+8613900004417")):
        assert ask(somebody(), complaint.reference, typed).status_code == 302
        assert taken() == (complaint.reference, key, True)


def test_one_ending_cannot_be_tried_over_all_references(complaint, monkeypatch):
    monkeypatch.setattr("complaints.customer.throttle.WITH_AN_ENDING", 5)
    for number in range(5):
        assert ask(somebody(number), f"C-1998-{secrets.randbelow(10**6):06d}", "4417").status_code == 302
    response = ask(somebody(), complaint.reference, "4417")
    assert response.status_code == 429
    assert "Type your whole phone number here" in response.text
    assert ask(somebody(), complaint.reference, "139 0000 4417").status_code == 302


def test_one_address_cannot_try_out_many_references(visitor, complaint):
    for number in range(30):
        assert ask(visitor, f"C-1998-{secrets.randbelow(10**6):06d}", f"{number:04d}").status_code == 302
    assert ask(visitor, complaint.reference, "4417").status_code == 429


def test_while_tries_cannot_be_counted_nothing_is_taken(visitor, complaint, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert ask(visitor, complaint.reference, "4417").status_code == 429
    assert not LinkRequest.objects.exists()
