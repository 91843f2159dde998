import re
from http import HTTPStatus

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import Person
from accounts.signin import mail_password_reset
from accounts.tasks import send_password_reset

LOGIN = "/account/login/"
NO_MATCH = "Name and password do not match."
PASSWORD = "correct horse"
NEW_PASSWORD = "battery staple 9"


@pytest.fixture
def asked(monkeypatch):
    """The addresses handed to the worker for a new password."""
    addresses = []
    monkeypatch.setattr(send_password_reset, "delay", addresses.append)
    return addresses


def sign_in(client, login, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("login", ["li.min", "LI.MIN", "li.min@desk.example", " Li.Min@Desk.example "])
def test_people_sign_in_with_user_name_or_email_in_any_case(client, cast, login):
    response = sign_in(client, login)
    assert response.status_code == HTTPStatus.FOUND
    assert client.session["_auth_user_id"] == str(cast.handler.pk)


@pytest.mark.parametrize(
    ("login", "password"), [("li.min", "wrong"), ("nobody", PASSWORD), ("li.min@desk.example", "wrong"), ("", "")]
)
def test_a_wrong_name_or_password_signs_nobody_in(client, cast, login, password):
    response = sign_in(client, login, password)
    assert response.status_code == HTTPStatus.OK
    assert not signed_in(client)


def test_known_unknown_and_departed_people_get_the_same_answer(client, cast):
    Person.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    pages = []
    for login, password in [
        ("li.min", "wrong"),
        ("nobody", "wrong"),
        ("sun.yue", PASSWORD),
        ("x@desk.example", "wrong"),
    ]:
        html = sign_in(client, login, password).content.decode()
        assert NO_MATCH in html
        pages.append(re.sub(r'value="[^"]*"', "", html))
    assert len(set(pages)) == 1
    assert not signed_in(client)


@pytest.mark.parametrize("login", ["li.min", "li.min@desk.example", "nobody", "nobody@desk.example", "sun.yue"])
def test_every_failure_hashes_one_password_so_that_time_tells_nothing(client, cast, login, monkeypatch):
    Person.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    sign_in(client, login, "wrong")
    assert len(hashed) == 1


def test_a_user_name_wins_over_an_equal_address(client, cast):
    Person.objects.filter(pk=cast.colleague.pk).update(username="li.min@desk.example")
    cast.colleague.refresh_from_db()
    sign_in(client, "li.min@desk.example")
    assert client.session["_auth_user_id"] == str(cast.colleague.pk)


def test_the_sixth_try_for_a_name_is_refused_even_with_the_right_password(client, cast):
    for _try in range(5):
        assert NO_MATCH in sign_in(client, "li.min", "wrong").content.decode()
    html = sign_in(client, "li.min").content.decode()
    assert "Too many tries for this name" in html
    assert not signed_in(client)
    # Somebody else at the same station is not locked out.
    assert sign_in(client, "sun.yue").status_code == HTTPStatus.FOUND


def test_one_address_cannot_try_names_without_end(client, cast):
    for number in range(30):
        sign_in(client, f"name{number}", "wrong")
    assert "Too many tries" in sign_in(client, "li.min").content.decode()
    assert sign_in(Client(), "li.min", REMOTE_ADDR="198.51.100.7").status_code == HTTPStatus.FOUND


def test_a_forged_forwarding_header_does_not_lift_the_throttle(client, cast):
    for number in range(30):
        sign_in(client, f"name{number}", "wrong", headers={"x-forwarded-for": f"203.0.113.{number}"})
    html = sign_in(client, "li.min", headers={"x-forwarded-for": "203.0.113.99"}).content.decode()
    assert "Too many tries" in html


def test_signing_in_changes_the_session_so_that_a_planted_one_is_worthless(client, cast):
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    sign_in(client, "li.min")
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_person_who_leaves_is_out_at_once(client, cast):
    sign_in(client, "li.min")
    Person.objects.filter(pk=cast.handler.pk).update(is_active=False)
    response = client.get("/preferences/")
    assert response.status_code == HTTPStatus.FOUND
    assert response.url.startswith(LOGIN)


def test_after_signing_in_nobody_is_led_to_another_site(client, cast):
    response = client.post(LOGIN + "?next=https://evil.example/", {"login": "li.min", "password": PASSWORD})
    assert "evil" not in response.url


def test_get_of_the_sign_out_page_changes_nothing(client, cast):
    sign_in(client, "li.min")
    response = client.get("/account/logout/")
    assert response.status_code == HTTPStatus.OK
    assert signed_in(client)
    client.post("/account/logout/")
    assert not signed_in(client)


def test_signing_in_needs_the_forms_token(cast):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "li.min").status_code == HTTPStatus.FORBIDDEN
    assert not signed_in(client)


def test_asking_for_a_new_password_looks_the_same_for_everybody(client, cast, asked):
    answers = [
        client.post("/account/password/reset/", {"email": f"{name}@desk.example"}) for name in ("li.min", "no.one")
    ]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/account/password/reset/done/")}
    assert asked == ["li.min@desk.example", "no.one@desk.example"]
    assert mail.outbox == []


def test_a_new_password_can_be_asked_for_three_times_an_hour(client, cast, asked):
    for _try in range(3):
        client.post("/account/password/reset/", {"email": "li.min@desk.example"})
    response = client.post("/account/password/reset/", {"email": "li.min@desk.example"})
    assert response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Too many tries" in response.content.decode()
    assert len(asked) == 3


def test_only_somebody_who_works_here_is_mailed(cast):
    Person.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    assert send_password_reset("no.one@desk.example") is False
    assert send_password_reset("sun.yue@desk.example") is False
    assert mail.outbox == []


def link_of(message):
    return re.search(r"https?://\S+", message.body)[0]


def test_the_mailed_link_leads_to_a_new_password_and_works_once(client, cast, settings):
    settings.BASE_URL = "https://desk.example"
    other_device = Client()
    sign_in(other_device, "li.min")
    assert mail_password_reset("LI.MIN@desk.example") is True
    link = link_of(mail.outbox[0])
    assert mail.outbox[0].to == ["li.min@desk.example"]
    assert link.startswith("https://desk.example/account/password/reset/key/")
    path = link.removeprefix("https://desk.example")

    form = client.get(path, follow=True)
    assert form.status_code == HTTPStatus.OK
    address = form.redirect_chain[-1][0]
    # The key is no longer in the address, so no other page is told it.
    assert path.rsplit("-", 1)[1] not in address
    done = client.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, follow=True)
    assert "Your password is changed" in done.content.decode()

    assert not other_device.get("/preferences/").context
    assert "This link no longer works" in Client().get(path, follow=True).content.decode()
    assert sign_in(Client(), "li.min", NEW_PASSWORD).status_code == HTTPStatus.FOUND
    assert sign_in(Client(), "li.min", PASSWORD).status_code == HTTPStatus.OK


def test_a_link_older_than_two_hours_no_longer_works(client, cast, settings, time_machine):
    time_machine.move_to("2026-11-18T02:00:00Z", tick=False)
    mail_password_reset("li.min@desk.example")
    path = link_of(mail.outbox[0]).removeprefix(settings.BASE_URL)
    time_machine.move_to("2026-11-18T04:00:01Z", tick=False)
    assert "This link no longer works" in client.get(path, follow=True).content.decode()


@pytest.mark.parametrize("key", ["1-abc-def", "zzzzzz-set-password", "1-set-password"])
def test_an_invented_link_is_refused_like_an_old_one(client, cast, key):
    response = client.get(f"/account/password/reset/key/{key}/", follow=True)
    assert "This link no longer works" in response.content.decode()


def test_the_link_names_the_desk_whatever_host_the_request_names(client, cast, settings, monkeypatch):
    monkeypatch.setattr(send_password_reset, "delay", lambda email: send_password_reset(email))
    headers = {"x-forwarded-host": "evil.example"}
    client.post("/account/password/reset/", {"email": "li.min@desk.example"}, headers=headers)
    assert link_of(mail.outbox[0]).startswith(settings.BASE_URL + "/account/")
    assert "evil" not in mail.outbox[0].body
    refused = client.post(
        "/account/password/reset/", {"email": "li.min@desk.example"}, headers={"host": "evil.example"}
    )
    assert refused.status_code == HTTPStatus.BAD_REQUEST


def test_a_weak_or_mistyped_new_password_is_refused_beside_the_field(client, cast):
    sign_in(client, "li.min")
    tries = {"short": "at least 10 characters", "password123": "too common", NEW_PASSWORD: "same password each time"}
    for password, reason in tries.items():
        data = {"oldpassword": PASSWORD, "password1": password, "password2": NEW_PASSWORD + "x"}
        html = client.post("/account/password/change/", data).content.decode()
        assert reason in html
        assert "is-invalid" in html


def test_changing_the_password_signs_out_everywhere_else_but_not_here(client, cast):
    other_device = Client()
    for device in (client, other_device):
        sign_in(device, "li.min")
    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/account/password/change/", data).url == "/preferences/"
    assert client.get("/preferences/").status_code == HTTPStatus.OK
    assert other_device.get("/preferences/").status_code == HTTPStatus.FOUND


def test_nobody_signs_up(client, db):
    assert client.get("/account/signup/").status_code == HTTPStatus.NOT_FOUND


def test_a_nul_character_in_the_form_is_answered_beside_the_field(client, db):
    html = sign_in(client, "li\x00min").content.decode()
    assert "There is a character in it that cannot be stored." in html


@pytest.mark.parametrize(("wanted", "kept"), [("/board/", True), ("//evil.example/", False), ("<" * 1_000_000, False)])
def test_the_page_to_go_to_afterwards_is_kept_when_it_is_one_of_ours(client, cast, wanted, kept):
    page = client.post(LOGIN, {"login": "li.min", "password": "wrong", "next": wanted}).content.decode()
    assert (f'<input type="hidden" name="next" value="{wanted}">' in page) is kept
    assert ('name="next" value=' in page.partition("<form method")[2].partition("</form>")[0]) is kept
    assert len(page) < 100_000


@pytest.mark.parametrize("field", ["login", "password"])
def test_a_name_or_password_that_nobody_can_have_is_refused_unread(client, cast, field, monkeypatch):
    monkeypatch.setattr("accounts.signin.SignInBackend.authenticate", None)
    answer = client.post(LOGIN, {"login": "li.min", "password": PASSWORD} | {field: "x" * 1_000_000})
    assert "(you wrote 1000000)." in answer.content.decode()
    assert len(answer.content) < 100_000
