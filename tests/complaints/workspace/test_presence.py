"""Who else has the page open, and what changed since it was loaded."""

from datetime import timedelta

import pytest
import redis
import time_machine
from django.test import Client
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.models import Complaint
from complaints.workspace import presence
from tests.cases import at_stage, logged


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ASSIGNED, at)


def beat(person, complaint, **said):
    client = Client()
    client.force_login(person)
    return client.post(reverse("complaints:presence", args=[complaint.reference]), said)


def names(complaint, person, at) -> list[tuple[str, bool]]:
    return [(here.person.label, here.writing) for here in presence.others(complaint, person, at=at)]


def test_who_has_the_page_open_is_shown_to_the_others(cast, complaint):
    beat(cast.colleague, complaint, writing="yes")
    html = beat(cast.handler, complaint).content.decode()
    assert "Sun Yue" in html
    assert "(writing)" in html
    assert "Li Min" not in html
    client = Client()
    client.force_login(cast.handler)
    page = client.get(reverse("complaints:case", args=[complaint.reference]))
    assert [here.person.label for here in page.context["here"]] == ["Sun Yue"]


def test_who_was_not_heard_of_for_45_seconds_has_gone(cast, complaint, at):
    presence.beat(complaint, cast.colleague, at=at)
    presence.beat(complaint, cast.supervisor, at=at + timedelta(seconds=30))
    assert names(complaint, cast.handler, at + timedelta(seconds=44)) == [("Chen Jing", False), ("Sun Yue", False)]
    assert names(complaint, cast.handler, at + timedelta(seconds=45)) == [("Chen Jing", False)]


def test_another_complaint_has_other_readers(cast, complaint, at):
    presence.beat(complaint, cast.colleague, at=at)
    assert names(logged(cast, at), cast.handler, at) == []


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("stranger", 404), ("administrator", 404)])
def test_only_who_may_see_the_complaint_is_here(cast, complaint, who, status):
    assert beat(getattr(cast, who), complaint).status_code == status


def test_who_is_named_in_it_is_not_here(cast, at):
    complaint = logged(cast, at, named_people=[cast.colleague])
    assert beat(cast.colleague, complaint).status_code == 404


def test_looking_at_its_address_is_refused(cast, complaint, client):
    client.force_login(cast.handler)
    assert client.get(reverse("complaints:presence", args=[complaint.reference])).status_code == 405


def test_without_redis_nobody_is_shown_and_nothing_fails(cast, complaint, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert beat(cast.handler, complaint).status_code == 200
    client = Client()
    client.force_login(cast.handler)
    assert client.get(reverse("complaints:case", args=[complaint.reference])).status_code == 200


def test_an_emptied_redis_forgets_and_goes_on(cast, complaint, settings, at):
    presence.beat(complaint, cast.colleague, at=at)
    redis.from_url(settings.REDIS_URL).delete(presence._key(complaint))
    assert names(complaint, cast.handler, at) == []


def test_the_heartbeat_tells_what_others_changed_since_the_page_was_loaded(cast, complaint, at):
    seen = Complaint.objects.get(pk=complaint.pk).version
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        assert "changed meanwhile" not in beat(cast.handler, complaint, version=seen).content.decode()
        messages.customer_says(complaint.pk, body="Any news?", at=at + timedelta(minutes=50))
        messages.say(complaint.pk, kind="internal", body="Mine", actor=Actor.staff(cast.handler), at=at)
        html = beat(cast.handler, complaint, version=seen).content.decode()
    assert "This case changed meanwhile" in html
    assert "Message from the customer" in html
    assert "Internal note" not in html, "one's own doings are no news"


def test_many_changes_are_told_briefly(cast, complaint, at):
    seen = Complaint.objects.get(pk=complaint.pk).version
    for number in range(5):
        messages.customer_says(complaint.pk, body=f"And {number}", at=at)
    html = beat(cast.handler, complaint, version=seen).content.decode()
    assert html.count("Message from the customer") == 3
    assert "and more" in html


@pytest.mark.parametrize("version", ["", "-1", "abc", "9" * 40, "٣"])
def test_a_version_that_makes_no_sense_is_no_change(cast, complaint, version):
    response = beat(cast.handler, complaint, version=version)
    assert response.status_code == 200
    assert "changed meanwhile" not in response.content.decode()


def test_a_heartbeat_costs_no_more_than_who_is_asking_and_whether_they_may(
    cast, complaint, django_assert_max_num_queries
):
    client = Client()
    client.force_login(cast.handler)
    address = reverse("complaints:presence", args=[complaint.reference])
    version = Complaint.objects.get(pk=complaint.pk).version
    with django_assert_max_num_queries(5):
        client.post(address, {"version": version})
