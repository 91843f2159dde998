"""python3 run.py dev: the desk as `up` starts it, on the same data, and every change of the source is served at once.

Django's own development server is the web process: it reads Python, templates and static files anew. The other
processes are started again by the supervisor when a Python file changes.
"""

import time
from collections.abc import Iterator, Sequence

from local.environment import ROOT, manage_command
from local.supervisor import Service, Supervisor, desk_services

WATCHED = ("config", "accounts", "complaints", "followups")
EVERY_S = 1.0


def services_that_reload(port: int) -> list[Service]:
    """Return the processes of a desk for developers; it needs DEBUG=true."""
    web, *others = desk_services(0)
    return [Service(web.name, manage_command("runserver", f"127.0.0.1:{port}")), *others]


class Watch:
    """Looks for changed Python files, once a second, and starts everything but the web process again."""

    def __init__(self, supervisor: Supervisor, folders: Sequence[str] = WATCHED):
        self.supervisor, self.folders = supervisor, folders
        self.state, self.looked = set(self.files()), time.monotonic()

    def files(self) -> Iterator[tuple[str, int]]:
        for folder in self.folders:
            for file in (ROOT / folder).rglob("*.py"):
                try:
                    yield str(file.relative_to(ROOT)), file.stat().st_mtime_ns
                except FileNotFoundError:
                    continue

    def look(self) -> list[str]:
        """Start the processes again where something changed; return the paths of the changed files."""
        if time.monotonic() - self.looked < EVERY_S:
            return []
        now = set(self.files())
        changed = sorted({name for name, _time in now ^ self.state})
        if changed:
            self.supervisor.restart([each for each in self.supervisor.services if each.name != "web"])
        self.state, self.looked = now, time.monotonic()
        return changed
