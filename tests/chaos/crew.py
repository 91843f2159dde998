"""The desk's processes under attack: real workers, beats and the guard, started again as a supervisor would."""

import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from local.environment import ROOT
from local.memory import children_of
from local.processes import kill_group, spawn
from local.supervisor import desk_services

SWEEPERS = ("sweeper1", "sweeper2")
WORKERS = ("worker1", "worker2")
BEATS = ("beat1", "beat2")
GUARD = "guard"
RESTART_AFTER_S = 0.5


@dataclass
class Member:
    """One process; `back_at` (monotonic seconds) is when it may start again."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    back_at: float = 0.0
    frozen: bool = False


class Crew:
    """Two sweepers, two workers for mail, two beats and the guard."""

    def __init__(self, env: dict[str, str], logs: Path):
        self.env, self.logs = env, logs
        commands = {service.name: service.command for service in desk_services(0)}
        self.members = {
            name: Member(name, [*commands[kind], *(["-n", f"{name}@%h"] if kind in ("sweeper", "worker") else [])])
            for kind, names in (("sweeper", SWEEPERS), ("worker", WORKERS), ("beat", BEATS), ("guard", (GUARD,)))
            for name in names
        }

    def look(self):
        """Start whatever is not running and may run."""
        for member in self.members.values():
            if member.process is not None and member.process.poll() is not None:
                member.process, member.frozen = None, False
                member.back_at = max(member.back_at, time.monotonic() + RESTART_AFTER_S)
            if member.process is None and time.monotonic() >= member.back_at:
                member.process = spawn(member.command, env=self.env, cwd=ROOT, log=self.logs / f"{member.name}.log")

    def choose(self, names: tuple[str, ...], dice: random.Random) -> str | None:
        """One of `names` that runs and is not frozen; None when there is none."""
        able = [name for name in names if self.members[name].process is not None and not self.members[name].frozen]
        return dice.choice(able) if able else None

    def kill(self, name: str, *, for_s: float = RESTART_AFTER_S):
        """kill -9 for a process and its children; it stays away for `for_s` seconds."""
        member = self.members[name]
        member.back_at = time.monotonic() + for_s
        if member.process is not None:
            kill_group(member.process.pid)

    def kill_child(self, name: str, dice: random.Random):
        """kill -9 for the process of a worker that does the work; the worker itself makes a new one."""
        children = children_of(self.members[name].process.pid)[1:]
        if children:
            os.kill(dice.choice(children), signal.SIGKILL)

    def freeze(self, name: str):
        """SIGSTOP: alive, connected, silent."""
        self.members[name].frozen = True
        os.killpg(self.members[name].process.pid, signal.SIGSTOP)

    def thaw(self, name: str):
        """SIGCONT. It goes on where it stood, whatever has become of its leases and its database session."""
        member = self.members[name]
        if member.frozen and member.process is not None and member.process.poll() is None:
            os.killpg(member.process.pid, signal.SIGCONT)
        member.frozen = False

    def stop(self):
        """End all of them."""
        for member in self.members.values():
            if member.process is not None:
                kill_group(member.process.pid)
                member.process.wait()
