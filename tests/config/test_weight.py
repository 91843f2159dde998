"""What a page weighs as a browser gets it: HTML and all that it links, compressed."""

import gzip
import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client

from complaints.choices import Status
from complaints.customer import links
from complaints.models import Complaint
from complaints.queue.worklists import PAGE_SIZE
from tests.cases import at_stage, logged

FIRST_VIEW, LATER_VIEW = 150_000, 30_000
FROM_A_POSTER = 60_000
A_YEAR = "max-age=315360000"
LINKED = re.compile(r'(?:src|href)="(/static/[^"#]+)')
IN_CSS = re.compile(r'url\(["\']?([^"\')]+)')


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The static files as production serves them, without those of the administration."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def browser(collected, settings):
    """A browser that takes compressed answers; asks for every file once."""
    settings.STATIC_ROOT = collected
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.storage.ManifestStorage"}}
    if not any(collected.iterdir()):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "rest_framework"])
    # What is kept of pages names the files as they were stored.
    caches["fragments"].clear()
    yield Client(headers={"accept-encoding": "gzip"})
    caches["fragments"].clear()


def weight(client: Client, address: str) -> tuple[int, int, set[str]]:
    """The bytes of the page, those of what it links, and the addresses of that."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    html = gzip.decompress(answer.content).decode()
    waiting, linked, heavy = set(LINKED.findall(html)), set(), 0
    while waiting:
        name = waiting.pop()
        linked.add(name)
        file = client.get(name)
        assert file.status_code == 200, name
        assert A_YEAR in file.headers["Cache-Control"], name
        content = b"".join(file.streaming_content)
        heavy += len(content)
        if name.endswith(".css"):
            plain = gzip.decompress(content) if file.headers.get("Content-Encoding") == "gzip" else content
            found = (urljoin(name, path) for path in IN_CSS.findall(plain.decode()) if not path.startswith("data:"))
            waiting |= {path.partition("#")[0] for path in found} - linked
    return len(answer.content), heavy, linked


def a_full_queue(cast, at):
    """A page of complaints, copied from one: what a row shows counts, not how it came about."""
    first = logged(cast, at)
    same = {field.attname: getattr(first, field.attname) for field in Complaint._meta.concrete_fields}
    Complaint.objects.bulk_create(
        Complaint(**same | {"id": None, "reference": f"C-2026-{number}", "token_hash": number})
        for number in range(900_000, 900_000 + PAGE_SIZE)
    )


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("supervisor", "/queue/?view=team"),
        ("supervisor", "/queue/?q=pump"),
        ("supervisor", "/board/"),
        ("handler", "case"),
        ("frontline", "/complaints/new/"),
        (None, "link"),
        (None, "/new/"),
        (None, "/account/login/"),
    ],
)
def test_a_page_is_light_at_first_and_lighter_later(cast, at, browser, who, address):
    if address.startswith("/queue"):
        a_full_queue(cast, at)
    elif address in ("case", "link"):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        address = (
            f"/complaints/{complaint.reference}/" if address == "case" else urlsplit(links.public_url(complaint)).path
        )
    if who:
        browser.force_login(getattr(cast, who))

    page, others, linked = weight(browser, address)

    assert any(name.endswith(".css") for name in linked)
    assert page < LATER_VIEW
    assert page + others < FIRST_VIEW


def test_the_form_of_a_poster_and_what_it_ends_with_are_light_on_the_first_view(cast, at, browser):
    """Issue 12, "Speed": somebody stands in front of the poster, on a mobile network."""
    complaint = logged(cast, at, channel="web")
    link = urlsplit(links.public_url(complaint)).path
    for address in (f"/new/{cast.hexi.site_code}/", f"{link}thanks/"):
        page, others, _linked = weight(browser, address)
        assert page + others <= FROM_A_POSTER, address
