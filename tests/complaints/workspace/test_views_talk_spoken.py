"""The reply box of a customer whom no message reaches: it says so, and nothing is called sent that was not."""

import pytest
from django.test import Client
from django.urls import reverse

from complaints.models import WaitingReply
from followups.models import Notice
from tests.cases import logged

BODY = "We measure the pump on Thursday at 10:00."


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.handler)
    return client


def say(client, complaint, **fields) -> str:
    address = reverse("complaints:say", args=[complaint.reference])
    answer = client.post(address, {"kind": "public", "body": BODY} | fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_box_says_before_sending_that_no_message_reaches_the_customer(client, cast, at):
    address = reverse("complaints:case", args=[logged(cast, at, email="").reference])
    page = client.get(address).content.decode()
    assert "This cannot be sent to the customer" in page
    assert "I told them by phone just now" in page


def test_where_a_message_reaches_the_customer_nothing_more_is_asked(client, cast, at):
    address = reverse("complaints:case", args=[logged(cast, at).reference])
    assert "This cannot be sent to the customer" not in client.get(address).content.decode()


def test_what_somebody_has_to_say_is_not_called_sent(client, cast, at):
    complaint = logged(cast, at, email="")
    page = say(client, complaint)
    assert "Not told yet: it stands in the call list." in page
    assert "Sent to the customer." not in page.split("<main", 1)[1].split("talk-said")[0]
    assert not WaitingReply.objects.exists()
    assert Notice.objects.filter(event="customer_message", state="to_say").count() == 1


def test_what_was_said_by_phone_is_noted_as_told(client, cast, at):
    complaint = logged(cast, at, email="")
    assert "Noted as told." in say(client, complaint, told="phone")
    assert complaint.tellings.get().way == "phone"
    assert not Notice.objects.filter(event="customer_message").exists()
