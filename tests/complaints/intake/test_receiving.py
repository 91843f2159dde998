import threading

import pytest
from django.db import connection

from complaints.case.actors import Actor
from complaints.customer.links import public_url, token_hash, unseal
from complaints.errors import GateRefused
from complaints.intake import receiving
from complaints.models import Complaint, Customer
from tests.cases import logged
from tests.cast import build_cast


def test_a_logged_complaint_has_a_reference_a_link_and_its_first_event(cast, at):
    complaint = logged(cast, at)
    assert complaint.reference == "C-2026-000001"
    assert complaint.subject == "I filled up at pump 4 and it said 52.3 litres."
    token = unseal(complaint.token_sealed)
    assert len(token) >= 43
    assert complaint.token_hash == token_hash(token)
    assert token not in (complaint.token_hash, complaint.token_sealed)
    assert next(event.kind for event in complaint.events.order_by("number")) == "logged"


def test_the_link_is_built_from_settings(cast, at, settings):
    settings.BASE_URL = "https://desk.example"
    assert public_url(logged(cast, at)).startswith("https://desk.example/c/")


def test_references_count_up_within_a_year_of_the_organisations_zone(cast, at):
    first, second = logged(cast, at), logged(cast, at)
    assert (first.reference, second.reference) == ("C-2026-000001", "C-2026-000002")
    new_year = at.replace(month=12, day=31, hour=16, minute=30)
    assert logged(cast, new_year).reference == "C-2027-000001"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"narrative": "  "}, {"narrative"}),
        ({"narrative": "\u200b\u200b"}, {"narrative"}),
        ({"channel": ""}, {"channel"}),
        ({"phone": "", "email": ""}, {"phone"}),
        ({"phone": "", "email": "", "name": "", "narrative": ""}, {"narrative", "phone"}),
    ],
)
def test_a_complaint_that_cannot_be_answered_or_says_nothing_is_refused_with_every_item(cast, at, given, asked):
    with pytest.raises(GateRefused) as refused:
        logged(cast, at, **given)
    assert {item.field for item in refused.value.missing} == asked
    assert not Complaint.objects.exists()
    assert not Customer.objects.exists()


def test_a_customer_who_wishes_no_contact_needs_no_phone(cast, at):
    complaint = logged(cast, at, phone="", email="", name="", wishes_no_contact=True)
    assert complaint.customer is None


def test_the_same_form_sent_twice_is_one_complaint(cast, at):
    first = logged(cast, at, submission_key="k1")
    assert logged(cast, at, submission_key="k1") == first
    assert logged(cast, at, submission_key="k2") != first
    assert Complaint.objects.count() == 2


def test_every_case_has_a_contact_of_its_own_whose_number_is_known_however_it_is_written(cast, at):
    first = logged(cast, at, phone="139 0000 4417")
    again = logged(cast, at, phone="+86-13900004417", name="wang jianguo")
    assert again.customer != first.customer, "a family may share a phone"
    assert again.customer.phone_key == first.customer.phone_key


def test_the_same_name_written_in_two_unicode_forms_is_the_same_name(cast, at):
    first = logged(cast, at, name="José", phone="13900001111")
    assert logged(cast, at, name="Jose\u0301", phone="13900001111").customer.name == first.customer.name


def test_nothing_remains_when_the_transaction_fails(cast, at, monkeypatch):
    monkeypatch.setattr("complaints.case.events.append_many", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        logged(cast, at)
    assert not Complaint.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_people_logging_at_once_get_ten_references_without_gaps(at):
    cast, faults = build_cast(), []

    def one(number):
        try:
            given = receiving.Intake(narrative=f"case {number}", channel="phone", team=cast.hexi, phone="13900004417")
            receiving.log(given, actor=Actor.staff(cast.frontline), at=at)
        except Exception as fault:  # a thread's fault must reach the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert faults == []
    found = sorted(Complaint.objects.values_list("reference", flat=True))
    assert found == [f"C-2026-{number:06d}" for number in range(1, 11)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_double_click_is_one_complaint_even_when_both_arrive_at_the_same_moment(at):
    cast, made = build_cast(), []

    def click():
        try:
            made.append(logged(cast, at, submission_key="double-click").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(made) == 4
    assert len(set(made)) == 1
