"""Management commands that prepare a start, some of them beside each other; none outlives the start."""

import contextlib
import signal
import subprocess
import tempfile
from collections.abc import Mapping

from local import CannotStart
from local.environment import ROOT, full_environment, manage_command
from local.processes import die_with_parent, finish
from local.signals import not_halfway


class Step:
    """One management command that runs beside us; what it prints is kept until it has ended.

    With `waits` it gets a pipe as its input: its work begins when go() says so there.
    """

    def __init__(self, overlay: Mapping[str, str], *arguments: str, waits: bool = False):
        self.arguments = arguments
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end(), the child writes into it meanwhile
        self.process = subprocess.Popen(
            manage_command(*arguments),
            env=full_environment(overlay, owner=arguments[0] == "prepare_database"),
            cwd=ROOT,
            stdin=subprocess.PIPE if waits else subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches us alone, and we end it.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def go(self) -> None:
        """Let a step that waits begin; one that has ended already says so in result()."""
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(b"go")
                self.process.stdin.close()

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def result(self) -> str:
        """Wait for its end and return what it printed; raises CannotStart with its last words where it failed."""
        status = self.process.wait()
        self.output.seek(0)
        said = self.output.read().decode(errors="replace")
        if status == 0:
            return said
        if "No space left on device" in said:
            raise CannotStart("The disk is full: free some space and start again.")
        raise CannotStart(f"{said.strip()}\nThe step above failed: manage.py {' '.join(self.arguments)}")

    def end(self) -> None:
        """End it where it still runs, within 10 s: whatever it was at is rolled back by the database."""
        finish([self.process], 10)
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self.output.close()


class Steps:
    """The steps of one start: whatever of them still runs when the block is left, is ended."""

    def __init__(self, overlay: Mapping[str, str]):
        self.overlay = overlay
        self.begun: list[Step] = []

    def begin(self, *arguments: str, waits: bool = False) -> Step:
        """Start a management command beside us."""
        with not_halfway():
            step = Step(self.overlay, *arguments, waits=waits)
            self.begun.append(step)
        return step

    def __enter__(self) -> "Steps":
        return self

    def __exit__(self, *_error: object) -> None:
        for step in self.begun:
            step.end()


def run_step(overlay: Mapping[str, str], *arguments: str) -> str:
    """Run one management command and return what it printed; raises CannotStart with its last words."""
    with Steps(overlay) as steps:
        return steps.begin(*arguments).result()
