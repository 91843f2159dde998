"""python3 run.py test …: the whole suite against servers of its own that keep nothing."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from config.embedded.environment import ROOT, full_environment
from config.embedded.place import prepare_data_folder
from config.embedded.postgres import OWNER, Postgres
from config.embedded.servers import Servers, running_servers
from config.embedded.signals import run_in_front, stop_on_signals


def run_tests(arguments: list[str]) -> int:
    """Run pytest with `arguments` after ours (so that -n 0 wins); return its exit status."""
    data = Path(tempfile.mkdtemp(prefix="desk-test-"))
    stop_on_signals()
    try:
        prepare_data_folder(data)
        with running_servers(os.environ, data, forgetful=True, quiet=True) as servers:
            command = [sys.executable, "-m", "pytest", "-n", "auto", *arguments]
            return run_in_front(command, test_environment(servers, data), str(ROOT))
    finally:
        shutil.rmtree(data, ignore_errors=True)


def test_environment(servers: Servers, data: Path) -> Mapping[str, str]:
    """Return the suite's environment: production's settings, and the owner's role, which makes databases."""
    overlay = dict(servers.env)
    for server in servers.running:
        if isinstance(server, Postgres):
            overlay["DATABASE_URL"] = overlay["DATABASE_OWNER_URL"] = server.url(OWNER)
    overlay |= {
        "DATA_DIR": str(data),
        "STATIC_ROOT": str(data / "staticfiles"),
        "SECRET_KEY": "only-for-tests-" + "0" * 40,
        "BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return full_environment(overlay, owner=True)
