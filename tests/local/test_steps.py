"""Commands that prepare a start, beside each other: what they say, how they fail, and that none is left behind."""

import os
import signal
import subprocess
import sys

import pytest

from local import CannotStart, environment, steps
from local.processes import LINUX, command_of, wait_until

# The first argument is Python to run; the others are as they would be for manage.py.
SLEEPS = "import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def python_instead_of_manage(monkeypatch):
    monkeypatch.setattr(steps, "manage_command", lambda code, *rest: [sys.executable, "-c", code, *rest])


def test_a_step_gives_what_it_printed():
    assert steps.run_step({}, "import sys; print('made', sys.argv[1:])", "--quick") == "made ['--quick']\n"


def test_much_that_is_printed_holds_nobody_up():
    assert len(steps.run_step({}, "print('x' * 1_000_000)")) == 1_000_001


def test_one_that_fails_is_said_with_its_last_words():
    with pytest.raises(CannotStart, match=r"^no tables\nThe step above failed: manage.py raise"):
        steps.run_step({}, "raise SystemExit('no tables')")


def test_a_full_disk_is_one_sentence():
    with pytest.raises(CannotStart, match=r"^The disk is full"):
        steps.run_step({}, "raise SystemExit('could not extend file: No space left on device')")


def test_steps_run_beside_each_other_and_one_that_waits_begins_when_told():
    with steps.Steps({}) as begun:
        waiting = begun.begin("import sys; print('heard', sys.stdin.read())", waits=True)
        other = begun.begin("print('done')")
        assert other.result() == "done\n"
        assert waiting.runs
        waiting.go()
        assert waiting.result() == "heard go\n"


def test_telling_one_that_has_ended_already_leaves_its_own_words():
    with steps.Steps({}) as begun:
        step = begun.begin("raise SystemExit('broken')", waits=True)
        step.process.wait()
        step.go()
        with pytest.raises(CannotStart, match="broken"):
            step.result()


def test_what_still_runs_is_ended_when_another_fails():
    begun = steps.Steps({})
    slow, waiting = begun.begin(SLEEPS), begun.begin("input()", waits=True)
    broken = begun.begin("raise SystemExit('broken')")
    with pytest.raises(CannotStart), begun:
        broken.result()
    assert slow.process.returncode == -signal.SIGTERM
    assert waiting.process.returncode is not None


@pytest.mark.skipif(not LINUX, reason="the kernel tells children of their parent's death on Linux only")
def test_a_step_ends_with_us_even_when_we_are_killed(tmp_path):
    code = (
        "import sys; from local import steps\n"
        "steps.manage_command = lambda code: [sys.executable, '-c', code]\n"
        f"print(steps.Step({{}}, {SLEEPS!r}).process.pid, flush=True); input()"
    )
    env = {**os.environ, "PYTHONPATH": str(environment.ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as parent:
        child = int(parent.stdout.readline())
        assert SLEEPS in command_of(child)
        parent.kill()
    assert wait_until(lambda: SLEEPS not in command_of(child), 10)


def test_only_the_step_that_prepares_the_database_gets_its_owner(monkeypatch):
    given = []
    monkeypatch.setattr(steps, "manage_command", lambda *arguments: [sys.executable, "-c", "pass"])
    monkeypatch.setattr(
        steps,
        "full_environment",
        lambda overlay, *, owner: given.append(owner) or environment.full_environment(overlay, owner=owner),
    )
    steps.run_step({}, "prepare_database")
    steps.run_step({}, "demo")
    assert given == [True, False]
