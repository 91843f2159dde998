import importlib

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from config import urls


def test_nobody_signs_up_by_themselves(client, db):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert client.get("/account/signup/").status_code == 404


@pytest.mark.parametrize(
    "part", ["email/", "confirm-email/", "reauthenticate/", "password/set/", "login/code/confirm/"]
)
def test_parts_of_allauth_that_the_desk_does_not_use_are_not_there(client, db, part):
    assert client.get(f"/account/{part}").status_code == 404


def test_robots_learn_nothing_about_customers_links(client):
    answer = client.get("/robots.txt")
    assert answer.content == b"User-agent: *\nDisallow: /\n"
    assert answer["Content-Type"] == "text/plain"


def test_browsers_find_the_icon(client, settings):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"] == "/static/icons/favicon.svg"


@pytest.mark.parametrize("debug", [True, False])
def test_the_styleguide_is_for_debug_only(settings, debug):
    settings.DEBUG = debug
    found = [pattern.name for pattern in importlib.reload(urls).urlpatterns if hasattr(pattern, "name")]
    assert ("styleguide" in found) is debug


def test_every_failure_has_a_handler_of_ours():
    resolver = get_resolver()
    names = [resolver.resolve_error_handler(status).__module__ for status in (400, 403, 404, 500)]
    assert names == ["config.errors"] * 4
