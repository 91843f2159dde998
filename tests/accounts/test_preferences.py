from http import HTTPStatus

import pytest
from django.conf import settings as live_settings

from tests.flat import flat

PATH = "/preferences/"
VALID = {"language": "zh-hans", "time_zone": "Europe/Berlin", "theme": "dark", "notify_by_mail": "at_once"}


def test_people_choose_language_time_zone_and_appearance(client, cast):
    client.force_login(cast.handler)
    response = client.post(PATH, VALID)
    assert response.status_code == HTTPStatus.FOUND
    cast.handler.refresh_from_db()
    assert {name: getattr(cast.handler, name) for name in VALID} == VALID
    html = client.get(PATH).content.decode()
    assert '<html lang="zh-Hans" data-bs-theme="dark">' in html


def test_people_choose_how_they_are_told(client, cast):
    client.force_login(cast.handler)
    assert 'id="bell"' in client.get(PATH).content.decode()

    client.post(PATH, VALID | {"notify_by_mail": "daily"})

    cast.handler.refresh_from_db()
    assert (cast.handler.notify_by_mail, cast.handler.notify_in_page) == ("daily", False)
    assert 'id="bell"' not in client.get(PATH).content.decode()
    client.post(PATH, VALID | {"notify_in_page": "on"})
    assert 'id="bell"' in client.get(PATH).content.decode()


def test_whom_no_mail_reaches_has_the_bell_and_nothing_to_choose(client, cast):
    cast.handler.email, cast.handler.notify_in_page = "", False
    cast.handler.save(update_fields=["email", "notify_in_page"])
    client.force_login(cast.handler)

    page = client.get(PATH).content.decode()

    assert 'id="bell"' in page
    assert "You have no e-mail address here" in page
    assert "notify_by_mail" not in page
    client.post(PATH, VALID | {"notify_by_mail": "daily", "notify_in_page": "on"})
    cast.handler.refresh_from_db()
    assert (cast.handler.theme, cast.handler.notify_by_mail) == ("dark", "at_once")


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "fr"},
        {"time_zone": "Mars/X"},
        {"time_zone": "../../etc/passwd"},
        {"theme": "pink"},
        {"time_zone": ""},
        {"notify_by_mail": "never"},
        {"notify_by_mail": ""},
    ],
)
def test_a_value_that_is_not_offered_is_refused_and_nothing_changes(client, cast, wrong):
    client.force_login(cast.handler)
    response = client.post(PATH, VALID | wrong)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "One thing to put right" in response.content.decode()
    cast.handler.refresh_from_db()
    assert (cast.handler.language, cast.handler.time_zone, cast.handler.theme) == ("en", "Asia/Shanghai", "")


def test_a_person_changes_only_what_the_form_offers(client, cast):
    client.force_login(cast.handler)
    client.post(PATH, VALID | {"is_staff": "on", "is_superuser": "on", "username": "root", "id": cast.director.pk})
    cast.handler.refresh_from_db()
    assert (cast.handler.is_staff, cast.handler.is_superuser, cast.handler.username) == (False, False, "li.min")
    cast.director.refresh_from_db()
    assert cast.director.language == "en"


def test_strangers_sign_in_first(client, db):
    assert client.get(PATH).url == f"/account/login/?next={PATH}"


def test_the_language_buttons_keep_the_choice_of_a_person(client, cast):
    client.force_login(cast.handler)
    response = client.post("/language/", {"language": "zh-hans", "next": PATH})
    assert response.url == PATH
    cast.handler.refresh_from_db()
    assert cast.handler.language == "zh-hans"


def test_a_customer_chooses_a_language_without_an_account(client, db):
    response = client.post("/language/", {"language": "zh-hans", "next": "/account/login/"})
    assert response.cookies[live_settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert '<html lang="zh-Hans">' in flat(client.get("/account/login/").content.decode())


@pytest.mark.parametrize("language", ["fr", "", "../x", "zh-hans\x00"])
def test_an_unknown_language_changes_nobody(client, cast, language):
    client.force_login(cast.handler)
    response = client.post("/language/", {"language": language, "next": PATH})
    assert response.status_code == HTTPStatus.FOUND
    cast.handler.refresh_from_db()
    assert cast.handler.language == "en"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "2", "/" + "漏" * 1_900])
def test_choosing_a_language_leads_to_no_other_site(client, db, wanted):
    response = client.post("/language/", {"language": "zh-hans", "next": wanted})
    assert response.url == "/"
    assert client.cookies["django_language"].value == "zh-hans"


def test_get_changes_no_language(client, cast):
    client.force_login(cast.handler)
    response = client.get("/language/", {"language": "zh-hans"})
    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert not response.cookies
