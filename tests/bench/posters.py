"""The posters of a region with N sites as one job: python -m tests.bench.posters 1000

Starts a PostgreSQL of its own, makes the sites, has the posters made as a worker does, in a process of its own, and
prints one JSON line: seconds, pages a second, how large the file is, and the most memory that the process held, with
what it held before the first page.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from local.environment import ROOT, full_environment
from local.paths import prepare_data_folder
from local.servers import running_servers
from local.signals import stop_on_signals
from local.steps import run_step

WORKER = "worker"


def main(arguments: list[str]) -> int:
    """Measure with as many sites as `arguments` say and return the exit status."""
    if arguments[0] == WORKER:
        print(json.dumps(draw(int(arguments[1]))))
        return 0
    stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="desk-bench-", ignore_cleanup_errors=True) as folder:
        prepare_data_folder(Path(folder))
        with running_servers({}, Path(folder), quiet=True) as servers:
            said = {"DATA_DIR": folder, "DEBUG": "true", "SECRET_KEY": "only-for-measuring-" + "0" * 40}
            env = servers.env | said
            run_step(env, "prepare_database", "--verbosity", "0")
            command = [sys.executable, "-m", "tests.bench.posters", WORKER, arguments[0]]
            own = full_environment(env, owner=False)
            return subprocess.run(command, cwd=ROOT, env=own, check=False).returncode


def draw(count: int) -> dict:
    """Make `count` sites of one region and their posters, A4 in both languages."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.utils import timezone

    from accounts.models import Membership, Person, Role, Team
    from followups.models import PosterRun
    from followups.posters import posters

    company = Team.objects.create(kind="company", name="Jinghe Energy", name_zh="泾禾能源", phone="400-000-0123")
    region = Team.objects.create(kind="region", parent=company, name="Region West", name_zh="西区")
    for number in range(count):
        Team.objects.create(kind="site", parent=region, name=f"Station {number}", name_zh=f"第{number}加油站")
    person = Person.objects.create(username="supervisor", email="supervisor@desk.example")
    Membership.objects.create(person=person, team=region, role=Role.SUPERVISOR)
    at = timezone.now()
    given = {"person": person, "paper": "a4", "languages": "both", "submission_key": uuid.uuid4(), "at": at}
    run = posters.start(region, **given)
    before, began = peak_mib(), time.monotonic()
    done = posters.work(run.pk, clock=timezone.now)
    seconds = time.monotonic() - began
    made = PosterRun.objects.get(pk=run.pk)
    assert done
    assert made.pdf is not None
    return {
        "sites": made.done,
        "seconds": round(seconds, 1),
        "pages_per_second": round(count / seconds),
        "file_mib": round(len(made.pdf) / 1024**2, 2),
        "memory_mib": {"before": round(before), "most": round(peak_mib())},
    }


def peak_mib() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
