"""Starting processes so that none is left behind, and ending them within a bounded time."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from local.signals import not_halfway

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5_000_000


def die_with_parent(sign: int) -> Callable[[], None] | None:
    """Return what the child runs before exec, so that the kernel sends it `sign` when we die.

    Linux only: a kill -9 of the supervisor then leaves no orphan. It runs after the change of user,
    which would clear it. On macOS the next start ends what is left (instance.py, postgres.py, redis.py).
    """
    if not LINUX:
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: dict[str, str] | None = None,
    user: pwd.struct_passwd | None = None,
    cwd: str | Path | None = None,
    at_our_death: int = signal.SIGTERM,
    keep: Iterable[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session, its output appended to `log`; `keep` lists open files to hand over.

    A session of its own, so that Ctrl-C reaches only the supervisor, which ends them in order. Whoever notes the
    process in order to end it does both within not_halfway().
    """
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with log.open("ab") as output, not_halfway():
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(at_our_death),
            env=env,
            cwd=cwd,
            pass_fds=tuple(keep),
            **identity,
        )


def run_as(
    command: Sequence[str | Path], user: pwd.struct_passwd | None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end as `user` (None: as ourselves) from the folder /, which everybody may read."""
    identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with not_halfway():
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=env,
            **identity,
        )


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the process to end; return whether it did within `seconds`."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def finish(processes: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    """Ask all to end (SIGTERM), wait up to `seconds` together, then kill what is left with its children."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    end = time.monotonic() + seconds
    for process in processes:
        if not ends_within(process, max(0.0, end - time.monotonic())):
            kill_group(process.pid)
            process.wait()


def kill_group(leader: int) -> None:
    """Kill the whole process group of `leader`; it may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def send(pid: int, sign: int) -> None:
    """Send a signal to a process; it may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)


def command_of(pid: int) -> str:
    """Return the command line of a running process, "" when there is none with this number."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    answer = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return answer.stdout.strip()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask `condition` every 50 ms until it holds or `seconds` have passed; return whether it holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log file, "" when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
