"""The demo is loaded with shortcuts: it has to be the one that the verbs make without them, at a bounded price."""

import json
from collections import Counter
from contextlib import nullcontext
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Min, Q
from django.test import override_settings

from complaints.models import Complaint
from demo import autopilot, play, post
from demo.material import gather
from followups.engine import effects, stuck
from followups.models import Escalation, Notice, Promise

NOW = datetime(2026, 11, 18, 14, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
# Chosen by chance, or taken from the clock, at every load.
BY_CHANCE = {"date_joined", "site_code", "token_hash", "token_sealed", "file", "preview"}
# What a first start costs, with evidence that each customer was told, appeals, and a letter to write.
MOST_STATEMENTS = 17_000

pytestmark = pytest.mark.django_db


def plain_next(stage, moment, signed_in_the_story):
    """What happens next, asked kind by kind and always in full."""
    ids = list(stage.ids.values())
    open_ones = Q(complaint__in=ids, state=Promise.State.OPEN)
    unwarned = open_ones & Q(warned_at=None, paused_since=None)
    unsigned = list(Escalation.objects.filter(complaint__in=ids, signed_at=None))
    break_at = Promise.objects.filter(open_ones).aggregate(at=Min("act_at"))["at"]
    warn_at = Promise.objects.filter(unwarned).aggregate(at=Min("warn_at"))["at"]
    look_at = Complaint.objects.filter(pk__in=ids).aggregate(at=Min("stuck_check_at"))["at"]
    mails = Notice.objects.filter(complaint__in=ids, to_customer=True, state="queued")
    mail_at = mails.filter(created_at__lt=stage.clock.now - post.STILL_MAILED).aggregate(at=Min("created_at"))["at"]
    tell_by = Promise.objects.filter(open_ones, kind="tell").aggregate(at=Min("due_at"))["at"]
    tell_at = None
    if tell_by is not None and tell_by < stage.clock.now - autopilot.LEFT_UNSAID:
        tell_at = tell_by - autopilot.BEFORE_IT_IS_LATE
    due = {"complaint__in": ids, "state": "open"}
    signatures = autopilot._signatures(unsigned, stage.clock.now, signed_in_the_story)
    written = {"complaint__in": ids, "to_customer": True, "state": "queued", "created_at": mail_at}
    return [
        (mail_at, post.arrives, Notice, written),
        (break_at, effects.break_due, Promise, due | {"act_at__lte": break_at}),
        (tell_at, autopilot._tell, Promise, due | {"kind": "tell", "due_at": tell_by}),
        (
            warn_at,
            effects.warn_due,
            Promise,
            due | {"warned_at": None, "paused_since": None, "warn_at__lte": warn_at},
        ),
        (look_at, stuck.raise_due, Complaint, {"pk__in": ids, "stuck_check_at__lte": look_at}),
        *((each.sign_by, effects.climb_due, Escalation, {"pk": each.pk}) for each in unsigned),
        *((at, autopilot._sign, Escalation, {"pk": pk}) for at, pk in signatures),
    ]


def everything() -> dict[str, list[dict]]:
    """All rows of all tables, in the order of their ids, without what is made by chance."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(t) - %s::text[] FROM "{table}" AS t', [sorted(BY_CHANCE)])
            found = [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]
            rows[table] = sorted(found, key=lambda row: (row.get("id") or 0, json.dumps(row, sort_keys=True)))
    return rows


def loaded(material) -> tuple[dict[str, list[dict]], int]:
    """The rows after a load whose ids begin where they did the last time, and the statements; nothing of it stays."""
    asked = Counter()

    def count(execute, *arguments):
        asked["statements"] += 1
        return execute(*arguments)

    with transaction.atomic():
        with connection.cursor() as cursor:
            for sequence in connection.introspection.sequence_list():
                table, column = sequence["table"], sequence["column"]
                cursor.execute(f'SELECT COALESCE(MAX("{column}"), 0) + 1 FROM "{table}"')
                [following] = cursor.fetchone()
                cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" RESTART WITH {following}')
        with connection.execute_wrapper(count):
            play.load(NOW, material)
        rows = everything()
        transaction.set_rollback(True)
    return rows, asked["statements"]


@pytest.fixture(scope="module")
def loads(django_db_setup, django_db_blocker, tmp_path_factory):
    """(rows loaded with the shortcuts, rows loaded without, statements with them)."""
    quick = {
        "MEDIA_ROOT": tmp_path_factory.mktemp("evidence"),
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }
    with django_db_blocker.unblock(), override_settings(**quick), pytest.MonkeyPatch.context() as patch:
        # No photo is drawn twice the same.
        drawn = gather()
        fast, asked = loaded(drawn)
        patch.setattr(play, "reading_once", nullcontext)
        patch.setattr(play, "_without_savepoints", nullcontext)
        patch.setattr(autopilot, "_next", plain_next)
        plain, _asked = loaded(drawn)
        return fast, plain, asked


@pytest.mark.slow
def test_the_shortcuts_change_nothing_of_what_the_verbs_make(loads):
    fast, plain, _asked = loads
    assert len(fast["complaints_complaint"]) == 61
    assert len(fast["complaints_complaintevent"]) > 700
    for table, rows in plain.items():
        assert fast[table] == rows, table


@pytest.mark.slow
def test_a_first_start_asks_the_database_a_bounded_number_of_times(loads):
    _fast, _plain, asked = loads
    assert asked <= MOST_STATEMENTS


def test_savepoints_are_there_again_after_a_load_that_failed():
    def fail():
        with play._without_savepoints():
            assert not connection.features.uses_savepoints
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert connection.features.uses_savepoints


def test_a_demo_that_waits_is_not_loaded_when_whoever_started_it_is_gone(monkeypatch, tmp_path):
    nothing = (tmp_path / "empty").open("w+")
    monkeypatch.setattr("sys.stdin", nothing)
    monkeypatch.setattr("config.management.commands.demo.gather", lambda: None)
    with nothing, pytest.raises(CommandError, match="Nobody said"):
        call_command("demo", "--force", "--when-told")
