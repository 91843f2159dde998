"""Solutions on the complaint page: who may do what, and what nonsense is answered with."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import AuthorityLimit
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Option
from complaints.steps import options
from tests.cases import at_stage


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def complaint(cast, at):
    AuthorityLimit.objects.create(team=cast.company, role="handler", amount=200)
    AuthorityLimit.objects.create(team=cast.company, role="supervisor", amount=2000)
    return at_stage(cast, Status.ASSIGNED, at)


def post(person, name, pk, **typed):
    client = Client()
    client.force_login(person)
    return client.post(reverse(f"complaints:{name}", args=[pk]), typed)


def offer(complaint, person, at, amount=100, **more) -> Option:
    staff = Actor.staff(person)
    return options.offer(complaint.pk, words=f"{amount} yuan", amount=Decimal(amount), actor=staff, at=at, **more)


def test_a_solution_is_offered_in_the_exact_words(cast, complaint):
    response = post(cast.handler, "offer", complaint.reference, words="186 yuan back", amount="186.5")
    assert (response.status_code, response["Location"]) == (302, f"/complaints/{complaint.reference}/#options")
    option = complaint.options.get()
    assert (option.words, option.amount, option.needs_approval) == ("186 yuan back", Decimal("186.50"), False)


def test_above_the_limit_it_waits_and_the_page_says_so(cast, complaint, client):
    post(cast.handler, "offer", complaint.reference, words="A fuel card", amount="500")
    client.force_login(cast.handler)
    html = client.get(reverse("complaints:case", args=[complaint.reference])).content.decode()
    assert "Above the limit of Li Min: waits for approval" in html
    assert "¥500" in html


@pytest.mark.parametrize(
    "amount", ["-5", "NaN", "Infinity", "1e3", "1_000", "1,000", "1.999", "١٢", "10000000000", "9" * 5000, "ten"]
)
def test_an_amount_that_is_none_is_refused_beside_the_field_and_kept(cast, complaint, amount):
    response = post(cast.handler, "offer", complaint.reference, words="Money", amount=amount)
    assert response.status_code == 422
    assert response.context["offer"].errors.keys() == {"amount"}
    assert response.context["offer"]["amount"].value() == amount
    assert not complaint.options.exists()


def test_an_offer_needs_words_and_an_end_in_the_future(cast, complaint):
    response = post(cast.handler, "offer", complaint.reference, words=" ", amount="")
    assert response.context["offer"].errors.keys() == {"words"}
    response = post(cast.handler, "offer", complaint.reference, words="Money", expires_at="2026-11-01T10:00")
    assert response.status_code == 409
    assert "must stand until a moment in the future" in response.content.decode()


def test_a_supervisor_approves_what_somebody_else_offered(cast, complaint, at):
    option = offer(complaint, cast.handler, at, 500)
    assert post(cast.handler, "decide_option", option.pk, approve="yes").status_code == 403
    response = post(cast.supervisor, "decide_option", option.pk, approve="yes", next="/board/")
    assert (response.status_code, response["Location"]) == (302, "/board/")
    option.refresh_from_db()
    assert option.approved_by == cast.supervisor


@pytest.mark.parametrize("wanted", ["https://evil.example/", "2"])
def test_the_way_back_stays_on_this_desk(cast, complaint, at, wanted):
    option = offer(complaint, cast.handler, at, 500)
    response = post(cast.supervisor, "decide_option", option.pk, approve="yes", next=wanted)
    assert response["Location"] == f"/complaints/{complaint.reference}/#options"


def test_nobody_approves_their_own_request(cast, complaint, at):
    option = offer(complaint, cast.supervisor, at, 5000)
    assert post(cast.supervisor, "decide_option", option.pk, approve="yes").status_code == 403


def test_declining_needs_a_reason(cast, complaint, at):
    option = offer(complaint, cast.handler, at, 500)
    response = post(cast.supervisor, "decide_option", option.pk, approve="no")
    assert response.status_code == 422
    assert "Write why it is declined." in response.content.decode()
    assert post(cast.supervisor, "decide_option", option.pk, approve="no", reason="Too much").status_code == 302
    option.refresh_from_db()
    assert option.declined_reason == "Too much"


def test_a_reason_that_is_too_long_is_kept_to_copy(cast, complaint, at):
    option = offer(complaint, cast.handler, at, 500)
    response = post(cast.supervisor, "decide_option", option.pk, approve="no", reason="long " * 100)
    assert response.status_code == 422
    assert response.context["shown"].refusal.kept[0][1] == "long " * 100


@pytest.mark.parametrize("approve", ["", "maybe"])
def test_neither_yes_nor_no_decides_nothing(cast, complaint, at, approve):
    option = offer(complaint, cast.handler, at, 500)
    assert post(cast.supervisor, "decide_option", option.pk, approve=approve).status_code == 422
    option.refresh_from_db()
    assert option.waits_for_approval


def test_deciding_twice_is_answered_with_the_reason(cast, complaint, at):
    option = offer(complaint, cast.handler, at, 500)
    codes = [post(cast.supervisor, "decide_option", option.pk, approve="yes").status_code for _ in range(2)]
    assert codes == [302, 409]


def test_the_choice_that_a_customer_made_on_the_phone_is_noted_once(cast, complaint, at):
    first, second = offer(complaint, cast.handler, at, 100), offer(complaint, cast.handler, at, 150)
    assert post(cast.frontline, "choose_option", first.pk, channel="phone").status_code == 302
    assert post(cast.frontline, "choose_option", second.pk, channel="phone").status_code == 409
    assert post(cast.frontline, "choose_option", second.pk, channel="telepathy").status_code == 422
    first.refresh_from_db()
    assert (first.chosen_how, first.chosen_at) == ("phone", at + timedelta(hours=1))


def test_an_offer_is_withdrawn_by_those_who_handle_it(cast, complaint, at):
    option = offer(complaint, cast.handler, at)
    assert post(cast.frontline, "withdraw_option", option.pk).status_code == 403
    assert post(cast.colleague, "withdraw_option", option.pk).status_code == 302
    option.refresh_from_db()
    assert option.withdrawn_at is not None


@pytest.mark.parametrize("name", ["decide_option", "choose_option", "withdraw_option"])
def test_auditors_are_refused_and_strangers_find_nothing(cast, complaint, at, name):
    option = offer(complaint, cast.handler, at, 500)
    typed = {"approve": "yes", "channel": "phone"}
    assert post(cast.auditor, name, option.pk, **typed).status_code == 403
    assert post(cast.stranger, name, option.pk, **typed).status_code == 404
    assert post(cast.supervisor, name, 999_999, **typed).status_code == 404


def test_only_those_who_handle_it_offer(cast, complaint):
    assert post(cast.frontline, "offer", complaint.reference, words="Money").status_code == 403
    assert post(cast.auditor, "offer", complaint.reference, words="Money").status_code == 403
    assert post(cast.stranger, "offer", complaint.reference, words="Money").status_code == 404


def test_offers_are_made_while_it_is_worked_on(cast, at):
    resolved = at_stage(cast, Status.RESOLVED, at)
    assert post(cast.handler, "offer", resolved.reference, words="Money").status_code == 409


@pytest.mark.parametrize("name", ["decide_option", "choose_option", "withdraw_option"])
def test_reloading_the_address_of_an_action_does_nothing_and_leads_to_the_complaint(cast, complaint, at, client, name):
    option = offer(complaint, cast.handler, at)
    client.force_login(cast.supervisor)
    response = client.get(reverse(f"complaints:{name}", args=[option.pk]))
    assert (response.status_code, response["Location"]) == (302, f"/complaints/{complaint.reference}/")
    client.force_login(cast.stranger)
    assert client.get(reverse(f"complaints:{name}", args=[option.pk])).status_code == 404
    assert Option.objects.get(pk=option.pk).is_open
