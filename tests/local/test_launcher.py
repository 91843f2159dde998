"""The local start, for real: its own PostgreSQL, Redis and processes in a folder with spaces and Chinese."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from local.memory import children_of, part_of
from local.processes import LINUX, command_of, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not LINUX, reason="looks at processes in /proc")]
READY_S, STOPPED_S = 90, 30
# Chosen by the launcher or forbidden to it; what the test run itself uses must not leak in.
CLEARED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "BASE_URL", "DEBUG", "STATIC_ROOT")


class Desk:
    """A data folder and a port, and the desk that runs there; every process it ever had is remembered."""

    def __init__(self, data: Path, port: int):
        self.data, self.port = data, port
        kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
        paths = os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")]))
        self.env = kept | {"DATA_DIR": str(data), "PORT": str(port), "DEMO": "false", "PYTHONPATH": paths}
        self.process: subprocess.Popen | None = None
        self.seen: dict[int, str] = {}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "local", *arguments]

    def start(self, until: str = "The desk is ready", within: float = READY_S) -> None:
        output = (self.data.parent / "output.txt").open("w")
        with output:
            self.process = subprocess.Popen(
                self.command("up"), env=self.env, cwd="/", stdout=output, stderr=output, start_new_session=True
            )
        assert wait_until(lambda: until in self.said() or self.process.poll() is not None, within), self.said()
        assert self.process.poll() is None, self.said()
        self.seen |= {number: command_of(number) for number in children_of(self.process.pid)}

    def said(self) -> str:
        return (self.data.parent / "output.txt").read_text(encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.env, cwd=self.data.parent, capture_output=True, text=True, timeout=120
        )

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def left_over(self) -> list[str]:
        """Return the command lines of processes of this desk that still run; a reused number is another's."""
        return [command for number, command in self.seen.items() if command and command_of(number) == command]

    def processes_of(self, part: str) -> list[int]:
        """Return the numbers of the processes of `part`, the master first."""
        return [number for number in children_of(self.process.pid) if part_of(number) == part]

    def end(self, sign: int) -> int:
        self.process.send_signal(sign)
        return self.process.wait(STOPPED_S)


@pytest.fixture
def desk() -> Iterator[Desk]:
    # Not pytest's folder: only its owner may enter that, and root's PostgreSQL runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="desk-launcher-"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Desk(folder / "投诉 100% desk", port)
    yield made
    if made.process and made.process.poll() is None:
        made.end(signal.SIGTERM)
    shutil.rmtree(folder)


def people(desk: Desk) -> str:
    code = "from accounts.models import Person; print('people:', Person.objects.count())"
    answer = desk.run("manage", "shell", "--no-imports", "-c", code)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip().splitlines()[-1]


def add_person(desk: Desk) -> None:
    code = "from accounts.models import Person; Person(username='wang', name='Wang', email='w@desk.example').save()"
    assert desk.run("manage", "shell", "--no-imports", "-c", code).returncode == 0


def test_a_desk_starts_serves_and_stops_leaving_its_data_and_nothing_else(desk):
    # A command works on a folder that has never been started, and on a stopped desk.
    assert people(desk) == "people: 0"
    desk.start()
    assert desk.ready()
    assert {part_of(number) for number in children_of(desk.process.pid)} >= {
        "web",
        "sweeper",
        "worker",
        "beat",
        "guard",
        "postgresql",
        "redis",
    }
    # While it runs: a command uses its servers, a second start is refused in one sentence.
    add_person(desk)
    assert people(desk) == "people: 1"
    typed = "SELECT 'people: ' || count(*) FROM accounts_person"
    assert "people: 1" in desk.run("manage", "dbshell", "--", "-c", typed).stdout
    second = desk.run("up")
    assert second.returncode == 1
    assert f"The desk of this folder is already running at http://127.0.0.1:{desk.port}: stop it" in second.stderr
    assert desk.end(signal.SIGTERM) == 0
    assert desk.left_over() == []
    assert not (desk.data / "run.json").exists()
    assert people(desk) == "people: 1"


def test_whatever_is_killed_comes_back_and_data_is_kept(desk):
    desk.start()
    add_person(desk)
    for part, place in (("redis", 0), ("postgresql", 0), ("web", -1), ("beat", 0)):
        victim = desk.processes_of(part)[place]
        os.kill(victim, signal.SIGKILL)
        assert wait_until(lambda victim=victim: not command_of(victim), 10)
        assert wait_until(desk.ready, 60), (part, desk.said())
    desk.seen |= {number: command_of(number) for number in children_of(desk.process.pid)}
    # The supervisor itself: the kernel ends everything below it.
    assert desk.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until(lambda: desk.left_over() == [], STOPPED_S), desk.left_over()
    assert json.loads((desk.data / "run.json").read_text())["url"]
    desk.start()
    # Everything at once, as when the power fails.
    everything = children_of(desk.process.pid)
    for number in everything:
        # Who dies with its parent may be gone already.
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    desk.process.wait()
    desk.start()
    assert people(desk) == "people: 1"
    assert desk.end(signal.SIGINT) == 0
    assert desk.left_over() == []


def test_a_first_start_that_is_stopped_or_killed_while_the_demo_loads_is_finished_by_the_next(desk):
    desk.env["DEMO"] = "true"
    desk.start(until="Loading the demo")
    assert desk.end(signal.SIGTERM) == 0
    assert wait_until(lambda: desk.left_over() == [], STOPPED_S), desk.left_over()
    desk.start(until="Loading the demo")
    assert desk.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until(lambda: desk.left_over() == [], STOPPED_S), desk.left_over()
    assert people(desk) == "people: 0"
    # The demo is slow where the machine is busy; it is ready with it, not before.
    desk.start(within=3 * READY_S)
    assert desk.ready()
    assert "Demo sign-ins" in desk.said()
    assert people(desk) == "people: 21"
    assert not (desk.data / "demo.started").exists()
    assert desk.end(signal.SIGTERM) == 0
    assert desk.left_over() == []


def test_a_busy_port_is_said_before_anything_starts(desk):
    with socket.socket() as other:
        other.bind(("127.0.0.1", desk.port))
        other.listen()
        answer = desk.run("up")
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Port {desk.port} is used by another program")
    assert not (desk.data / "postgres").exists()


def test_the_servers_of_the_environment_are_used_and_none_is_started(desk):
    desk.env |= {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": os.environ["REDIS_URL"]}
    code = "from django.conf import settings; print(settings.REDIS_URL)"
    answer = desk.run("manage", "shell", "--no-imports", "-c", code)
    assert answer.stdout.strip().endswith(os.environ["REDIS_URL"])
    assert not (desk.data / "postgres").exists()
