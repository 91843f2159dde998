"""Signals: Ctrl-C, SIGTERM and a closed terminal end the desk once; a command in front gets them itself."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Held:
    """How many blocks that must not be left halfway we are in, and whether a signal came meanwhile."""

    blocks = 0
    asked = False


def stop_on_signals() -> None:
    """Let the first signal raise KeyboardInterrupt and the later ones do nothing: stopping is not cut short.

    A SIGHUP that is ignored already (nohup) stays ignored.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        ignore_signals()
        if Held.blocks:
            Held.asked = True
        else:
            raise KeyboardInterrupt

    for sign in SIGNALS:
        if sign != signal.SIGHUP or signal.getsignal(sign) != signal.SIG_IGN:
            signal.signal(sign, stop)


@contextlib.contextmanager
def not_halfway() -> Iterator[None]:
    """A block that starts a process and notes it: a signal within is heard at its end.

    Python drops what a signal handler raises while a process forks (it runs inside other people's at-fork hooks), so
    the one signal that stops a desk would be lost; and a process that is not noted yet would not be ended.
    """
    Held.blocks += 1
    try:
        yield
    finally:
        Held.blocks -= 1
    if Held.asked and not Held.blocks:
        Held.asked = False
        raise KeyboardInterrupt


def ignore_signals() -> None:
    """Do nothing on further signals. (Not SIG_IGN: a child would inherit that.)"""
    for sign in SIGNALS:
        signal.signal(sign, lambda *_: None)


def run_in_front(command: Sequence[str], env: Mapping[str, str], cwd: str | None = None) -> int:
    """Run `command` in the foreground and return its exit status; it decides what a signal means.

    A terminal sends Ctrl-C to it as well as to us, so we pass on only what reached us alone.
    """
    with subprocess.Popen(command, env=dict(env), cwd=cwd) as child:

        def pass_on(number: int, _frame: FrameType | None) -> None:
            if number != signal.SIGINT or not sys.stdin.isatty():
                child.send_signal(number)

        for sign in SIGNALS:
            signal.signal(sign, pass_on)
        status = child.wait()
    ignore_signals()
    return status if status >= 0 else 128 - status
