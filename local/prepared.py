"""Whether a database was prepared by exactly this code: then processes start while that is checked once more."""

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

import psycopg2

from config.env import connection_parameters, read_database
from local.environment import ROOT

MIGRATED = "SELECT string_agg(concat_ws(' ', app, name, applied), ',' ORDER BY id) FROM django_migrations"


def fingerprint_of_code() -> str:
    """Return a text that changes with our migrations and with the packages."""
    digest = hashlib.sha256()
    for file in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / ".venv" / ".installed"]:
        digest.update(f"{file.relative_to(ROOT)}\n".encode())
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()


class Prepared:
    """The mark that a start leaves once prepare_database is through: our migrations, the packages, and its own list.

    It only says that no process can meet tables of another version. prepare_database runs at every start all the
    same: it also gives the application's rights, which a restored database lacks.
    """

    def __init__(self, data: Path, env: Mapping[str, str]):
        self.file, self.env = data / "database-fingerprint.txt", env

    def is_known(self) -> bool:
        """Whether code and database are those that the last start left."""
        now = self.fingerprint()
        return bool(now) and self.file.exists() and self.file.read_text(encoding="ascii") == now

    def remember(self) -> None:
        """Note that the database is prepared."""
        self.file.write_text(self.fingerprint(), encoding="ascii")

    def fingerprint(self) -> str:
        """Return a text that changes with our migrations, the packages and what was migrated; "" without tables."""
        migrated = self.migrated()
        if not migrated:
            return ""
        return hashlib.sha256(f"{migrated}\n{fingerprint_of_code()}".encode()).hexdigest()

    def migrated(self) -> str:
        """Return what the database says was migrated and when; "" where it says nothing to the application."""
        try:
            connection = psycopg2.connect(**connection_parameters(read_database(self.env)))
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute(MIGRATED)
                return cursor.fetchone()[0] or ""
        except psycopg2.Error:
            return ""
