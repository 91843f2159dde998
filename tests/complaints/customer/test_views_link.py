import io
import re
import secrets
import struct
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from PIL import Image

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.customer.views_decide import DECISIONS
from complaints.evidence import attaching
from complaints.models import Message
from complaints.urls import urlpatterns
from tests.cases import at_stage, logged
from tests.complaints import samples
from tests.complaints.customer.customer_link import (
    ANSWERS,
    FILES,
    answer,
    done,
    drain,
    leave_of,
    page,
    photo,
    token_of,
)
from tests.every_row import everything


@pytest.fixture
def at(at):
    """What happened then is looked at an hour later."""
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield at


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
    assert b"This link does not work" in answers.pop()
    for one in wrong[:3]:
        response = visitor.get(f"/c/{one}/")
        assert response.status_code == 404
        assert SECLUDED.items() <= dict(response.headers).items()


def test_a_wrong_address_asks_the_database_the_same_whatever_is_wrong_with_it(
    visitor, cast, at, django_assert_num_queries
):
    logged(cast, at)
    for one in (secrets.token_urlsafe(32), "1001", "x" * 3000):
        with django_assert_num_queries(3):  # the look-up, the rules, and the organisation's name
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


@pytest.mark.parametrize("status", Status)
def test_no_public_address_changes_a_row_however_often_it_is_opened(visitor, cast, at, status):
    complaint = at_stage(cast, status, at)
    row = None
    if status != Status.ARCHIVED:
        row = attaching.attach(complaint, [attaching.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
    token = token_of(complaint)
    paths = [reverse("complaints:public_status", args=[token]), reverse("complaints:public_find")]
    paths += [reverse(f"complaints:public_{name}", args=[token]) for name in ANSWERS]
    paths += [done(complaint, name) for name in (*ANSWERS, "nonsense")]
    paths += [reverse("complaints:public_decide", args=[token, what]) for what in (*DECISIONS, "nonsense")]
    paths += [reverse("complaints:public_representatives", args=[token])]
    paths += [f"/c/{secrets.token_urlsafe(32)}/"]
    for name in FILES if row else ():
        paths += [reverse(f"complaints:{name}", args=[leave_of(complaint), row.pk])]
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
    row = attaching.attach(complaint, [attaching.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
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
        attaching.attach(complaint, [attaching.examine(upload)], actor=CUSTOMER, at=at, public=public)[0]
        for upload, public in ((photo(), True), (photo("b.pdf", samples.pdf()), False))
    )
    foreign = attaching.attach(other, [attaching.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
    text = page(visitor, complaint).text
    assert "photo.jpg" in text
    assert "b.pdf" not in text
    for name in ("public_evidence", "public_preview"):
        response = page(visitor, complaint, name, shown.pk)
        assert response.status_code == 200
        assert samples.CANARY not in drain(response)
        for row in (hidden.pk, foreign.pk, shown.pk + 1000, 10**30):
            assert page(visitor, complaint, name, row).status_code == 404
    assert page(visitor, other, "public_evidence", shown.pk).status_code == 404


def test_a_file_on_an_internal_note_stays_inside_even_when_it_was_marked(visitor, cast, at):
    complaint = logged(cast, at)
    note = messages.say(complaint.pk, kind=Message.Kind.INTERNAL, body="Look", actor=Actor.staff(cast.handler), at=at)
    row = attaching.attach(complaint, [attaching.examine(photo())], actor=CUSTOMER, at=at, message=note, public=True)[
        0
    ]
    assert page(visitor, complaint, "public_evidence", row.pk).status_code == 404
    assert "photo.jpg" not in page(visitor, complaint).text


PHOTOS = {
    "photo.jpg": samples.jpeg(),
    "photo.heic": samples.heic(),
    "photo.png": samples.encoded("PNG", exif=samples.exif()),
    "photo.webp": samples.encoded("WEBP", exif=samples.exif()),
}


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("by", ["customer", "staff"])
def test_no_photo_on_the_link_says_where_it_was_taken_and_the_desk_keeps_the_original(
    visitor, client, cast, at, name, by
):
    complaint = logged(cast, at)
    actor = CUSTOMER if by == "customer" else Actor.staff(cast.handler)
    upload = attaching.examine(photo(name, PHOTOS[name]))
    row = attaching.attach(complaint, [upload], actor=actor, at=at, public=True)[0]
    given = page(visitor, complaint, "public_evidence", row.pk)
    shown = drain(given)
    assert given["Content-Disposition"] == 'attachment; filename="photo.jpg"'
    assert samples.CANARY not in shown
    assert not dict(Image.open(io.BytesIO(shown)).getexif())
    client.force_login(cast.handler)
    assert drain(client.get(reverse("complaints:evidence", args=[row.pk]))) == PHOTOS[name]


def test_no_film_on_the_link_says_where_it_was_taken_and_the_desk_keeps_the_original(visitor, client, cast, at):
    complaint = logged(cast, at)
    data, picture = samples.film()
    upload = attaching.examine(photo("film.mov", data))
    row = attaching.attach(complaint, [upload], actor=Actor.staff(cast.handler), at=at, public=True)[0]
    whole = drain(page(visitor, complaint, "public_evidence", row.pk))
    assert samples.PLACE not in whole
    assert picture in whole
    part = page(visitor, complaint, "public_evidence", row.pk, range="bytes=100-299")
    assert part.status_code == 206
    assert drain(part) == whole[100:300]
    client.force_login(cast.handler)
    assert drain(client.get(reverse("complaints:evidence", args=[row.pk]))) == data


def test_a_film_that_nobody_can_read_stays_in_the_desk(visitor, client, cast, at):
    complaint = logged(cast, at)
    broken = samples.iso_media(b"isom") + struct.pack(">I4s", 9999, b"udta")
    row = attaching.attach(
        complaint, [attaching.examine(photo("film.mp4", broken))], actor=CUSTOMER, at=at, public=True
    )[0]
    assert page(visitor, complaint, "public_evidence", row.pk).status_code == 404
    client.force_login(cast.handler)
    assert drain(client.get(reverse("complaints:evidence", args=[row.pk]))) == broken


# Employees who are named


def addresses_on_the_link(token: str, row: int) -> list[str]:
    """Every address below a customer's link, from the URLconf: a new one is asked too."""
    routes = [pattern for pattern in urlpatterns if str(pattern.pattern).startswith("c/<str:token>/")]
    given = {"token": token, "pk": row, "what": "reply"}
    return [
        reverse(f"complaints:{route.name}", kwargs={name: given[name] for name in route.pattern.converters})
        for route in routes
    ]


def without_its_keys(response) -> tuple[int, str]:
    return response.status_code, re.sub(r'value="[^"]*"|[A-Za-z0-9]{64}', "", response.text)


def test_a_signed_in_employee_who_is_named_finds_nothing_on_the_link(client, cast, at):
    complaint = logged(cast, at)
    row = attaching.attach(complaint, [attaching.examine(photo())], actor=CUSTOMER, at=at, public=True)[0]
    complaint.named_people.add(cast.handler)
    client.force_login(cast.handler)
    nothing = without_its_keys(client.get(f"/c/{secrets.token_urlsafe(32)}/"))
    addresses = addresses_on_the_link(token_of(complaint), row.pk)
    assert len(addresses) == 13
    for number, address in enumerate(addresses):
        # So many wrong links from one address are a search of its own.
        client.defaults["REMOTE_ADDR"] = f"10.8.{number}.{secrets.randbelow(256)}"
        for response in (client.get(address), client.post(address, {"body": "x", "reason": "x"})):
            assert without_its_keys(response) == nothing, address
    assert not Message.objects.exists()
    # Colleagues, and who is not signed in, are not named.
    client.force_login(cast.colleague)
    assert page(client, complaint).status_code == 200
    assert page(Client(), complaint).status_code == 200
