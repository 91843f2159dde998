"""The form that a poster leads to, and what is sent with it."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.models import Team
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Channel, Severity
from complaints.errors import GateRefused
from complaints.intake import receiving
from complaints.intake.receiving import Intake
from complaints.models import Complaint, Customer, Evidence
from complaints.steps import facts
from followups.models import Escalation, Notice, Promise
from tests.cases import NARRATIVE, logged
from tests.complaints.intake.log_form import photo
from tests.complaints.webform.web_form import GENERAL, at as form_of, sent, typed
from tests.flat import flat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]
# The site, and the teams above it, which also give the company's name and the number to call.
FORM_QUERIES = 2


def status_of(answer) -> str:
    """The address of the customer's page, for the answer to a form that was taken."""
    return answer.headers["Location"].removesuffix("thanks/")


def test_a_poster_leads_to_the_form_of_its_site_which_says_whom_to_call(visitor, cast, django_assert_num_queries):
    with django_assert_num_queries(FORM_QUERIES):
        html = visitor.get(form_of(cast.hexi)).content.decode()
    assert "Hexi Road station" in html
    assert "400-000-0123" in html
    assert 'name="place"' not in html
    with django_assert_num_queries(1):
        assert 'name="place"' in visitor.get(GENERAL).content.decode(), "without a poster it asks where it was"


def test_a_closed_site_and_an_unknown_code_lead_to_the_general_form(visitor, cast):
    Team.objects.filter(pk=cast.hexi.pk).update(active=False)
    for address in (form_of(cast.hexi), reverse("complaints:public_new_site", args=["22222222"])):
        for answer in (visitor.get(address), visitor.post(address, typed())):
            assert answer.status_code == 404
            assert f'href="{GENERAL}"' in answer.content.decode()
        assert NARRATIVE in answer.content.decode(), "what was typed comes back, to copy"
    assert not Complaint.objects.exists()


def test_what_is_sent_is_a_complaint_with_promises_and_a_link(visitor, cast, at):
    answer, complaint = sent(
        visitor, form_of(cast.hexi), desired_outcome="Measure the pump", name="Wang", call_hours="evening"
    )
    assert answer.status_code == 302
    assert (complaint.channel, complaint.severity, complaint.kind) == (Channel.WEB, Severity.NORMAL, "complaint")
    assert (complaint.site, complaint.team, complaint.logged_by) == (cast.hexi, cast.hexi, None)
    assert (complaint.narrative, complaint.desired_outcome) == (NARRATIVE, "Measure the pump")
    assert (complaint.language, complaint.wishes_no_contact) == ("en", False)
    customer = complaint.customer
    assert (customer.name, customer.phone_key, customer.email) == ("Wang", "+8613900004417", "")
    assert customer.call_hours == "After 17:00"
    assert complaint.promises.filter(kind="first_contact").exists()
    thanks = visitor.get(answer.headers["Location"]).content.decode()
    assert complaint.reference in thanks
    first = min(promise.due_at for promise in complaint.promises.filter(to_customer=True))
    assert f"{localtime(first):%H:%M}" in thanks


def test_the_general_form_goes_to_the_company_with_the_place(visitor, cast):
    _answer, complaint = sent(visitor, GENERAL, place="Pump 4, Hexi Road")
    assert (complaint.team, complaint.site, complaint.place) == (cast.company, None, "Pump 4, Hexi Road")


def test_by_mail_the_link_goes_to_the_address_of_the_form_and_to_no_other(visitor, cast, at):
    known = logged(cast, at, phone="139 0000 4417")
    _answer, complaint = sent(visitor, form_of(cast.hexi), how="email", email="w@home.example", phone="139 0000 4417")
    assert complaint.customer != known.customer
    assert (complaint.customer.phone, complaint.customer.email) == ("", "w@home.example")
    told = Notice.objects.filter(complaint=complaint, to_customer=True)
    assert [notice.address for notice in told] == ["w@home.example"]


def test_a_known_number_opens_nobody_elses_data(visitor, cast, at):
    known = logged(cast, at, phone="139 0000 4417", email="wang@customer.example")
    answer, complaint = sent(visitor, form_of(cast.hexi), phone="139 0000 4417")
    assert complaint.customer.person_id == complaint.customer.pk, "a number on a form proves nothing"
    assert not Notice.objects.filter(complaint=complaint, to_customer=True).exists(), "it stood on the page"
    assert not complaint.promises.filter(kind="tell").exists(), "so nobody has to call for that"
    html = visitor.get(answer.headers["Location"], follow=True).content.decode()
    html += visitor.get(status_of(answer)).content.decode()
    for secret in (known.reference, "Wang Jianguo", "wang@customer.example"):
        assert secret not in html


def test_only_on_the_link_needs_no_number_and_keeps_none(visitor, cast):
    answer, complaint = sent(visitor, form_of(cast.hexi), how="link", name="Wang")
    assert complaint.wishes_no_contact
    assert complaint.customer is None
    assert not Notice.objects.filter(complaint=complaint, to_customer=True).exists()
    first = complaint.promises.filter(to_customer=True).earliest("due_at")
    assert first.kind != "first_contact", "nobody contacts them"
    assert f"{localtime(first.due_at):%H:%M}" in visitor.get(answer.headers["Location"]).content.decode()
    assert "It is the only way to our answer" in visitor.get(answer.headers["Location"]).content.decode()


def test_danger_alarms_a_supervisor_at_once_and_send_now_needs_nothing_but_the_story(visitor, cast):
    answer, complaint = sent(visitor, form_of(cast.hexi), now="1", phone="", how=None, email="not an address")
    assert answer.status_code == 302
    assert complaint.severity == Severity.DANGER
    assert Escalation.objects.filter(complaint=complaint, reason=Escalation.Reason.SEVERITY).exists()
    assert Notice.objects.filter(complaint=complaint, person=cast.supervisor, event="escalated").exists()
    _answer, told = sent(visitor, form_of(cast.hexi), danger="yes")
    assert (told.severity, told.customer.phone) == (Severity.DANGER, "139 0000 4417")
    _answer, calm = sent(visitor, form_of(cast.hexi), danger="no")
    assert calm.severity == Severity.NORMAL


def test_send_now_keeps_a_number_that_was_given(visitor, cast):
    _answer, complaint = sent(visitor, form_of(cast.hexi), now="1", phone="139 0000 4417")
    assert (complaint.customer.phone_key, complaint.wishes_no_contact) == ("+8613900004417", False)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"narrative": " \u200b\n"}, "narrative", "Say what happened"),
        ({"phone": ""}, "phone", "Give us your number"),
        ({"phone": "", "how": None}, "phone", "Give us your number"),
        ({"how": "email"}, "email", "Give us your e-mail address"),
        ({"how": "email", "email": "w@"}, "email", "valid email"),
        ({"phone": "139 0000 441"}, "phone", "it has 10 digits"),
        ({"phone": "110"}, "phone", "too short"),
        ({"phone": "none"}, "phone", "too short"),
        ({"narrative": "x" * 20_001}, "narrative", "20000"),
        ({"kind": "latent"}, "kind", "not offered"),
        ({"call_hours": "at night"}, "call_hours", "not offered"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_that_was_typed_stands_there(visitor, cast, given, field, words):
    answer, complaint = sent(visitor, form_of(cast.hexi), **{"desired_outcome": "Measure the pump"} | given)
    assert (answer.status_code, complaint) == (422, None)
    assert words in " ".join(answer.context["form"].errors[field]).replace(",", "")
    assert "Measure the pump" in answer.content.decode()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "typed_as",
    [
        "13900004417",
        "139 0000 4417",
        "139-0000-4417",
        "+86 139 0000 4417",
        "0086 13900004417",
        "+86(139)00004417",
        "１３９００００４４１７",
        " 139.0000.4417 ",
        "86-13900004417",
        "139\u00a00000\u00a04417",
    ],
)
def test_a_number_is_understood_in_ten_spellings(visitor, cast, typed_as):
    _answer, complaint = sent(visitor, form_of(cast.hexi), phone=typed_as)
    assert complaint.customer.phone_key == "+8613900004417"


@pytest.mark.parametrize("number", ["010-8888 6666", "88886666", "95105555", "+44 20 7946 0958"])
def test_other_numbers_are_taken_as_well(visitor, cast, number):
    assert sent(visitor, form_of(cast.hexi), phone=number)[0].status_code == 302


def test_names_lose_what_cannot_be_seen(visitor, cast):
    _answer, complaint = sent(visitor, form_of(cast.hexi), name="Wang\u202e gnp.exe\u0007 \u200d Jianguo")
    assert complaint.customer.name == "Wang gnp.exe \u200d Jianguo"


def test_files_are_evidence_that_the_customer_sees(visitor, cast):
    answer, complaint = sent(visitor, form_of(cast.hexi), evidence=[photo("a.jpg"), photo("b.jpg", "blue")])
    assert Evidence.objects.filter(complaint=complaint, public=True, uploaded_by=None).count() == 2
    assert "a.jpg" in visitor.get(status_of(answer)).content.decode()


def test_a_form_with_a_file_that_is_none_says_which_and_which_to_choose_again(visitor, cast):
    broken = photo("b.gif")
    broken.seek(0)
    broken.write(b"<html><script>")
    broken.seek(0)
    answer, complaint = sent(visitor, form_of(cast.hexi), evidence=[photo("a.jpg"), broken])
    assert (answer.status_code, complaint) == (422, None)
    html = answer.content.decode()
    assert "“b.gif” is not a photo" in html
    assert "a.jpg · b.gif" in html


def test_the_same_form_twice_is_one_complaint_and_with_other_words_asks(visitor, cast):
    key = str(uuid.uuid4())
    first, complaint = sent(visitor, form_of(cast.hexi), submission_key=key)
    again, none = sent(visitor, form_of(cast.hexi), submission_key=key)
    assert (again.headers["Location"], none) == (first.headers["Location"], None)
    other, none = sent(visitor, form_of(cast.hexi), submission_key=key, narrative="Something else")
    assert (other.status_code, none) == (409, None)
    assert "Something else" in other.content.decode()
    new_key = other.context["form"]["submission_key"].value()
    assert sent(visitor, form_of(cast.hexi), submission_key=new_key, narrative="Something else")[1] != complaint


def test_a_field_that_people_do_not_see_is_said_and_nothing_is_lost(visitor, cast):
    answer, complaint = sent(visitor, form_of(cast.hexi), homepage="https://spam.example")
    assert (answer.status_code, complaint) == (422, None)
    html = flat(answer.content.decode())
    assert "Not sent yet" in html
    assert 'href="tel:400-000-0123"' in html
    assert NARRATIVE in html
    assert "spam.example" not in html, "a person whose browser filled it in can send it again"


def test_a_form_that_is_sent_asks_the_database_little_more_than_the_verb(visitor, cast, at):
    given = {"narrative": NARRATIVE, "channel": "web", "team": cast.hexi, "site": cast.hexi, "phone": "138 1111 2222"}
    logged(cast, at)
    with CaptureQueriesContext(connection) as verb:
        receiving.log(Intake(**given, submission_key="web:1"), actor=CUSTOMER, at=at)
    with CaptureQueriesContext(connection) as posted:
        sent_once = visitor.post(form_of(cast.hexi), typed(phone="137 1111 2222"))
    assert sent_once.status_code == 302
    # The site and what is above it; a point to go back to, the files that lie there, and its end.
    assert len(posted) <= len(verb) + 5


def test_thanks_and_the_picture_of_the_link_belong_to_the_link(visitor, cast, django_assert_max_num_queries):
    answer, _complaint = sent(visitor, form_of(cast.hexi))
    address = answer.headers["Location"]
    with django_assert_max_num_queries(6):
        page = visitor.get(address)
    assert page.headers["Cache-Control"] == "private, no-store"
    picture = visitor.get(address.replace("thanks/", "qr.png"))
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    for wrong in ("/c/" + 43 * "x" + "/thanks/", "/c/" + 43 * "x" + "/qr.png"):
        assert visitor.get(wrong).status_code == 404
    assert visitor.post(address).status_code == 405


def test_the_draft_on_the_device_may_be_forgotten_once_it_was_sent(visitor, cast):
    answer, _complaint = sent(visitor, form_of(cast.hexi), draft="new:general")
    assert answer.cookies["draft_accepted"].value == "new:general"
    refused, _none = sent(visitor, form_of(cast.hexi), draft="new:general", phone="")
    assert "draft_accepted" not in refused.cookies


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_form_speaks_the_language_of_the_page_and_writes_in_it(visitor, cast, language):
    visitor.cookies["django_language"] = language
    html = visitor.get(form_of(cast.hexi)).content.decode()
    assert ("发生了什么" in html) == (language == "zh-hans")
    _answer, complaint = sent(visitor, form_of(cast.hexi), language=None)
    assert (complaint.language, complaint.customer.language) == (language, language)


def test_without_an_organisation_there_is_no_form(visitor):
    assert visitor.get(GENERAL).status_code == 404


def test_promises_are_those_of_any_complaint(visitor, cast, at):
    _answer, complaint = sent(visitor, form_of(cast.hexi))
    by_phone = logged(cast, at, phone="138 1111 2222", email="")
    of_web, of_phone = (
        set(Promise.objects.filter(complaint=case, to_customer=True).values_list("kind", flat=True))
        for case in (complaint, by_phone)
    )
    assert of_web == of_phone != set()


class TestPraise:
    def test_it_is_passed_on_and_over_and_needs_neither_number_nor_name(self, visitor, cast):
        answer, praise = sent(visitor, form_of(cast.hexi), kind="praise", phone="139", danger="no")
        assert (praise.status, praise.outcome, praise.closed_at) == ("archived", "thanked", praise.received_at)
        assert praise.customer is None, "nobody contacts them"
        assert not praise.promises.exists()
        told = Notice.objects.filter(complaint=praise)
        assert {notice.event for notice in told} == {"praised"}
        assert cast.handler in {notice.person for notice in told}
        page = visitor.get(answer.headers["Location"]).content.decode()
        assert "Hexi Road station reads it." in page
        assert "Thank you for your praise" in visitor.get(status_of(answer)).content.decode()

    def test_danger_is_never_only_praise(self, visitor, cast):
        _answer, told = sent(visitor, form_of(cast.hexi), kind="praise", danger="yes", phone="")
        assert (told.kind, told.status, told.severity) == ("complaint", "received", "danger")
        assert Escalation.objects.filter(complaint=told).exists()

    def test_it_counts_as_no_complaint(self, cast, at):
        for _each in range(2):
            logged(cast, at, kind="praise")
        third = logged(cast, at)
        assert not Escalation.objects.filter(complaint=third, reason=Escalation.Reason.REPEAT).exists()

    def test_the_desk_reads_it_and_nothing_that_is_worked_on_becomes_it(self, client, cast, at):
        praise, complaint = logged(cast, at, kind="praise"), logged(cast, at)
        client.force_login(cast.handler)
        html = client.get(reverse("complaints:case", args=[praise.reference])).content.decode()
        assert "Praise" in html
        with pytest.raises(GateRefused):
            facts.correct(
                complaint.pk,
                data={"kind": "praise", "reason": "They were kind"},
                version=complaint.version,
                actor=Actor.staff(cast.handler),
                at=at,
            )
