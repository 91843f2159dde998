"""python3 run.py test --keep …: a PostgreSQL that stays, with a migrated template database, for the next call.

A keeper process of its own holds the server. It ends with --end-kept, or when no call has used it for half an hour.
Its data lie below the system's temporary folder, in a place for each person, checkout and set of packages. Who uses
what is told by locks, which the kernel frees however a process ends: a killed call leaves nothing that is taken for
a running one. Every call has a slot: a folder, and databases of the slot's name that are made anew from the template.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import CannotStart
from local.binaries import postgres_folder
from local.environment import ROOT
from local.paths import find_place, prepare_data_folder
from local.postgres import OWNER, Postgres
from local.processes import command_of, send, tail, wait_until
from local.signals import stop_on_signals

IDLE_S = 30 * 60
MODULE = "local.kept"


class Kept:
    """The kept server of this checkout and its packages; `folder` holds its locks, its address and its data."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.data, self.address, self.log = folder / "data", folder / "address.json", folder / "keeper.log"
        # Held shared by every call, and alone by a keeper that ends; its time is that of the last use.
        self.use = folder / "use.lock"

    @contextlib.contextmanager
    def in_use(self) -> Iterator[str]:
        """Hold the server, starting it where it does not run; yield its address for the owner. Raises CannotStart."""
        with locked(self.use, fcntl.LOCK_SH):
            os.utime(self.use)
            with locked(self.folder / "start.lock"):
                if not self.is_ready():
                    self.start()
            try:
                yield self.read()["url"]
            finally:
                os.utime(self.use)

    def is_kept(self) -> bool:
        """Whether a keeper runs: it holds its lock."""
        try:
            with locked(self.folder / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                return False
        except BlockingIOError:
            return True

    def read(self) -> dict[str, Any]:
        """Return what the keeper tells once its server is ready: url, for the owner, and pid."""
        return json.loads(self.address.read_text(encoding="utf-8"))

    def is_ready(self) -> bool:
        return self.is_kept() and self.address.exists()

    def start(self) -> None:
        """Start a keeper that outlives us, and wait for its server; raises CannotStart with its last words."""
        if not self.is_kept():
            self.address.unlink(missing_ok=True)
        with self.log.open("wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-P", "-m", MODULE, str(self.folder)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # One that another call started and was killed over may still be at it: then ours has ended at once.
        wait_until(lambda: self.is_ready() or (keeper.poll() is not None and not self.is_kept()), 120)
        if not self.is_ready():
            raise CannotStart(f"{tail(self.log)}\nThe kept server does not start. See {self.log}")
        # It outlives us: Python need not say so when it forgets the process.
        keeper.returncode = 0

    def keep(self) -> None:
        """Be the keeper, until a signal, half an hour without use, or the server's end."""
        alone = locked(self.folder / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        # In this order: whoever waits for `use` while we end finds no keeper then.
        with contextlib.ExitStack() as ending, contextlib.suppress(BlockingIOError, KeyboardInterrupt), alone:
            stop_on_signals()
            postgres = self.postgres()
            try:
                postgres.start()
                aside = self.address.with_suffix(".new")
                aside.write_text(json.dumps({"url": postgres.url(OWNER), "pid": os.getpid()}), encoding="utf-8")
                aside.replace(self.address)
                while (
                    postgres.process
                    and postgres.process.poll() is None
                    and self.address.exists()
                    and not self.is_idle(ending)
                ):
                    time.sleep(1)
            finally:
                postgres.stop()
                self.clear()

    def postgres(self) -> Postgres:
        """Return the server, not yet started, with data of its own; ends one that a killed keeper left."""
        if self.data.exists():
            prepare_data_folder(self.data)
            Postgres(find_place(self.data, postgres_folder(os.environ))).end_leftover()
            shutil.rmtree(self.data)
        prepare_data_folder(self.data)
        return Postgres(find_place(self.data, postgres_folder(os.environ)), forgetful=True)

    def is_idle(self, ending: contextlib.ExitStack) -> bool:
        """Whether nobody has used it for long; nobody new comes in until `ending` is closed."""
        if time.time() - self.use.stat().st_mtime < IDLE_S:
            return False
        try:
            ending.enter_context(locked(self.use, fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def clear(self) -> None:
        """Remove what the server had; the locks stay, because a call may be waiting for one."""
        self.address.unlink(missing_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)

    def end(self) -> bool:
        """End the keeper, also one that is in use; return whether there was one."""
        if not self.is_kept():
            return False
        wait_until(self.address.exists, 60)
        pid = self.read()["pid"]
        if MODULE in command_of(pid):
            send(pid, signal.SIGTERM)
        if not wait_until(lambda: not self.is_kept(), 60):
            raise CannotStart(f"The kept server (process {pid}) does not end.")
        return True

    @contextlib.contextmanager
    def slot(self) -> Iterator[Path]:
        """Yield an empty folder that no other call uses: call-0, or the next that is free."""
        number = 0
        while True:
            folder = self.folder / f"call-{number}"
            with contextlib.ExitStack() as held:
                try:
                    held.enter_context(locked(folder.with_suffix(".lock"), fcntl.LOCK_EX | fcntl.LOCK_NB))
                except BlockingIOError:
                    number += 1
                    continue
                # What a killed call left.
                shutil.rmtree(folder, ignore_errors=True)
                try:
                    yield folder
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                return


@contextlib.contextmanager
def locked(file: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the lock `file`; raises BlockingIOError where somebody has it and `how` says not to wait."""
    with file.open("a") as held:
        fcntl.flock(held, how)
        yield


def person() -> str:
    """Return the name of who started us, or the number where the system has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def mark(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:8]


def kept_folders() -> Path:
    """Return the folder below which this person's are; raises CannotStart where somebody else made it."""
    folder = Path(tempfile.gettempdir()) / f"desk-kept-by-{person()}"
    folder.mkdir(exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to another user: remove it, or set TMPDIR to a folder of your own.")
    # Root's PostgreSQL runs as another user, who has to pass.
    folder.chmod(0o711 if os.getuid() == 0 else 0o700)
    return folder


def kept() -> Kept:
    """Return what is kept for this checkout with today's packages."""
    installed = ROOT / ".venv" / ".installed"
    packages = installed.read_text(encoding="utf-8") if installed.exists() else ""
    folder = kept_folders() / f"{mark(str(ROOT))}-{mark(packages)}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711 if os.getuid() == 0 else 0o700)
    return Kept(folder)


def end_kept() -> int:
    """End what is kept for this checkout, with whichever packages; return the exit status."""
    ended = [Kept(folder).end() for folder in sorted(kept_folders().glob(f"{mark(str(ROOT))}-*"))]
    print("The kept server has ended." if any(ended) else "No server is kept.")
    return 0


if __name__ == "__main__":
    Kept(Path(sys.argv[1])).keep()
