import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, connection
from django.http import Http404
from django.test import Client
from django.urls import path

from config import errors, urls


def fail(error):
    def view(request):
        raise error

    view.login_required = False
    return view


class Broken(Exception):
    pass


urlpatterns = [
    *urls.urlpatterns,
    path("fail/400/", fail(SuspiciousOperation("secret detail"))),
    path("fail/403/", fail(PermissionDenied("secret detail"))),
    path("fail/404/", fail(Http404("secret detail"))),
    path("fail/500/", fail(Broken("secret detail"))),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def visitor(settings):
    settings.ROOT_URLCONF = __name__
    settings.DEBUG = False
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_each_failure_has_a_page_of_ours_that_gives_nothing_away(visitor, db, status):
    answer = visitor.get(f"/fail/{status}/")
    assert answer.status_code == status
    body = answer.content.decode()
    assert "<h1" in body
    assert "secret detail" not in body
    assert "Traceback" not in body


def test_the_500_page_is_there_when_the_database_is_not(rf, monkeypatch):
    def refuse(*args):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "系统出错" in answer.content.decode()


def test_an_unknown_address_and_a_forbidden_case_look_the_same(visitor, db):
    unknown, hidden = visitor.get("/healthz/none/"), visitor.get("/fail/404/")
    assert unknown.status_code == hidden.status_code == 404
    # The form that switches the language has a token of its own and the way back.
    token = re.compile(r"[A-Za-z0-9]{64}|/healthz/none/|/fail/404/")
    assert token.sub("", unknown.content.decode()) == token.sub("", hidden.content.decode())


def test_a_form_without_its_protection_explains_what_to_do(db):
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "CSRF" not in answer.content.decode()
    assert "<h1" in answer.content.decode()


def test_what_was_written_into_a_form_without_its_protection_is_shown_to_copy_and_nothing_else(db):
    said = "I come by on Tuesday, with the receipt and the empty bottle."
    typed = {"body": said, "password": "p" * 40, "submission_key": "k" * 36, "draft": "d" * 40, "next": "/" + "n" * 40}
    body = Client(enforce_csrf_checks=True).post("/c/", typed).content.decode()
    assert re.findall(r"<textarea[^>]*>(.*?)</textarea>", body, re.DOTALL) == [said]


def test_asked_by_a_name_that_is_not_its_own_the_desk_says_its_address(visitor, settings, db):
    answer = visitor.get("/c/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert settings.BASE_URL in text
    assert "evil.example" not in text
    assert "a character that cannot be stored" not in text
