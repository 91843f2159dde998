"""Which pages are measured, for whom, and how; settings are loaded when this is read."""

import gzip
import random
import statistics
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Person, Role, Team
from complaints.choices import Status
from complaints.customer import links
from complaints.models import Complaint, Customer
from complaints.queue.worklists import WORKLISTS
from demo.bulk.texts import Teller
from tests.bench.client import Answer, Browser

WARM_UPS, ASKED = 10, 40
# As many times the minimal view may a page take.
PUBLIC, QUEUE, CASE, SEARCH, LOG = 6, 12, 12, 18, 15
POSTER, COMPLAIN = 4, 15
LONG_TALK = 20
CSRF = "a" * 32
STAGES = (Status.ASSIGNED, Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED)
SEARCHES = {
    "two characters, common": "发票",
    "two characters, rare": "漏油",
    "one rare character": "犇",
    "English word": "receipt",
    "beginning of an English word": "stutt",
    "mixed": "coupon 陕A",
    "long phrase": "便利店强行推销",
    "reference": "C-2026-000123",
}


@dataclass(frozen=True)
class Page:
    """What is asked: addresses in turn, or a form; by whom (nobody: a customer), and how often the minimal view."""

    name: str
    person: Person | None
    paths: list[str]
    most: int | None
    form: Callable[[], dict] | None = None
    # Each time from another address: so much from one is a flood.
    from_everywhere: bool = False

    def ask(self, browser: Browser, number: int) -> Answer:
        """Ask it for the `number`th time."""
        if self.from_everywhere:
            browser.move(number)
        return browser.ask(self.paths[number % len(self.paths)], self.form() if self.form else None)


def pages() -> Iterator[Page]:
    """Every page that is measured: for a customer, for somebody who sees everything, for a handler of one site."""
    director = one_with(Role.SUPERVISOR, team__parent=None)
    handler = one_with(Role.HANDLER, team__kind="site")
    tail = Customer.objects.exclude(phone_key="").latest("pk").phone_key[-4:]
    for stage in STAGES:
        yield Page(f"customer's page, {stage}", None, links_at(stage), PUBLIC)
    posters = [f"/new/{code}/" for code in Team.objects.exclude(site_code=None).values_list("site_code", flat=True)]
    yield Page("form of a poster", None, posters, POSTER)
    yield Page("complaint on the form", None, posters, COMPLAIN, web_form(handler), from_everywhere=True)
    yield Page("log, handler", handler, ["/complaints/new/"], LOG, log_form(handler))
    for who, person in {"director": director, "handler": handler}.items():
        for view in WORKLISTS:
            yield Page(f"queue {view}, {who}", person, [_queue(view=view)], QUEUE)
        for sort in ("newest", "severity"):
            yield Page(f"queue all by {sort}, {who}", person, [_queue(view="all", sort=sort)], QUEUE)
        for name, text in {**SEARCHES, "phone tail": tail}.items():
            yield Page(f"search {name}, {who}", person, [_queue(q=text)], SEARCH)
        for stage in STAGES:
            yield Page(f"complaint of {LONG_TALK} messages, {stage}, {who}", person, _cases(person, stage), CASE)
    yield Page("board, director", director, ["/board/"], None)


def ask_all(port: int) -> dict[str, dict]:
    """Ask every page of the web server on `port`; returns the figures by page. A small filling lacks some pages."""
    return {page.name: _ask(page, port) for page in pages() if page.paths}


def browser_of(person: Person | None, port: int) -> Browser:
    """A browser in which the person is signed in."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return Browser(port, {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": CSRF})


def _ask(page: Page, port: int) -> dict:
    """p50 and p95 in ms, the minimal view asked by turns with it, queries, kilobytes plain and compressed."""
    browser, beside = browser_of(page.person, port), Browser(port)
    minimal = f"/bench/minimal/{Complaint.objects.latest('pk').reference}/"
    taken, least, body = [], [], b""
    for number in range(WARM_UPS + ASKED):
        answer = page.ask(browser, number)
        if answer.status != (302 if page.form else 200):
            raise RuntimeError(f"{page.name} answered {answer.status}")
        body = answer.body
        taken.append(answer.ms)
        least.append(beside.ask(minimal).ms)
    browser.close()
    beside.close()
    slices = statistics.quantiles(taken[WARM_UPS:], n=20)
    minimal_ms = statistics.median(least[WARM_UPS:])
    times = slices[9] / minimal_ms
    plain = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return {
        "p50_ms": round(slices[9], 1),
        "p95_ms": round(slices[18], 1),
        "minimal_ms": round(minimal_ms, 2),
        "times": round(times, 1),
        "most": page.most,
        "met": page.most is None or times <= page.most,
        "queries": _queries(page, port),
        "kb": round(len(plain) / 1000, 1),
        "kb_gzip": round(len(body) / 1000, 1),
    }


def _queries(page: Page, port: int) -> int:
    """How many statements the page takes, asked in this process."""
    client = Client(headers={"host": f"127.0.0.1:{port}"})
    if page.person is not None:
        client.force_login(page.person)
    with CaptureQueriesContext(connection) as queries:
        if page.form:
            client.post(page.paths[0], page.form())
        else:
            client.get(page.paths[0])
    return len(queries)


def log_form(person: Person) -> Callable[[], dict]:
    """What a browser sends to log a complaint at the person's site: each a story and a customer of its own."""
    site = person.memberships.select_related("team").get(role=Role.HANDLER).team
    # Of other people each time it is run: the third complaint of one number is another story.
    teller, numbers = Teller(random.Random(uuid.uuid4().int)), count()

    def form() -> dict:
        story = teller.story((site.name_zh or site.name, site.name), 5, 17)
        return {
            "csrfmiddlewaretoken": CSRF,
            "narrative": story.narrative,
            "place": story.place,
            "desired_outcome": story.wish,
            "channel": "phone",
            "site": site.pk,
            "name": story.name,
            "phone": story.phone,
            "email": f"customer.{uuid.uuid4().hex[:12]}.{next(numbers)}@customer.example",
            "language": story.language,
            "submission_key": str(uuid.uuid4()),
        }

    return form


def web_form(person: Person) -> Callable[[], dict]:
    """What a browser sends from a poster: a story and a customer of its own each time, without a proof of work."""
    logged = log_form(person)

    def form() -> dict:
        same = ("csrfmiddlewaretoken", "narrative", "desired_outcome", "language", "email", "submission_key")
        known = logged()
        fields = {name: known[name] for name in same}
        return fields | {"how": "email", "kind": "complaint", "danger": "no", "form_key": str(uuid.uuid4())}

    return form


def links_at(stage: str) -> list[str]:
    """The addresses of the customers' pages of the newest cases at `stage`."""
    return [links.public_path(case) for case in Complaint.objects.filter(status=stage).order_by("-pk")[:20]]


def _cases(person: Person, stage: str) -> list[str]:
    """The addresses of the newest cases at `stage` in which much was said."""
    cases = Complaint.objects.visible_to(person).filter(status=stage)
    long_ones = cases.annotate(said=Count("messages")).filter(said=LONG_TALK).order_by("-pk")
    return [f"/complaints/{reference}/" for reference in long_ones.values_list("reference", flat=True)[:20]]


def one_with(role: str, **where) -> Person:
    """The first person with the role; `where` narrows the membership."""
    return Membership.objects.filter(role=role, **where).select_related("person").order_by("pk")[0].person


def _queue(**query) -> str:
    return f"/queue/?{urlencode(query)}"
