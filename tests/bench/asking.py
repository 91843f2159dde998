"""Which pages are measured, for whom, and how; settings are loaded when this is read."""

import gzip
import http.client
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Person, Role
from complaints.choices import Status
from complaints.models import Complaint, Customer
from complaints.worklists import WORKLISTS

WARM_UPS, ASKED = 10, 40
# (p50, p95) in ms that a page may take.
QUEUE, CASE, SEARCH = (25, 50), (25, 50), (40, 80)
LONG_TALK = 20
# A fixed piece of work beside each page: how fast the machine was just then.
YARDSTICK = [{"number": number, "words": ["漏油", "receipt", str(number)] * 3} for number in range(3000)]
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
    """Addresses that are asked in turn, who asks, and what they may take (p50, p95 in ms)."""

    name: str
    person: Person
    paths: list[str]
    target: tuple[int, int]


def pages() -> Iterator[Page]:
    """Every page that is measured: for somebody who sees everything, and for a handler of one site."""
    director = _one(Role.SUPERVISOR, team__parent=None)
    handler = _one(Role.HANDLER, team__kind="site")
    tail = Customer.objects.exclude(phone_key="").latest("pk").phone_key[-4:]
    for who, person in {"director": director, "handler": handler}.items():
        for view in WORKLISTS:
            yield Page(f"queue {view}, {who}", person, [_queue(view=view)], QUEUE)
        for sort in ("newest", "severity"):
            yield Page(f"queue all by {sort}, {who}", person, [_queue(view="all", sort=sort)], QUEUE)
        for name, text in {**SEARCHES, "phone tail": tail}.items():
            yield Page(f"search {name}, {who}", person, [_queue(q=text)], SEARCH)
        for stage in STAGES:
            yield Page(f"complaint of {LONG_TALK} messages, {stage}, {who}", person, _cases(person, stage), CASE)
    yield Page("board, director", director, ["/board/"], QUEUE)


def ask_all(port: int) -> dict[str, dict]:
    """Ask every page of the web server on `port`; returns the figures by page. A small filling lacks some pages."""
    return {page.name: _ask(page, port) for page in pages() if page.paths}


def _ask(page: Page, port: int) -> dict:
    """p50 and p95 in ms from the request to the last byte, the yardstick, queries, kilobytes plain and compressed."""
    client = Client()
    client.force_login(page.person)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page.paths[0], headers={"host": f"127.0.0.1:{port}"}).status_code == 200
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken, body = [], b""
    for number in range(WARM_UPS + ASKED):
        began = time.perf_counter()
        # Compressed, as browsers ask for it: that takes time too.
        headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
        server.request("GET", page.paths[number % len(page.paths)], headers=headers)
        answer = server.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{page.name} answered {answer.status}")
    server.close()
    yardstick = statistics.median(_yardstick() for _time in range(5))
    slices = statistics.quantiles(taken[WARM_UPS:], n=20)
    p50, p95 = round(slices[9], 1), round(slices[18], 1)
    return {
        "p50_ms": p50,
        "p95_ms": p95,
        "target_ms": page.target,
        "met": p50 <= page.target[0] and p95 <= page.target[1],
        "yardstick_ms": round(yardstick, 1),
        "queries": len(queries),
        "kb": round(len(gzip.decompress(body)) / 1000, 1),
        "kb_gzip": round(len(body) / 1000, 1),
    }


def _yardstick() -> float:
    """Milliseconds for the fixed piece of work."""
    began = time.perf_counter()
    json.loads(json.dumps(YARDSTICK))
    return (time.perf_counter() - began) * 1000


def _cases(person: Person, stage: str) -> list[str]:
    """The addresses of the newest cases at `stage` in which much was said."""
    cases = Complaint.objects.visible_to(person).filter(status=stage)
    long_ones = cases.annotate(said=Count("messages")).filter(said=LONG_TALK).order_by("-pk")
    return [f"/complaints/{reference}/" for reference in long_ones.values_list("reference", flat=True)[:20]]


def _one(role: str, **where) -> Person:
    return Membership.objects.filter(role=role, **where).select_related("person").order_by("pk")[0].person


def _queue(**query) -> str:
    return f"/queue/?{urlencode(query)}"
