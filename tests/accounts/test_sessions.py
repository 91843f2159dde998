"""Sessions are found as Django finds them."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as Djangos
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.sessions import SessionStore


@pytest.fixture
def key(db) -> str:
    store = SessionStore()
    store["who"] = "李"
    store.create()
    store.save()
    return store.session_key


@pytest.mark.parametrize("kind", [SessionStore, Djangos])
def test_what_was_kept_is_found(key, kind):
    assert kind(key)["who"] == "李"


@pytest.mark.parametrize("kind", [SessionStore, Djangos])
def test_one_that_is_over_or_unknown_is_empty_and_forgets_its_key(key, kind):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    for store in (kind(key), kind("unknown-unknown-unknown")):
        assert store.get("who") is None
        assert store.session_key is None
