"""How often somebody may try to sign in: counted is the person who was found, whatever the request says."""

import re
from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import Person
from accounts.signin import mail_password_reset
from accounts.signin_tries import COOKIE
from tests.accounts.test_signin import NEW_PASSWORD, NO_MATCH, sign_in, signed_in


@pytest.mark.parametrize("host", ["127.0.0.1:{0}", "localhost:{0}", "testserver.:{0}"])
def test_no_host_header_buys_another_try(client, cast, settings, host):
    settings.ALLOWED_HOSTS = ["*"]
    for number in range(5):
        sign_in(client, "li.min", "wrong", headers={"host": host.format(2000 + number)})
    assert "Too many tries" in sign_in(client, "li.min", headers={"host": host.format(3000)}).text


@pytest.mark.parametrize("login", ["LI.MIN", " li.min", "ｌｉ.ｍｉｎ"])
def test_another_spelling_of_a_name_is_the_same_name(client, cast, login):
    for _try in range(5):
        sign_in(client, "li.min", "wrong")
    assert "Too many tries" in sign_in(client, login).text
    assert not signed_in(client)


def test_a_dotless_i_is_another_letter(client, cast):
    """Django's iexact compares in upper case, where both are I."""
    assert NO_MATCH in sign_in(client, "lı.min").text
    assert NO_MATCH in sign_in(client, "lı.min@desk.example").text
    assert mail_password_reset("lı.min@desk.example") is False
    assert Person.objects.called("lı.min") is None
    assert Person.objects.called("LI.MIN") == Person.objects.called("li.min@DESK.example") == cast.handler


def test_tries_of_either_name_count_for_the_person_and_nothing_tells_so(client, cast):
    """Said aloud, the second name would be known to be the same person's."""
    for _try in range(5):
        sign_in(client, "li.min", "wrong")
    pages = [sign_in(client, login).text for login in ("li.min@desk.example", "no.one@desk.example")]
    assert NO_MATCH in pages[0]
    assert len({re.sub(r'value="[^"]*"', "", html) for html in pages}) == 1
    assert not signed_in(client)


def stranger(number: int) -> Client:
    return Client(REMOTE_ADDR=f"198.51.100.{number}")


def tried_from_everywhere(login):
    """Six networks try five times each."""
    for number in range(30):
        sign_in(stranger(number // 5), login, "wrong")


def test_tries_from_all_over_the_world_are_bounded(cast):
    tried_from_everywhere("li.min")
    assert "Too many tries for this name" in sign_in(stranger(99), "li.min").text


def test_an_unknown_name_is_bounded_alike(cast):
    tried_from_everywhere("nobody")
    assert "Too many tries for this name" in sign_in(stranger(99), "nobody").text


def test_who_signed_in_with_this_browser_before_is_not_kept_out_by_strangers(client, cast):
    sign_in(client, "li.min")
    client.post("/account/logout/")
    tried_from_everywhere("li.min")
    assert sign_in(client, "li.min").status_code == HTTPStatus.FOUND


def test_a_browser_that_knows_somebody_may_guess_no_more_than_others(client, cast):
    sign_in(client, "li.min")
    client.post("/account/logout/")
    for number in range(5):
        sign_in(client, "li.min", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    assert "Too many tries" in sign_in(client, "li.min", REMOTE_ADDR="198.51.100.77").text
    # It knows nobody else.
    tried_from_everywhere("sun.yue")
    assert "Too many tries" in sign_in(client, "sun.yue").text


def test_a_forged_browser_is_a_stranger(cast):
    tried_from_everywhere("li.min")
    forger = stranger(99)
    forger.cookies[COOKIE] = f"x:{cast.handler.pk}:forged"
    assert "Too many tries" in sign_in(forger, "li.min").text


def test_a_new_password_opens_the_door_at_once(client, cast):
    tried_from_everywhere("li.min")
    cast.handler.set_password(NEW_PASSWORD)
    cast.handler.save(update_fields=["password"])
    assert sign_in(client, "li.min", NEW_PASSWORD).status_code == HTTPStatus.FOUND


def test_right_passwords_use_up_no_tries(cast):
    for _time in range(8):
        assert sign_in(Client(), "li.min").status_code == HTTPStatus.FOUND


def test_without_redis_people_still_sign_in(client, cast, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert sign_in(client, "li.min").status_code == HTTPStatus.FOUND


def test_an_address_asked_for_in_many_spellings_is_mailed_five_times_an_hour(cast):
    asked = [mail_password_reset(login) for login in ["li.min@desk.example", "LI.MIN@desk.example"] * 4]
    assert asked == [True] * 5 + [False] * 3
