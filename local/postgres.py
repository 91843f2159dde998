"""The embedded PostgreSQL: one cluster, unix socket only, started, recovered and stopped by us."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import urllib.parse

import psycopg2

from local import CannotStart
from local.paths import Place, remove_short_socket_folder
from local.processes import command_of, ends_within, run_as, send, spawn, tail, wait_until
from local.signals import not_halfway

SOCKET = ".s.PGSQL.5432"
OWNER, APP, DATABASE = "desk_owner", "desk_app", "desk"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "jit": "off",
    # The text of a failing statement holds what customers wrote: it stays out of the log.
    "log_min_error_statement": "panic",
}
# For tests, whose data may be lost.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def clean_environment() -> dict[str, str]:
    """Return our environment without PG… and LC_… variables, which would change what the servers do."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


class Postgres:
    """One PostgreSQL server; `forgetful` trades durability for speed (tests)."""

    name = "PostgreSQL"

    def __init__(self, place: Place, *, forgetful: bool = False):
        self.place = place
        self.settings = {**SETTINGS, **(FORGETFUL if forgetful else {})}
        self.log = place.data / "logs" / "postgres.log"
        self.pid_file = place.cluster / "postmaster.pid"
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str) -> str:
        """Return the address for `role`; the socket's folder is percent-encoded in it."""
        return f"postgres://{role}@/{DATABASE}?host={urllib.parse.quote(str(self.place.sockets), safe='')}"

    def start(self) -> None:
        """Start the server, creating or recovering the cluster, and make the database; raises CannotStart."""
        self.place.give(self.place.cluster)
        if not (self.place.cluster / "PG_VERSION").exists():
            self.create_cluster()
        self.refuse_other_version()
        self.end_leftover()
        # After a kill -9 the children of the old server may hold its shared memory a moment longer.
        if not wait_until(self.try_start, 20):
            raise CannotStart(f"PostgreSQL does not start. {why(tail(self.log))} See {self.log}")
        self.create_database()

    def create_cluster(self) -> None:
        """Run initdb. It writes PG_VERSION early, so it builds aside and the whole is renamed into place."""
        aside = self.place.cluster.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        self.place.give(aside)
        # One collation on every machine, whatever its locales: both wheels come without ICU.
        locale = ["--locale=C.UTF-8"]
        if self.major_version() >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options = ["-U", OWNER, "--auth=trust", "-E", "UTF8", *locale, "--no-instructions"]
        program = self.place.postgres_bin / "initdb"
        answer = run_as([program, "-D", aside, *options], self.place.user, clean_environment())
        if answer.returncode:
            shutil.rmtree(aside, ignore_errors=True)
            raise CannotStart(f"PostgreSQL's data could not be created. {why(answer.stderr + answer.stdout)}")
        aside.rename(self.place.cluster)

    def major_version(self) -> int:
        """Return the major version of the programs."""
        answer = run_as([self.place.postgres_bin / "postgres", "--version"], self.place.user)
        found = re.search(r"\d+", answer.stdout)
        if not found:
            raise CannotStart(f"PostgreSQL in {self.place.postgres_bin} does not run: {answer.stderr.strip()}")
        return int(found[0])

    def refuse_other_version(self) -> None:
        """Raise CannotStart when the data were made by another major version than the programs."""
        made_by = int((self.place.cluster / "PG_VERSION").read_text(encoding="utf-8"))
        if made_by != self.major_version():
            raise CannotStart(
                f"The data in {self.place.cluster} were made by PostgreSQL {made_by} and the programs found are of "
                f"version {self.major_version()}: set PG_BIN to those of version {made_by}, or choose another "
                "folder: DATA_DIR=/some/folder python3 run.py"
            )

    def end_leftover(self) -> None:
        """End a server that an earlier start left on this cluster, or remove its stale mark.

        The number in the mark may belong to any process by now, so its command line is compared.
        """
        mark = self.pid_file.read_text(encoding="utf-8") if self.pid_file.exists() else ""
        first = mark.split("\n")[0].strip()
        pid = int(first) if first.isdigit() else 0

        def runs() -> bool:
            return bool(pid) and str(self.place.cluster) in command_of(pid)

        if runs():
            send(pid, signal.SIGINT)
            if not wait_until(lambda: not runs(), 20):
                send(pid, signal.SIGQUIT)
                wait_until(lambda: not runs(), 5)
        self.pid_file.unlink(missing_ok=True)
        (self.place.sockets / f"{SOCKET}.lock").unlink(missing_ok=True)

    def try_start(self) -> bool:
        """Start once and wait for connections; return False when it ended for a passing reason."""
        settings = {**self.settings, "unix_socket_directories": f'"{self.place.sockets}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with not_halfway():
            self.process = spawn(
                [self.place.postgres_bin / "postgres", "-D", self.place.cluster, *options],
                env=clean_environment(),
                user=self.place.user,
                log=self.log,
                cwd="/",
                at_our_death=signal.SIGINT,
            )
        process = self.process
        # Recovery after a crash may take long on a big database: we wait while it works on it.
        wait_until(lambda: self.is_ready() or process.poll() is not None, 600)
        if process.poll() is None:
            return True
        if "pre-existing shared memory block" in tail(self.log):
            return False
        raise CannotStart(f"PostgreSQL does not start. {why(tail(self.log))} See {self.log}")

    def is_ready(self) -> bool:
        """Say whether the server has written "ready" into its mark."""
        with contextlib.suppress(OSError):
            lines = self.pid_file.read_text(encoding="utf-8").split("\n")
            return len(lines) > 7 and lines[7].strip() == "ready"
        return False

    def create_database(self) -> None:
        """Create the desk's database where it is missing."""
        connection = psycopg2.connect(host=str(self.place.sockets), user=OWNER, dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")

    def stop(self) -> None:
        """Stop within 25 s: fast shutdown, then an immediate one (recovered at the next start)."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        if not ends_within(self.process, 20):
            self.process.send_signal(signal.SIGQUIT)
            ends_within(self.process, 5)
        remove_short_socket_folder(self.place.sockets, self.place.cluster)


def why(output: str) -> str:
    """Return the reason in what a server printed, as a sentence."""
    if "No space left on device" in output:
        return "The disk is full: free some space and start again."
    if "could not look up effective user" in output:
        return "The user it was started as has no name in the system (/etc/passwd)."
    lines = [line for line in output.splitlines() if re.search("FATAL|PANIC|error|ERROR", line)]
    reason = (lines or output.splitlines() or ["It said nothing."])[-1]
    return reason.split("FATAL:")[-1].strip()
