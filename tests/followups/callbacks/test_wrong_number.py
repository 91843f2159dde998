"""A wrong number: another one is called soon, or no call is made any more and it goes on in writing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import DeskRules
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.errors import ChangedMeanwhile, GateRefused
from complaints.models import Complaint
from followups.board import worklists
from followups.callbacks import callbacks
from followups.models import Notice, Promise
from tests.cases import at_stage

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def resolved(cast, at, **given) -> Complaint:
    return at_stage(cast, Status.RESOLVED, at - timedelta(minutes=3), **given)


def call(cast, complaint, at, phone, **more):
    given = {"outcome": "wrong_number", "phone": phone, "actor": Actor.staff(cast.handler), "at": at}
    return callbacks.record_attempt(complaint.callbacks.get().pk, **given, **more)


def told_of_dates(complaint) -> list[Notice]:
    """What the customer was told of calls, since the result."""
    return list(Notice.objects.filter(event="customer_dates_changed", key__startswith="call:"))


def of(complaint) -> Complaint:
    return Complaint.objects.select_related("customer").get(pk=complaint.pk)


def test_another_number_is_called_soon_and_corrects_the_fact(cast, at):
    complaint = resolved(cast, at)
    call(cast, complaint, at + HOUR, "029 0000 5512")
    callback = complaint.callbacks.get()
    assert (callback.state, callback.next_at) == ("open", at + 2 * HOUR)
    assert callback.promise.due_at == callback.next_at
    assert of(complaint).customer.phone == "029 0000 5512"
    changes = complaint.events.get(kind="facts_corrected").data["changes"]
    assert changes == {"phone": {"old": "139 0000 4417", "new": "029 0000 5512"}}
    assert [told.data["because"] for told in told_of_dates(complaint)] == ["new_number"]


def test_another_number_is_called_even_after_the_last_try(cast, at):
    DeskRules.objects.update_or_create(defaults={"callback_attempts": 1})
    complaint = resolved(cast, at)
    call(cast, complaint, at + HOUR, "029 0000 5512")
    assert complaint.callbacks.get().state == "open"


def test_without_another_number_nobody_is_called_again_and_the_mail_asks(cast, at):
    complaint = resolved(cast, at)
    call(cast, complaint, at + HOUR, "")
    assert complaint.callbacks.get().state == "given_up"
    assert of(complaint).status == Status.FEEDBACK
    assert of(complaint).customer.phone == of(complaint).customer.phone_key == ""
    assert not list(callbacks.due_list(cast.handler))
    assert [told.data["because"] for told in told_of_dates(complaint)] == ["no_number"]
    # Nothing but to close it, when they may no longer say no.
    assert [promise.kind for promise in complaint.promises.filter(state=Promise.State.OPEN)] == ["archive"]


def test_without_an_address_either_a_letter_is_owed_by_a_date(cast, at):
    complaint = resolved(cast, at, email="")
    call(cast, complaint, at + HOUR, "")
    letter = complaint.promises.get(state=Promise.State.OPEN, kind="callback")
    assert (letter.due_at - at, letter.to_customer) == (73 * HOUR, False)
    assert "letter" in letter.words
    assert of(complaint).next_due_at <= letter.due_at
    assert worklists.running().filter(pk=letter.pk).exists()


@pytest.mark.parametrize("phone", [None, "no idea", "13900004417"])
def test_it_is_asked_for_and_the_wrong_one_is_none(cast, at, phone):
    complaint = resolved(cast, at)
    with pytest.raises(GateRefused) as refused:
        call(cast, complaint, at + HOUR, phone)
    assert [missing.field for missing in refused.value.missing] == ["phone"]
    assert not complaint.callbacks.get().attempts.exists()


def test_the_same_form_sent_twice_is_once_and_with_another_number_refused(cast, at):
    complaint = resolved(cast, at)
    for _ in range(2):
        call(cast, complaint, at + HOUR, "029 0000 5512", number=1)
    assert complaint.callbacks.get().attempts.count() == 1
    with pytest.raises(ChangedMeanwhile):
        call(cast, complaint, at + HOUR, "029 0000 9999", number=1)


def test_a_reopened_case_owes_no_call_to_the_wrong_number(cast, at):
    complaint = resolved(cast, at, email="")
    call(cast, complaint, at + HOUR, "")
    assert callbacks.create_for(of(complaint), at=at + 2 * HOUR) is None


def test_the_page_asks_for_another_number_and_keeps_what_was_typed(client, cast, now):
    complaint = resolved(cast, now)
    callback = complaint.callbacks.get()
    client.force_login(cast.handler)
    address = reverse("followups:callback_outcome", args=[callback.pk])
    page = client.get(reverse("followups:callback", args=[callback.pk])).content.decode()
    assert "There is no other number" in page
    refused = client.post(address, {"outcome": "wrong_number", "phone": "1390000 4417", "number": "1"})
    assert refused.status_code == 422
    assert "This is the number that is wrong" in refused.content.decode()
    assert 'value="1390000 4417"' in refused.content.decode()
    assert client.post(address, {"outcome": "wrong_number", "number": "1"}).status_code == 422
    sent = client.post(address, {"outcome": "wrong_number", "number": "1", "no_other": "on"})
    assert sent.status_code == 302
    assert of(complaint).customer.phone == ""
