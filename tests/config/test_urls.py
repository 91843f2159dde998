import importlib

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.models import Membership
from config import urls
from tests.cases import logged


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


# What does not depend on who asks, and may be kept.
FOR_EVERYBODY = {"healthz", "favicon.ico", "robots.txt"}


def addresses(resolver, before="/"):
    """Every address without a parameter, from the URLconf."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, route)
        elif not set("<(\\") & set(route):
            yield route


def test_nothing_that_a_signed_in_person_is_shown_is_kept_by_a_browser(client, cast, at):
    complaint = logged(cast, at)
    client.force_login(cast.administrator)
    Membership.objects.create(person=cast.administrator, team=cast.company, role="supervisor")
    cases = [f"/complaints/{complaint.reference}/{page}" for page in ("", "history/", "print/", "nowhere/")]
    asked = [address for address in addresses(get_resolver()) if address[1:] not in FOR_EVERYBODY]
    assert len(asked) > 40
    for address in [*asked, *cases, "/no/such/page/"]:
        response = client.get(address)
        assert "no-store" in response.headers.get("Cache-Control", ""), address
        assert "private" in response.headers["Cache-Control"] or "max-age=0" in response.headers["Cache-Control"]


def test_every_failure_has_a_handler_of_ours():
    resolver = get_resolver()
    names = [resolver.resolve_error_handler(status).__module__ for status in (400, 403, 404, 500)]
    assert names == ["config.errors"] * 4
