import secrets
from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints import conversation, evidence
from complaints.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Message
from tests.cases import at_stage, logged
from tests.complaints import samples
from tests.complaints.customer_link import ANSWERS, answer, done, drain, page, photo, token_of


@pytest.fixture
def at():
    """An hour ago: the page reads the real clock."""
    return timezone.now() - timedelta(hours=1)


SECLUDED = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def test_every_wrong_address_gets_one_and_the_same_answer(visitor, cast, at, django_assert_num_queries):
    complaint = logged(cast, at)
    token = token_of(complaint)
    wrong = [
        secrets.token_urlsafe(32),
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.swapcase(),
        token + ".",
        "%20" + token,
        token[:20],
        token * 2,
        "x" * 3000,
        str(complaint.pk),
        complaint.reference,
        "%E2%80%AE" + token,
        "%D9%A1",
        "'%20OR%201=1--",
        complaint.token_hash,
    ]
    answers = {visitor.get(f"/c/{one}/").content for one in wrong}
    assert len(answers) == 1
    assert b"We cannot find this" in answers.pop()
    for one in wrong[:3]:
        response = visitor.get(f"/c/{one}/")
        assert response.status_code == 404
        assert SECLUDED.items() <= dict(response.headers).items()


def test_a_wrong_address_asks_the_database_the_same_whatever_is_wrong_with_it(
    visitor, cast, at, django_assert_num_queries
):
    logged(cast, at)
    for one in (secrets.token_urlsafe(32), "1001", "x" * 3000):
        with django_assert_num_queries(2):  # the look-up, and the organisation's name
            visitor.get(f"/c/{one}/")


@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_address_is_404_for_answers_too(visitor, db, name):
    response = visitor.post(reverse(f"complaints:public_{name}", args=[secrets.token_urlsafe(32)]), {"body": "x"})
    assert response.status_code == 404
    assert not Message.objects.exists()


def test_after_twenty_wrong_addresses_a_minute_comes_429_and_right_ones_still_open(visitor, cast, at):
    complaint = logged(cast, at)
    statuses = [visitor.get(f"/c/{secrets.token_urlsafe(32)}/").status_code for _try in range(25)]
    assert statuses == [404] * 20 + [429] * 5
    assert "Too many tries" in visitor.get("/c/nothing/").text
    assert page(visitor, complaint).status_code == 200
    assert Client(REMOTE_ADDR="10.255.255.1").get("/c/nothing/").status_code in (404, 429)


def test_a_forged_forwarding_header_gives_no_new_tries(visitor, db):
    statuses = [visitor.get("/c/nothing/", headers={"X-Forwarded-For": f"1.1.1.{n}"}).status_code for n in range(21)]
    assert statuses[-1] == 429


def test_without_redis_the_page_stays_open(visitor, cast, at, settings):
    complaint = logged(cast, at)
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert page(visitor, complaint).status_code == 200
    assert visitor.get("/c/nothing/").status_code == 404
    assert answer(visitor, complaint, "reply", body="Still here").status_code == 302


# GET changes nothing


def everything() -> dict:
    """Every row of every table."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in apps.get_models()}


@pytest.mark.parametrize("status", Status)
def test_no_public_address_changes_a_row_however_often_it_is_opened(visitor, cast, at, status):
    complaint = at_stage(cast, status, at)
    row = None
    if status != Status.ARCHIVED:
        row = evidence.attach(complaint, [evidence.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
    token = token_of(complaint)
    paths = [reverse("complaints:public_status", args=[token]), reverse("complaints:public_find")]
    paths += [reverse(f"complaints:public_{name}", args=[token]) for name in ANSWERS]
    paths += [done(complaint, name) for name in (*ANSWERS, "nonsense")]
    paths += [f"/c/{secrets.token_urlsafe(32)}/"]
    paths += [reverse(f"complaints:public_{name}", args=[token, row.pk]) for name in ("evidence", "preview") if row]
    before = everything()
    for path in paths:
        for send in (visitor.get, visitor.head, visitor.options):
            for _time in range(3):
                response = send(path)
                assert response.status_code in (200, 302, 404, 405)
                drain(response)
    assert everything() == before


def test_the_page_says_that_it_is_not_to_be_kept_found_or_named(visitor, cast, at):
    complaint = logged(cast, at)
    row = evidence.attach(complaint, [evidence.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
    for response in (
        page(visitor, complaint),
        page(visitor, complaint, "public_evidence", row.pk),
        page(visitor, complaint, "public_preview", row.pk),
        visitor.get(done(complaint, "reply")),
        answer(visitor, complaint, "reply", body="x"),
        answer(visitor, complaint, "reply", body=""),
        visitor.get(reverse("complaints:public_find")),
    ):
        assert SECLUDED.items() <= dict(response.headers).items()
        drain(response)


def test_browsers_may_name_the_host_so_that_forms_can_be_told_from_forged_ones(visitor, cast, at):
    assert '<meta name="referrer" content="strict-origin">' in page(visitor, logged(cast, at)).text


def test_opening_an_answers_address_leads_back_to_the_page(visitor, cast, at):
    complaint = logged(cast, at)
    for name in ANSWERS:
        assert page(visitor, complaint, f"public_{name}").url == reverse(
            "complaints:public_status", args=[token_of(complaint)]
        )


def test_a_form_from_elsewhere_is_refused(cast, at):
    complaint = logged(cast, at)
    strict = Client(enforce_csrf_checks=True)
    path = reverse("complaints:public_reply", args=[token_of(complaint)])
    assert strict.post(path, {"body": "x"}).status_code == 403
    assert not Message.objects.exists()


# Files


def test_files_that_the_customer_gave_are_shown_and_no_others(visitor, cast, at):
    complaint, other = logged(cast, at), logged(cast, at)
    shown, hidden = (
        evidence.attach(complaint, [evidence.examine(upload)], actor=CUSTOMER, at=at, public=public)[0]
        for upload, public in ((photo(), True), (photo("b.pdf", samples.pdf()), False))
    )
    foreign = evidence.attach(other, [evidence.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
    text = page(visitor, complaint).text
    assert "photo.jpg" in text
    assert "b.pdf" not in text
    for name in ("public_evidence", "public_preview"):
        response = page(visitor, complaint, name, shown.pk)
        assert response.status_code == 200
        assert (samples.CANARY in drain(response)) == (name == "public_evidence")
        for row in (hidden.pk, foreign.pk, shown.pk + 1000, 10**30):
            assert page(visitor, complaint, name, row).status_code == 404
    assert page(visitor, other, "public_evidence", shown.pk).status_code == 404


def test_a_file_on_an_internal_note_stays_inside_even_when_it_was_marked(visitor, cast, at):
    complaint = logged(cast, at)
    note = conversation.say(
        complaint.pk, kind=Message.Kind.INTERNAL, body="Look", actor=Actor.staff(cast.handler), at=at
    )
    row = evidence.attach(complaint, [evidence.examine(photo())], actor=CUSTOMER, at=at, message=note, public=True)[0]
    assert page(visitor, complaint, "public_evidence", row.pk).status_code == 404
    assert "photo.jpg" not in page(visitor, complaint).text
