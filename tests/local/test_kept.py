"""python3 run.py test --keep: what stays for the next call, what does not, and who ends it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from local import CannotStart, kept, template_database
from local.processes import LINUX, wait_until
from local.template_database import server_cursor
from local.tests import kept_servers

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not LINUX, reason="kills processes by their parent's death")]
CLEARED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "FAKETIME", "TEST_TEMPLATE")
# Any file whose tests are few and use the database.
SMALL = "tests/accounts/test_team.py::test_paths_follow_a_team_that_moves_with_everything_below_it"

HOLD = """
from local.tests import kept_servers
with kept_servers() as env:
    print(env["DATA_DIR"], flush=True)
    input()
"""


@pytest.fixture(scope="module")
def place():
    """The place of this checkout below a temporary folder of the test's own, and whatever it keeps is ended."""
    # Not pytest's folder: only its owner may enter that, and root's PostgreSQL runs as somebody else.
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(tempfile.mkdtemp(prefix="desk-kept-test-"))
        folder.chmod(0o755)
        for name in CLEARED:
            patch.delenv(name, raising=False)
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        try:
            yield kept.kept()
        finally:
            kept.end_kept()
            shutil.rmtree(folder)


def databases(url: str) -> dict[str, int]:
    """The databases of the server by name, with numbers that no other database ever has."""
    with server_cursor(url) as cursor:
        cursor.execute("SELECT datname, oid FROM pg_database WHERE datname LIKE '%desk_%'")
        return dict(cursor.fetchall())


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "local", "test", *arguments]
    env = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR)}
    return subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300)


def keeper(place) -> int:
    with place.in_use():
        return place.read()["pid"]


def test_the_template_of_other_migrations_goes_and_the_next_call_finds_the_new_one(place):
    with place.in_use() as url, server_cursor(url) as cursor:
        cursor.execute(f"CREATE DATABASE {template_database.TEMPLATE}of_yesterday")
        # Somebody was killed over making one.
        cursor.execute(f"CREATE DATABASE {template_database.MAKING}")
    first = call("--keep", "-q", SMALL)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "1 passed" in first.stdout
    assert "Took " in first.stdout
    template = template_database.template_name()
    with place.in_use() as url:
        before, pid = databases(url), place.read()["pid"]
    # Its tests' database is gone, its own is empty and made anew by the next.
    assert before.keys() == {template, "desk_call_0"}
    with kept_servers() as env:
        assert env["TEST_TEMPLATE"] == template
        now = databases(env["DATABASE_URL"])
        assert now.keys() == before.keys()
        assert now[template] == before[template]
        assert now["desk_call_0"] != before["desk_call_0"]
        assert place.read()["pid"] == pid


def test_a_call_that_was_killed_leaves_nothing_to_the_next(place):
    killed = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with killed:
        folder = Path(killed.stdout.readline().strip())
        (folder / "something").touch()
        with kept_servers() as beside:
            # Two at once share the server and nothing else.
            assert Path(beside["DATA_DIR"]) != folder
            assert beside["DATABASE_URL"].partition("?")[0] != "postgres://desk_owner@/desk_call_0"
        killed.kill()
    with place.in_use() as url, server_cursor(url) as cursor:
        cursor.execute("CREATE DATABASE test_desk_call_0_gw1")
        cursor.execute("CREATE DATABASE test_desk_call_01")
    with kept_servers() as env:
        assert Path(env["DATA_DIR"]) == folder
        assert not (folder / "something").exists()
        others = {env["TEST_TEMPLATE"], "desk_call_0", "desk_call_1", "test_desk_call_01"}
        assert databases(env["DATABASE_URL"]).keys() == others


def test_a_killed_keeper_is_followed_by_another_one(place):
    before = keeper(place)
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: not place.is_kept(), 30)
    with place.in_use() as url:
        assert place.read()["pid"] != before
        assert databases(url) == {}


def test_it_ends_by_itself_when_nobody_has_used_it_for_long(place):
    with place.in_use(), contextlib.ExitStack() as ending:
        os.utime(place.use, (0, 0))
        assert not place.is_idle(ending)
    keeper(place)
    os.utime(place.use, (0, 0))
    assert wait_until(lambda: not place.is_kept(), 60)
    assert not place.data.exists()


def test_it_is_ended_by_one_command_that_leaves_only_locks(place):
    keeper(place)
    assert call("--end-kept").stdout == "The kept server has ended.\n"
    assert {file.suffix for file in place.folder.iterdir()} <= {".lock", ".log"}
    assert call("--end-kept").stdout == "No server is kept.\n"


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "FAKETIME"])
def test_it_is_refused_with_other_servers_or_another_clock(place, monkeypatch, name):
    monkeypatch.setenv(name, "another")
    with pytest.raises(CannotStart, match=f"unset {name}"), kept_servers():
        pass
