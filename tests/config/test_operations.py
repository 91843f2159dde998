"""What docs/operations.md tells operators to type, typed: backup, restore, the five processes."""

import contextlib
import csv
import gzip
import itertools
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from config.env import connection_parameters, read_database
from config.healthcheck import ask_web
from local.binaries import postgres_folder
from local.paths import prepare_data_folder
from local.processes import LINUX, wait_until
from local.servers import running_servers
from tests.config import documented

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not LINUX, reason="the commands are those of Linux")]
CLEARED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT", "DEBUG", "STATIC_ROOT")
# Typed by nobody here: they need a container engine, a package index or a person who answers questions.
NOT_TYPED = [
    "docker compose up -d --build",
    "docker compose ps",
    "docker compose up -d --scale worker=3",
    "docker compose run --rm web python manage.py createsuperuser",
    "python3 run.py manage createsuperuser",
    "openssl rand -hex 32",
    "pip install --require-hashes --only-binary=:all: -r requirements.txt",
    "python3 run.py",
]
TYPED_HERE = [
    "python manage.py prepare_database",
    "python manage.py collectstatic --noinput",
    "python manage.py verify_history",
    "python manage.py audit_duties",
    "python manage.py check --database default",
    "python manage.py remove_stray_files",
    "python manage.py rebuild_search",
]


class Machine:
    """A host of its own: a data folder, empty servers, and a shell that knows the documented programs."""

    def __init__(self, folder: Path, servers: dict[str, str], path: str):
        kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
        self.folder = folder
        self.env = kept | servers | {"PATH": path, "DATA_DIR": str(folder / "data"), "TOKEN_KEY": "t" * 50}
        self.env |= {
            "SECRET_KEY": "s" * 50,
            "STATIC_ROOT": str(folder / "static"),
            "PYTHONPATH": str(settings.BASE_DIR),
        }
        address = connection_parameters(read_database(servers, "DATABASE_OWNER_URL"))
        # `docker compose exec db` is inside the server's container: its programs find it without an address.
        self.env |= {"PGHOST": str(address["host"])}

    def type(self, commands: str, cwd: Path) -> str:
        """Run the commands as a shell that stops at the first failure; return what they printed."""
        answer = subprocess.run(
            ["/bin/sh", "-e", "-c", commands], env=self.env, cwd=cwd, capture_output=True, text=True, timeout=240
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout + answer.stderr

    def rows(self) -> dict[str, int]:
        """Return how many rows each table has."""
        parameters = connection_parameters(read_database(self.env, "DATABASE_OWNER_URL"))
        with contextlib.closing(psycopg2.connect(**parameters)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_stat_user_tables ORDER BY relname")
            counts = {}
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                counts[table] = cursor.fetchone()[0]
        return counts

    def evidence(self) -> dict[str, bytes]:
        """Return every stored file by its path."""
        root = self.folder / "data" / "evidence"
        return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}


@contextlib.contextmanager
def machine() -> Iterator[Machine]:
    # Not pytest's folder: only its owner may enter that, and root's PostgreSQL runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="desk-operations-"))
    folder.chmod(0o755)
    try:
        (folder / "bin").mkdir()
        prepare_data_folder(folder / "data")
        outside = {name: value for name, value in os.environ.items() if name not in CLEARED}
        with running_servers(outside, folder / "data", forgetful=True, quiet=True) as servers:
            yield Machine(folder, servers.env, documented.stand_ins(folder / "bin", postgres_folder(outside)))
    finally:
        shutil.rmtree(folder)


# Real complaints beside the checkout, where they are at hand.
REAL = settings.BASE_DIR.parent / "shared" / "data" / "cfpb_5000.csv.gz"
# Every kind of text is among them; the import itself is tried with the whole file (complaints/importing/test_run.py).
SOME_ROWS = 300
DOCKER_WAY, PLAIN_WAY = (0, 1), (2, 3)


def beginning_of(source: Path, target: Path) -> Path:
    """Write the first rows of the packed table into `target` and return it."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as rows, target.open("w", encoding="utf-8") as some:
        csv.writer(some).writerows(itertools.islice(csv.reader(rows), SOME_ROWS + 1))
    return target


def test_a_desk_moves_to_an_empty_server_with_its_complaints_and_files(tmp_path):
    """Either way from one desk, which a backup does not change: making it takes longer than moving it."""
    commands = documented.blocks("Backup and restore")
    with machine() as old:
        old.type("python manage.py prepare_database && python manage.py demo --force", tmp_path)
        if REAL.exists():
            some = beginning_of(REAL, tmp_path / "some.csv")
            old.type(f'python manage.py import_complaints "{some}" --mapping cfpb --team "Jinghe Energy"', tmp_path)
        before = (old.rows(), old.evidence())
        assert before[0]["complaints_complaint"] >= 50
        assert before[1]
        for way, (backup, restore) in {"docker": DOCKER_WAY, "plain": PLAIN_WAY}.items():
            folder = tmp_path / way
            folder.mkdir()
            with machine() as new:
                old.type(commands[backup], folder)
                said = new.type(commands[restore], folder)
                assert (new.rows(), new.evidence()) == before, way
                assert "Nothing was changed." in said, way
                # The application's role works there, and cannot touch the history.
                check = new.type("python manage.py check --database default --fail-level WARNING", folder)
                assert "no issues" in check, way


def test_an_empty_desk_can_be_backed_up_before_the_first_file(tmp_path):
    commands = documented.blocks("Backup and restore")
    with machine() as desk:
        desk.type("python manage.py prepare_database", tmp_path)
        for block in (DOCKER_WAY[0], PLAIN_WAY[0]):
            desk.type(commands[block], tmp_path)


def test_the_five_processes_and_the_single_commands_work_as_written(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with machine() as desk, contextlib.ExitStack() as running:
        desk.env |= {"PORT": str(port), "BASE_URL": f"http://127.0.0.1:{port}"}
        for command in TYPED_HERE:
            desk.type(command, tmp_path)
        desk.env.pop("DATABASE_OWNER_URL")
        found = documented.processes()
        assert sorted(found) == ["beat", "guard", "sweeper", "web", "worker"]
        log = running.enter_context((tmp_path / "log.txt").open("w"))
        for command in found.values():
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"], env=desk.env, cwd=settings.BASE_DIR, stdout=log, stderr=log
            )
            running.callback(process.wait, 60)
            running.callback(process.terminate)
        ready = wait_until(lambda: ask_web(port, desk.env["BASE_URL"])[0] == 200, 90)
        assert ready, (tmp_path / "log.txt").read_text(encoding="utf-8")
        for part in ("web", "sweep", "deliver", "beat", "guard"):
            desk.type(f"python -m config.healthcheck {part}", tmp_path)


def test_every_command_in_the_guide_is_typed_or_named_with_a_reason():
    text = documented.OPERATIONS.read_text(encoding="utf-8")
    begins = r"(?:docker|python3?|pip|openssl|gunicorn|celery|pg_dump|pg_restore|tar) "
    inline = {" ".join(found.split()) for found in re.findall(rf"`({begins}[^`]+)`", text)}
    known = {*NOT_TYPED, *TYPED_HERE, *documented.processes().values()}
    known |= {"python -m config.healthcheck web|sweep|deliver|beat|guard"}
    assert inline - known == set()
    assert len(documented.blocks("Backup and restore")) == 4
