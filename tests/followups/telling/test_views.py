"""Telling a customer by phone, on its pages: who may, what is ticked, what comes back when it is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.models import Complaint, ComplaintEvent
from followups.models import Notice, Promise, Telling, TellingTry
from followups.models.promise import PromiseKind
from followups.telling import saying
from tests.cases import at_stage, logged
from tests.flat import flat

pytestmark = pytest.mark.django_db
LIST = reverse("followups:callbacks")
PHONE_ONLY = {"email": "", "phone": "139 0000 4417"}
TOLD = {"way": "phone", "words": ""}
THEIRS = "She says that the pump leaks again, since Monday."
State = Notice.State


@pytest.fixture
def complaint(cast, now) -> Complaint:
    """Somebody with a phone only: two things are to be said."""
    return at_stage(cast, Status.ASSIGNED, now - timedelta(minutes=5), **PHONE_ONLY)


@pytest.fixture
def desk(client, cast):
    client.force_login(cast.frontline)
    return client


def page(complaint) -> str:
    return reverse("followups:tell", args=[complaint.reference])


def vain(complaint) -> str:
    return reverse("followups:tell_not_reached", args=[complaint.reference])


def owed(complaint) -> list[int]:
    found = Notice.objects.filter(complaint=complaint, state=State.TO_SAY).order_by("pk")
    return list(found.values_list("pk", flat=True))


def read(client, address, **more) -> str:
    return client.get(address, more).content.decode()


class TestTheList:
    def test_one_row_a_customer_with_why_and_what(self, desk, cast, complaint, now):
        logged(cast, now, **PHONE_ONLY)
        shown = read(desk, LIST)
        assert shown.count(page(complaint)) == 1
        assert "No e-mail address" in shown
        assert "We have your complaint" in shown

    def test_who_does_not_see_the_case_does_not_see_the_call(self, client, cast, complaint):
        client.force_login(cast.stranger)
        assert complaint.reference not in read(client, LIST)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("frontline", 200),
        ("handler", 200),
        ("supervisor", 200),
        ("auditor", 403),
        ("stranger", 404),
        ("administrator", 404),
        ("reviewer", 404),
        ("neighbour", 404),
    ],
)
def test_it_is_open_to_those_who_talk_to_customers(client, cast, complaint, who, status):
    client.force_login(getattr(cast, who))
    assert client.get(page(complaint)).status_code == status
    sent = client.post(vain(complaint), {"outcome": "no_answer", "number": "1"})
    assert sent.status_code == (302 if status == 200 else status)
    said = client.post(page(complaint), TOLD | {"said": owed(complaint)})
    assert said.status_code == (302 if status == 200 else status)
    assert TellingTry.objects.exists() is Telling.objects.filter(notice__isnull=False).exists() is (status == 200)


def test_whoever_is_named_in_it_finds_nothing(client, cast, now):
    complaint = logged(cast, now, named_people=[cast.colleague], **PHONE_ONLY)
    client.force_login(cast.colleague)
    assert client.get(page(complaint)).status_code == 404
    assert client.post(vain(complaint), {"outcome": "refused", "number": "1"}).status_code == 404
    assert len(owed(complaint)) == 1


def test_a_stranger_to_the_desk_is_asked_to_sign_in(client, complaint):
    assert client.get(page(complaint)).status_code == 302
    assert client.post(page(complaint), TOLD).status_code == 302
    assert not Telling.objects.filter(notice__isnull=False).exists()


class TestTelling:
    def test_the_page_has_the_words_the_number_and_by_when(self, desk, complaint):
        shown = read(desk, page(complaint))
        assert f"Your complaint has the reference {complaint.reference}" in shown
        assert 'href="tel:13900004417"' in shown
        assert "/c/" not in shown
        assert shown.count("checked") >= len(owed(complaint))

    def test_said_it_is_evidence_and_the_call_is_over(self, desk, cast, complaint):
        answer = desk.post(page(complaint), TOLD | {"said": owed(complaint)}, follow=True)
        assert "Noted as told" in answer.content.decode()
        assert owed(complaint) == []
        telling = Telling.objects.filter(notice__isnull=False).first()
        assert (telling.by, telling.way) == (cast.frontline, "phone")
        call = complaint.promises.filter(kind=PromiseKind.TELL).latest("pk")
        assert call.state == Promise.State.KEPT
        assert "Nothing is left to be said" in read(desk, page(complaint))

    def test_what_is_not_ticked_stays_owed(self, desk, cast, now):
        complaint = logged(cast, now - timedelta(minutes=5), **PHONE_ONLY)
        say_more(cast, complaint, now)
        first, second = owed(complaint)
        desk.post(page(complaint), TOLD | {"said": [first]})
        assert owed(complaint) == [second]
        assert complaint.promises.get(kind=PromiseKind.TELL).state == Promise.State.OPEN

    def test_what_they_answer_stands_in_the_conversation(self, desk, complaint):
        desk.post(page(complaint), TOLD | {"said": owed(complaint), "words": THEIRS})
        message = complaint.messages.get(kind="inbound")
        assert (message.body, message.channel) == (THEIRS, "phone")

    def test_for_two_cases_of_one_customer_it_is_one_form(self, desk, cast, complaint, now):
        other = logged(cast, now, **PHONE_ONLY)
        shown = read(desk, page(complaint))
        assert other.reference in shown
        desk.post(page(complaint), TOLD | {"said": owed(complaint) + owed(other), "words": THEIRS})
        assert (owed(complaint), owed(other)) == ([], [])
        assert complaint.messages.filter(kind="inbound").count() == 1
        assert not other.messages.filter(kind="inbound").exists()

    def test_the_same_form_twice_is_once(self, desk, complaint):
        form = TOLD | {"said": owed(complaint), "words": THEIRS}
        first, again = desk.post(page(complaint), form), desk.post(page(complaint), form)
        assert (first.status_code, again.status_code) == (302, 302)
        assert Telling.objects.filter(notice__isnull=False).count() == len(form["said"])
        assert complaint.messages.filter(kind="inbound").count() == 1


class TestRefused:
    def test_without_a_tick_the_words_come_back(self, desk, complaint):
        answer = desk.post(page(complaint), TOLD | {"words": THEIRS})
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert "Tick what you said" in shown
        assert THEIRS in shown

    def test_what_was_unticked_does_not_come_back_ticked(self, desk, cast, now):
        complaint = logged(cast, now - timedelta(minutes=5), **PHONE_ONLY)
        say_more(cast, complaint, now)
        first, second = owed(complaint)
        answer = desk.post(page(complaint), {"said": [first], "way": "pigeon", "words": THEIRS})
        shown = flat(answer.content.decode())
        assert f'id="said-{first}" checked' in shown
        assert f'id="said-{second}"' in shown
        assert f'id="said-{second}" checked' not in shown
        assert THEIRS in shown

    def test_told_by_somebody_else_meanwhile_the_words_are_kept_to_copy(self, desk, client, cast, complaint):
        form = TOLD | {"said": owed(complaint), "words": THEIRS}
        client.force_login(cast.handler)
        client.post(page(complaint), form | {"words": ""})
        client.force_login(cast.frontline)
        answer = client.post(page(complaint), form)
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert "Somebody told the customer meanwhile" in shown
        assert THEIRS in shown

    @pytest.mark.parametrize("said", ["x", "0", "99999999999", "²", "-1"])
    def test_what_was_never_on_the_page_is_refused(self, desk, complaint, said):
        answer = desk.post(page(complaint), TOLD | {"said": said})
        assert answer.status_code in (409, 422)
        assert not Telling.objects.filter(notice__isnull=False).exists()

    def test_what_belongs_to_another_customer_is_not_told_here(self, desk, cast, complaint, now):
        other = logged(cast, now, phone="138 1111 2222", email="")
        assert desk.post(page(complaint), TOLD | {"said": owed(other)}).status_code == 409
        assert len(owed(other)) == 1

    def test_a_case_without_a_customer_has_nobody_to_tell(self, desk, cast, now):
        complaint = logged(cast, now, name="", phone="", email="", wishes_no_contact=True)
        assert desk.get(page(complaint)).status_code == 404


class TestNotReached:
    def test_it_is_counted_and_the_date_stays(self, desk, complaint):
        due = complaint.promises.filter(kind=PromiseKind.TELL).latest("pk").due_at
        answer = desk.post(vain(complaint), {"outcome": "no_answer", "number": "1"})
        assert answer.url == LIST
        assert TellingTry.objects.get().outcome == "no_answer"
        assert complaint.promises.filter(kind=PromiseKind.TELL).latest("pk").due_at == due
        assert "Try 2." in read(desk, page(complaint))

    def test_the_same_tap_twice_is_once(self, desk, complaint):
        for _tap in range(2):
            assert desk.post(vain(complaint), {"outcome": "no_answer", "number": "1"}).status_code == 302
        assert TellingTry.objects.count() == 1
        assert ComplaintEvent.objects.filter(kind="telling_tried").count() == 1

    def test_a_colleagues_tap_is_not_taken_for_ones_own(self, client, cast, complaint):
        client.force_login(cast.handler)
        client.post(vain(complaint), {"outcome": "no_answer", "number": "1"})
        client.force_login(cast.frontline)
        assert client.post(vain(complaint), {"outcome": "wrong_number", "number": "1"}).status_code == 409
        assert TellingTry.objects.count() == 1

    @pytest.mark.parametrize(
        ("outcome", "number", "status"),
        [
            ("eaten", "1", 422),
            ("", "1", 422),
            ("no_answer", "", 422),
            ("no_answer", "²", 422),
            ("no_answer", "0", 409),
        ],
    )
    def test_what_no_browser_sends_changes_nothing(self, desk, complaint, outcome, number, status):
        assert desk.post(vain(complaint), {"outcome": outcome, "number": number}).status_code == status
        assert not TellingTry.objects.exists()

    def test_it_cannot_be_asked_for(self, desk, complaint):
        assert desk.get(vain(complaint)).status_code == 405


def say_more(cast, complaint, at):
    """A message besides the acknowledgement."""
    messages.say(complaint.pk, kind="public", body="We look at it", actor=Actor.staff(cast.handler), at=at)
    assert saying.owed_to(cast.frontline, complaint).count() == 2
