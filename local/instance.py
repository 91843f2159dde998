"""One desk a data folder: its lock, and the file that tells other commands where it runs."""

import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, Any

from local import CannotStart
from local.processes import command_of, kill_group, send, wait_until

UP, MANAGE = "up", "manage"


class Instance:
    """The lock on a data folder and its run.json (mode 0600: it holds the addresses and the secret key).

    The lock belongs to the process, so the kernel frees it however the process ends.
    """

    def __init__(self, data: Path):
        self.lock_file = data / "desk.lock"
        self.run_file = data / "run.json"
        self.lock: IO[str] | None = None
        self.told: dict[str, Any] = {}

    def take(self) -> bool:
        """Take the lock and end what an earlier, killed start left; return False when somebody holds it."""
        self.lock = self.lock_file.open("a", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lock.close()
            self.lock = None
            return False
        end_leftovers(self.read().get("children", []))
        self.run_file.unlink(missing_ok=True)
        return True

    def take_for_desk(self) -> None:
        """Take the lock for a whole desk; raises CannotStart with the address of one that runs already."""
        for attempt in range(60):
            if self.take():
                return
            running = self.read()
            if running.get("mode") == UP:
                raise CannotStart(
                    f"The desk of this folder is already running at {running['url']}: stop it first, "
                    "or choose another folder with DATA_DIR."
                )
            if attempt == 1:
                print("Waiting for another command of this desk to finish", flush=True)
            time.sleep(1)
        raise CannotStart("Another command of this desk has been running for a minute: try again when it has ended.")

    def read(self) -> dict[str, Any]:
        """Return what the holder of the lock told, {} while it has told nothing."""
        try:
            return json.loads(self.run_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def tell(self, **facts: object) -> None:
        """Write or renew facts in run.json: mode, pid, url, env (addresses), children (process numbers)."""
        self.told = {**self.told, **facts, "pid": os.getpid()}
        aside = self.run_file.with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text(json.dumps(self.told), encoding="utf-8")
        aside.replace(self.run_file)

    def release(self) -> None:
        """Remove run.json and free the lock."""
        if self.lock is not None:
            self.run_file.unlink(missing_ok=True)
            self.lock.close()
            self.lock = None


def end_leftovers(children: list[int]) -> None:
    """End processes of an earlier start that outlived its supervisor, within 15 s.

    A number may belong to another process by now: only those that run this checkout's Python are ours.
    """

    def alive() -> list[int]:
        return [pid for pid in children if sys.executable in command_of(pid)]

    for pid in alive():
        send(pid, signal.SIGTERM)
    if not wait_until(lambda: not alive(), 15):
        for pid in alive():
            kill_group(pid)
        wait_until(lambda: not alive(), 5)
