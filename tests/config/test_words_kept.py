"""Whatever refuses a form, for staff and customers alike: the words that were typed come back to be copied.

Walks the URLconf: a new address that takes a form is covered here, or named in typed_words.
"""

import html
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.models import Complaint
from complaints.steps import lifecycle
from tests.cases import NARRATIVE, resolution_data
from tests.config.typed_words import RECIPES, WITHOUT_WORDS, WORDS, desk_for, routes

LOCKED = "55P03"
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'held by somebody' USING ERRCODE = '{}'; END $$"
HELD = ("FOR NO KEY UPDATE", "FOR UPDATE", "complaints_referencecounter")
# "Only a supervisor may" has no meaning for what is everybody's own.
OF_EVERYBODY = {"complaints:save_view", "complaints:saved_view", "complaints:bulk_run"}


def to_copy(response) -> list[str]:
    """The texts of the page that can be copied."""
    found = re.findall(r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", response.content.decode(), re.DOTALL)
    return [html.unescape(text).strip() for text in found]


def client_of(cast, who: str, **more) -> Client:
    client = Client(raise_request_exception=False, **more)
    if who:
        client.force_login(getattr(cast, who))
    return client


def failing(sqlstate: str | None):
    """Every lock that is asked for is refused by the database with that code; with None our own code fails."""

    def wrapper(execute, sql, params, many, context):
        if not any(part in sql for part in HELD):
            return execute(sql, params, many, context)
        if sqlstate is None:
            raise ZeroDivisionError
        return execute(RAISE.format(sqlstate), None, False, context)

    return connection.execute_wrapper(wrapper)


def test_every_address_that_takes_a_form_is_covered_or_named(rf):
    covered = {recipe.route for recipe in RECIPES} | WITHOUT_WORDS.keys()
    known = dict(routes())
    assert {name for name, pattern in known.items() if takes_forms(pattern, rf)} - covered == set()
    assert covered - known.keys() == set()


def takes_forms(pattern, rf) -> bool:
    """Whether the view takes POST: those that only show something refuse it before all else."""
    request = rf.post("/")
    request.user = AnonymousUser()
    try:
        return pattern.callback(request, **dict.fromkeys(pattern.pattern.converters, 1)).status_code != 405
    except Exception:  # it began to work on the form
        return True


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_the_words_come_back_whatever_refuses_the_form(cast, recipe):
    desk = desk_for(recipe, cast)
    address, fields = recipe.address(desk), recipe.fields(desk)
    before = version_of(desk)

    # The protection of the form is missing.
    answer = client_of(cast, recipe.who, enforce_csrf_checks=True).post(address, fields)
    assert (answer.status_code, WORDS in to_copy(answer)) == (403, True)
    # The session ended.
    if recipe.who:
        answer = client_of(cast, "").post(address, fields)
        assert (answer.status_code, WORDS in to_copy(answer)) == (403, True)
        assert f'href="/account/login/?next={address.replace("/", "%2F")}"' in answer.content.decode()
    # Somebody holds the case for too long, or the counter.
    with failing(LOCKED):
        answer = client_of(cast, recipe.who).post(address, fields)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5"), address
    assert WORDS in to_copy(answer)
    assert f'action="{address}"' in answer.content.decode()
    # Our own fault.
    with failing(None):
        answer = client_of(cast, recipe.who).post(address, fields)
    assert (answer.status_code, WORDS in to_copy(answer)) == (500, True)
    assert version_of(desk) == before


def version_of(desk) -> int:
    return Complaint.objects.values_list("version", flat=True).get(pk=desk.complaint.pk)


@pytest.mark.parametrize("recipe", [one for one in RECIPES if one.who and one.of_case], ids=str)
def test_who_sees_the_case_no_longer_gets_the_words_and_nothing_of_the_case(cast, recipe):
    desk = desk_for(recipe, cast)
    address, fields = recipe.address(desk), recipe.fields(desk)
    moved = {"team": cast.qujiang, "site": cast.qujiang, "handler": None, "logged_by": cast.stranger}
    Complaint.objects.filter(pk=desk.complaint.pk).update(**moved)
    answer = client_of(cast, recipe.who).post(address, fields)
    assert (answer.status_code, WORDS in to_copy(answer)) == (404, True)
    body = answer.content.decode()
    assert "you can no longer see it" in body
    for secret in (NARRATIVE[:20], desk.complaint.subject, "Wang Jianguo"):
        assert secret not in body


@pytest.mark.parametrize("recipe", [one for one in RECIPES if one.who and one.route not in OF_EVERYBODY], ids=str)
def test_who_may_only_read_gets_the_words_back(cast, recipe):
    desk = desk_for(recipe, cast)
    answer = client_of(cast, "auditor").post(recipe.address(desk), recipe.fields(desk))
    assert (answer.status_code, WORDS in to_copy(answer)) == (403, True)


@pytest.mark.parametrize("recipe", [one for one in RECIPES if not one.who and one.of_case], ids=str)
def test_a_customer_whose_link_leads_nowhere_any_more_gets_the_words_back(cast, recipe):
    desk = desk_for(recipe, cast)
    address, fields = recipe.address(desk), recipe.fields(desk)
    Complaint.objects.filter(pk=desk.complaint.pk).update(token_hash="0" * 64)
    answer = Client(REMOTE_ADDR="10.9.8.7").post(address, fields)
    assert (answer.status_code in (404, 429), WORDS in to_copy(answer)) == (True, True)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_a_person_reads_is_in_their_language(cast, language):
    cast.handler.language = language
    cast.handler.save()
    recipe = next(one for one in RECIPES if one.route == "complaints:say")
    desk = desk_for(recipe, cast)
    Complaint.objects.filter(pk=desk.complaint.pk).update(team=cast.qujiang, site=None, handler=None)
    body = client_of(cast, "handler").post(recipe.address(desk), recipe.fields(desk)).content.decode()
    assert {"en": "What you wrote, to copy", "zh-hans": "您填写的内容，可复制"}[language] in body


class TestTheFormIsGone:
    """The stage went on while somebody wrote: the page has no such form any more."""

    def archived(self, desk):
        Complaint.objects.filter(pk=desk.complaint.pk).update(status="archived", closed_at=desk.at)

    @pytest.mark.parametrize("route", ["complaints:offer", "complaints:save_step", "complaints:step"])
    def test_of_a_case_that_ended(self, cast, route):
        recipe = next(one for one in RECIPES if one.route == route)
        desk = desk_for(recipe, cast)
        address, fields = recipe.address(desk), recipe.fields(desk)
        self.archived(desk)
        answer = client_of(cast, recipe.who).post(address, fields)
        assert (answer.status_code, WORDS in to_copy(answer)) == (409, True)

    def test_of_an_option_that_somebody_else_decided(self, cast):
        recipe = next(one for one in RECIPES if one.route == "complaints:decide_option")
        desk = desk_for(recipe, cast)
        client_of(cast, "director").post(recipe.address(desk), {"approve": "no", "reason": "Too much"})
        desk.option.refresh_from_db()
        assert desk.option.declined_reason
        answer = client_of(cast, recipe.who).post(recipe.address(desk), recipe.fields(desk))
        assert (answer.status_code, WORDS in to_copy(answer)) == (409, True)

    @pytest.mark.parametrize("number", ["1", "2"])
    def test_of_a_call_that_a_colleague_made(self, cast, number):
        recipe = next(one for one in RECIPES if one.route == "followups:callback_outcome")
        desk = desk_for(recipe, cast)
        address, fields = recipe.address(desk), recipe.fields(desk) | {"number": number}
        first = fields | {"words": "Fine, thank you", "number": "1"}
        assert client_of(cast, "colleague").post(address, first).status_code == 302
        answer = client_of(cast, "handler").post(address, fields)
        assert (answer.status_code, WORDS in to_copy(answer)) == (409, True)
        assert "error-summary" in answer.content.decode()

    def test_of_a_resolution_of_a_case_that_somebody_else_resolved(self, cast):
        recipe = next(one for one in RECIPES if one.route == "complaints:save_step")
        desk = desk_for(recipe, cast)
        address = reverse("complaints:step", args=[desk.complaint.reference, "resolve"])
        lifecycle.perform(
            desk.complaint.pk, "resolve", actor=Actor.staff(cast.colleague), at=desk.at, data=resolution_data(cast)
        )
        answer = client_of(cast, "handler").post(address, recipe.fields(desk))
        assert answer.status_code == 409
        assert WORDS in answer.content.decode()
