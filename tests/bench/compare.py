"""This desk and django-helpdesk side by side: python -m tests.bench.compare 100000 [folder]

Installs django-helpdesk from the package index into a Python of its own in a new folder (nothing of the project
depends on it), fills both with as many open cases and comparable texts, starts gunicorn for both with the same number
of processes and threads on PostgreSQL servers of the same kind, and asks both by turns with the same client. Prints
one JSON line: what each page takes in both (p50 in ms) and as a ratio, and how many cases each logs a second. This
desk's workers run meanwhile, as in production; django-helpdesk's mail is thrown away, which favours it.
"""

import contextlib
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local.paths import prepare_data_folder
from local.postgres import DATABASE, OWNER, Postgres
from local.processes import finish, spawn, wait_until
from local.servers import running_servers
from tests.bench.client import Browser
from tests.bench.pages import running_desk

RIVAL = "django-helpdesk==2.6.1"
WITH_IT = ("psycopg2-binary", "gunicorn", "Django~=5.2.0")
HERE = Path(__file__).parent / "rival"
ASKED, SLOWLY_ASKED = 40, 8
CLIENTS, SECONDS, TURNS = 2, 4, 3


@dataclass
class Side:
    """One of the two: how each page is asked of it, by the page's name."""

    ask: dict[str, Callable[[Browser, int], object]]
    browser: Callable[[], Browser]


def main(arguments: list[str]) -> int:
    """Compare at the size in `arguments` and return the exit status."""
    count = int(arguments[0])
    kept = Path(arguments[1]).resolve() if len(arguments) > 1 else None
    folder = kept or Path(tempfile.mkdtemp(prefix="desk-compare-"))
    try:
        with running_desk(count, count, folder / "desk") as (port, said), running_rival(count, folder) as theirs:
            print(json.dumps(said | {"rival": RIVAL} | compared(ours(port), theirs)))
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def compared(our: Side, their: Side) -> dict:
    """The figures of both, asked by turns."""
    pages = {}
    for name in our.ask:
        taken: tuple[list[float], list[float]] = ([], [])
        browsers = our.browser(), their.browser()
        for number in range(SLOWLY_ASKED if name in ("queue", "search") else ASKED):
            for side, browser, times in zip((our, their), browsers, taken, strict=True):
                answer = side.ask[name](browser, number)
                if answer.status not in (200, 302):
                    raise RuntimeError(f"{name} answered {answer.status}")
                if number >= 4:
                    times.append(answer.ms)
        ours_ms, theirs_ms = (round(statistics.median(times), 1) for times in taken)
        pages[name] = {"ours_ms": ours_ms, "theirs_ms": theirs_ms, "ratio": round(ours_ms / theirs_ms, 2)}
    rates = [(rate(our), rate(their)) for _turn in range(TURNS)]
    our_rate, their_rate = (round(statistics.median(column), 1) for column in zip(*rates, strict=True))
    logs = {"ours": our_rate, "theirs": their_rate, "ratio": round(our_rate / their_rate, 2), "clients": CLIENTS}
    return {"pages": pages, "logged_a_second": logs}


def rate(side: Side) -> float:
    """How many cases a second a few clients log together."""
    done, ends = [], time.monotonic() + SECONDS

    def log(browser: Browser):
        while time.monotonic() < ends:
            done.append(side.ask["log"](browser, 0))

    began = time.monotonic()
    clients = [threading.Thread(target=log, args=[side.browser()]) for _client in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return len(done) / (time.monotonic() - began)


def ours(port: int) -> Side:
    """This desk, on `port`; settings are loaded by now."""
    from accounts.models import Role
    from complaints.models import Complaint
    from tests.bench import asking

    handler, director = (
        asking.one_with(Role.HANDLER, team__kind="site"),
        asking.one_with(Role.SUPERVISOR, team__parent=None),
    )
    form = asking.log_form(handler)
    links = asking.links_at("assigned")
    cases = [f"/complaints/{case.reference}/" for case in Complaint.objects.filter(status="assigned")[:20]]
    return Side(
        {
            "log": lambda browser, number: browser.ask("/complaints/new/", form()),
            "public page": lambda browser, number: browser.ask(links[number % len(links)]),
            "complaint page": lambda browser, number: browser.ask(cases[number % len(cases)]),
            "queue": lambda browser, number: browser.ask("/queue/?view=all"),
            "search": lambda browser, number: browser.ask("/queue/?q=%E5%8F%91%E7%A5%A8"),
        },
        lambda: asking.browser_of(director, port),
    )


@contextlib.contextmanager
def running_rival(count: int, folder: Path) -> Iterator[Side]:
    """django-helpdesk with `count` open tickets in `folder`, kept there for the next time."""
    python, data, told = folder / "helpdesk" / "bin" / "python", folder / "rival", folder / "rival.json"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "helpdesk"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", RIVAL, *WITH_IT], check=True)
    data.mkdir(exist_ok=True)
    prepare_data_folder(data)
    with running_servers({}, data, quiet=True) as servers, socket.socket() as listener:
        postgres = next(server for server in servers.running if isinstance(server, Postgres))
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": str(HERE),
            "RIVAL_DATABASE": DATABASE,
            "RIVAL_USER": OWNER,
            "RIVAL_HOST": str(postgres.place.sockets),
        }
        if not told.exists():
            texts = "".join(json.dumps(text) + "\n" for text in stories(count))
            told.write_text(
                subprocess.run(
                    [python, HERE / "fill.py"], env=env, input=texts, stdout=subprocess.PIPE, text=True, check=True
                ).stdout
            )
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port = listener.getsockname()[1]
        processes, threads = os.environ.get("WEB_CONCURRENCY") or "2", os.environ.get("WEB_THREADS") or "4"
        command = [python, "-m", "gunicorn", "-w", processes, "-k", "gthread", "--threads", threads]
        command += ["-b", f"fd://{listener.fileno()}", "django.core.wsgi:get_wsgi_application()"]
        web = spawn(list(map(str, command)), env=env, cwd=HERE, log=folder / "rival.log", keep=(listener.fileno(),))
        side = theirs(port, json.loads(told.read_text()))
        try:
            if not wait_until(lambda: side.ask["public page"](side.browser(), 0).status == 200, 60):
                raise RuntimeError(f"django-helpdesk does not answer, see {folder / 'rival.log'}")
            yield side
        finally:
            finish([web], 15)


def theirs(port: int, told: dict) -> Side:
    """django-helpdesk on `port`, with what its filling said of it."""
    teller = _teller()
    tickets, public = told["tickets"], told["public"]

    def form() -> dict:
        story = _story(teller)
        return {
            "csrfmiddlewaretoken": "a" * 32,
            "queue": told["queue"],
            "title": story["title"],
            "body": story["body"],
            "priority": 3,
            "submitter_email": story["email"],
        }

    return Side(
        {
            "log": lambda browser, number: browser.ask("/helpdesk/tickets/submit/", form()),
            "public page": lambda browser, number: browser.ask(public[number % len(public)]),
            "complaint page": lambda browser, number: browser.ask(tickets[number % len(tickets)]),
            "queue": lambda browser, number: browser.ask(told["list"]),
            "search": lambda browser, number: browser.ask(told["search"]),
        },
        lambda: Browser(port, {"sessionid": told["session"], "csrftoken": "a" * 32}),
    )


def stories(count: int) -> Iterator[dict]:
    """Texts like those of this desk's filling, with two messages each."""
    teller = _teller()
    for _number in range(count):
        yield _story(teller)


def _teller():
    from demo.bulk.texts import Teller

    return Teller(random.Random(1))


def _story(teller) -> dict:
    from complaints.texts import subject_from

    story = teller.story(("河西路加油站", "Hexi Road station"), 5, 17)
    return {
        "title": subject_from(story.narrative),
        "body": story.narrative,
        "email": f"customer.{teller.dice.getrandbits(48):x}@customer.example",
        "said": [teller.message(kind, story, 20) for kind in ("public", "inbound")],
    }


if __name__ == "__main__":
    if not (len(sys.argv) in (2, 3) and sys.argv[1].isdigit() and int(sys.argv[1]) > 0):
        sys.exit("How many open cases? For example: make bench-compare N=100000")
    sys.exit(main(sys.argv[1:]))
