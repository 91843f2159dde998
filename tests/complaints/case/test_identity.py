"""Whose case it is: a number or an address never makes two contacts one person; somebody who sees both says so."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.case.identity import masked_email, masked_phone
from complaints.errors import GateRefused
from complaints.intake import known_customers, receiving, repeats
from complaints.models import Complaint, Customer
from complaints.workspace.parts import WITH_IT
from followups.models import Notice
from tests.cases import logged
from tests.complaints.intake.log_form import LOG, typed
from tests.flat import flat

DAY = timedelta(days=1)
LOOK_UP = "/complaints/new/customer/"


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def known(cast, at) -> Complaint:
    """A case of the west, whose customer left an address."""
    return logged(cast, at - DAY, call_hours="after six")


def logged_by(person, team, at, **given) -> Complaint:
    fields = {"narrative": "The till was closed", "channel": "phone", "team": team, "site": team} | given
    return receiving.log(receiving.Intake(**fields), actor=Actor.staff(person), at=at)


def seen_by(somebody, complaint) -> str:
    client = Client()
    client.force_login(somebody)
    return client.get(f"/complaints/{complaint.reference}/").content.decode()


def mailed_about(complaint) -> set[str]:
    mails = Notice.objects.filter(complaint=complaint, to_customer=True, channel=Notice.Channel.EMAIL)
    return set(mails.values_list("address", flat=True))


class TestNobodyIsGuessed:
    def test_a_number_that_is_known_elsewhere_opens_nothing_and_mails_nobody(self, cast, at, known):
        complaint = logged_by(cast.stranger, cast.qujiang, at, phone="139 0000 4417")
        assert complaint.customer != known.customer
        html = seen_by(cast.stranger, complaint)
        for secret in ("Wang Jianguo", "wang@customer.example", "after six", known.reference):
            assert secret not in html, secret
        assert mailed_about(complaint) == set()

    @pytest.mark.parametrize(
        "given",
        [
            {"phone": "139 0000 4417"},
            {"phone": "139 0000 4417", "name": "Wang Jianguo"},
            {"email": "WANG@customer.example"},
            {"name": "Wang Jianguo", "email": "wang@customer.example"},
        ],
    )
    def test_not_by_name_and_address_either_nor_for_those_who_see_the_customer(self, cast, at, known, given):
        for person, team in ((cast.stranger, cast.qujiang), (cast.handler, cast.hexi)):
            complaint = logged_by(person, team, at, **given)
            assert complaint.customer != known.customer
            assert complaint.customer.person_id == complaint.customer.pk
            assert mailed_about(complaint) == {given["email"]} if "email" in given else not mailed_about(complaint)

    def test_what_a_later_case_was_told_never_changes_an_earlier_one(self, cast, at, known):
        chosen = {"same_as": known.customer, "phone": "139 0000 4417", "email": "new@customer.example"}
        logged_by(cast.handler, cast.hexi, at, **chosen)
        known.customer.refresh_from_db()
        assert known.customer.email == "wang@customer.example"


class TestItIsThem:
    def test_who_sees_the_customer_may_say_so_and_what_was_left_empty_is_taken_over(self, cast, at, known):
        complaint = logged_by(cast.handler, cast.hexi, at, phone="+86 139 0000 4417", same_as=known.customer)
        contact = complaint.customer
        assert (contact.person_id, contact.pk != known.customer.pk) == (known.customer.pk, True)
        assert (contact.name, contact.email, contact.call_hours) == (
            "Wang Jianguo",
            "wang@customer.example",
            "after six",
        )
        assert mailed_about(complaint) == {"wang@customer.example"}
        third = logged_by(cast.handler, cast.hexi, at, phone="13900004417", same_as=contact)
        assert third.customer.person_id == known.customer.pk, "the first contact stands for the person"

    def test_what_was_given_now_goes_before_what_is_known(self, cast, at, known):
        given = {"phone": "13900004417", "email": "office@customer.example", "same_as": known.customer}
        complaint = logged_by(cast.handler, cast.hexi, at, **given)
        assert mailed_about(complaint) == {"office@customer.example"}

    def test_by_name_where_no_number_was_given(self, cast, at, known):
        complaint = logged_by(cast.handler, cast.hexi, at, name="Jianguo", same_as=known.customer)
        assert complaint.customer.phone == "139 0000 4417"

    @pytest.mark.parametrize(
        "given", [{"phone": "138 1111 2222"}, {"name": "Li Si"}, {"email": "wang@customer.example"}, {"name": "W"}]
    )
    def test_another_number_or_name_does_not_lead_there(self, cast, at, known, given):
        with pytest.raises(GateRefused) as refused:
            logged_by(cast.handler, cast.hexi, at, same_as=known.customer, **given)
        assert [item.field for item in refused.value.missing] == ["same_as"]
        assert Complaint.objects.count() == 1

    def test_who_sees_no_case_of_the_customer_may_not(self, cast, at, known):
        for person in (cast.stranger, cast.neighbour):
            with pytest.raises(GateRefused):
                logged_by(person, cast.qujiang, at, phone="13900004417", same_as=known.customer)

    @pytest.mark.parametrize("actor", [CUSTOMER, SYSTEM])
    def test_neither_customers_nor_the_desk_itself_say_it(self, cast, at, known, actor):
        given = {"narrative": "The till was closed", "channel": "web", "team": cast.hexi, "phone": "13900004417"}
        with pytest.raises(GateRefused):
            receiving.log(receiving.Intake(**given, same_as=known.customer), actor=actor, at=at)


class TestForm:
    @pytest.fixture
    def client(self, client, cast):
        client.force_login(cast.handler)
        return client

    def test_without_a_choice_a_new_customer_is_made(self, cast, client, known):
        assert client.post(LOG, typed(cast)).status_code == 302
        assert Complaint.objects.latest("id").customer.person_id != known.customer.pk

    def test_a_choice_joins_them(self, cast, client, known):
        assert client.post(LOG, typed(cast, same_as=known.customer.pk)).status_code == 302
        assert Complaint.objects.latest("id").customer.person_id == known.customer.pk

    def test_whose_number_is_known_needs_to_give_none(self, cast, client, known):
        given = typed(cast, phone="", name="Wang Jianguo", same_as=known.customer.pk)
        assert client.post(LOG, given).status_code == 302

    @pytest.mark.parametrize("wrong", ["999999", "abc", "9" * 19, "-1", "٣", "hidden"])
    def test_a_customer_who_is_not_there_is_answered_like_one_who_may_not_be_seen(
        self, cast, at, client, wrong, known
    ):
        east = logged_by(cast.stranger, cast.qujiang, at, phone="139 0000 4417")
        key = east.customer.pk if wrong == "hidden" else wrong
        response = client.post(LOG, typed(cast, same_as=key))
        assert response.status_code == 422
        assert "Look at who it is once more." in response.content.decode()
        assert Complaint.objects.count() == 2

    def test_a_refused_form_keeps_the_choice(self, cast, client, known):
        response = client.post(LOG, typed(cast, narrative="", same_as=known.customer.pk))
        assert f'name="same_as" value="{known.customer.pk}"' in response.content.decode()

    def test_the_look_up_offers_each_person_once_and_nobody_is_chosen(self, cast, at, client, known):
        logged(cast, at, same_as=known.customer, email="new@customer.example")
        logged(cast, at, call_hours="never")
        logged(cast, at, name="Wang's wife", email="")
        html = flat(client.post(LOOK_UP, {"phone": "13900004417"}).content.decode())
        assert html.count('type="radio"') == 3
        assert 'id="same-as-new" value="" checked' in html
        assert "3 complaints" in html

    def test_the_look_up_shows_contacts_masked_and_keeps_what_was_chosen(self, client, known):
        html = flat(client.post(LOOK_UP, {"name": "jianguo", "same_as": known.customer.pk}).content.decode())
        assert "139****4417" in html
        assert "w***@customer.example" in html
        assert "wang@customer.example" not in html
        assert f'value="{known.customer.pk}" checked' in html

    def test_it_is_said_in_chinese(self, client, cast, known):
        with translation.override("zh-hans"):
            cast.handler.language = "zh-hans"
            cast.handler.save(update_fields=["language"])
            html = client.post(LOOK_UP, {"phone": "13900004417"}).content.decode()
        assert "这个号码有过投诉，是同一个人吗？" in html


class TestOtherComplaints:
    def test_those_of_the_person_and_those_from_the_number_are_told_apart(self, cast, at, known):
        same = logged_by(cast.handler, cast.hexi, at, phone="13900004417", same_as=known.customer)
        other = logged_by(cast.handler, cast.hexi, at, phone="13900004417")
        html = seen_by(cast.handler, same)
        assert known.reference in html
        assert other.reference in html
        assert html.count("(from the same number)") == 1

    def test_only_what_the_reader_sees(self, cast, at, known):
        east = logged_by(cast.stranger, cast.qujiang, at, phone="13900004417")
        assert east.reference not in seen_by(cast.handler, known)
        assert known.reference not in seen_by(cast.stranger, east)
        assert east.reference in seen_by(cast.director, known)

    def test_without_any_nothing_more_is_asked_for(self, cast, at, known):
        """The page's own query says whether there are others: by number, and by person both ways round."""
        other = logged(cast, at, phone="138 1111 2222", email="", name="Li Si")
        assert not WITH_IT.of(known.pk)["has_others"]
        assert not WITH_IT.of(other.pk)["has_others"]
        logged_by(cast.handler, cast.hexi, at, phone="13811112222")
        assert WITH_IT.of(other.pk)["has_others"]
        Customer.objects.filter(pk=known.customer.pk).update(phone="", phone_key="")
        known.customer.refresh_from_db()
        second = logged_by(cast.handler, cast.hexi, at, name="Wang Jianguo", same_as=known.customer)
        assert WITH_IT.of(known.pk)["has_others"]
        assert WITH_IT.of(second.pk)["has_others"]

    def test_repeats_are_counted_by_number_by_address_and_by_person(self, cast, at, known):
        def earlier(**given):
            return repeats.earlier(logged_by(cast.handler, cast.hexi, at, **given), at=at)

        assert earlier(phone="13900004417") == [known.reference]
        by_address = logged(cast, at, phone="", email="Li@customer.example", name="Li")
        assert earlier(email="li@customer.example") == [by_address.reference]
        by_name = logged(cast, at, phone="", email="", name="Zhao Yun", wishes_no_contact=True)
        assert earlier(name="Zhao Yun", wishes_no_contact=True) == []
        assert earlier(name="Zhao Yun", wishes_no_contact=True, same_as=by_name.customer)[0] == by_name.reference

    def test_a_repeat_names_no_case_that_its_readers_do_not_see(self, cast, at, known):
        east = logged_by(cast.stranger, cast.qujiang, at, phone="13900004417", narrative="My tank holds 50 litres")
        third = logged(cast, at)
        assert third.escalations.get(reason="repeat").note == f"{known.reference} +1"
        assert east.reference not in seen_by(cast.handler, third)


def test_the_choice_is_asked_for_by_the_look_ups_own_rule(cast, at, known):
    found = known_customers.earlier_cases(cast.handler, phone="13900004417", name="")
    for person in found.people:
        assert known_customers.leads_to(person.customer, cast.handler, phone="13900004417", name="")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("139 0000 4417", "139****4417"), ("+86 139-0000-4417", "861****4417"), ("12315", "*****"), ("", "")],
)
def test_masked_numbers(number, shown):
    assert masked_phone(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"), [("wang@customer.example", "w***@customer.example"), ("", ""), ("nonsense", "")]
)
def test_masked_addresses(address, shown):
    assert masked_email(address) == shown


def test_a_contact_is_never_a_row_that_another_case_has(cast, at, known):
    logged(cast, at, same_as=known.customer)
    assert Customer.objects.count() == Complaint.objects.count() == 2
