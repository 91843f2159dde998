"""make screenshots: a picture of every page, in both languages and themes, into docs/screenshots/.

Not collected with the suite (its name does not begin with test_); run through run.py, so that it has servers.
"""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.e2e.conftest import SIZES, signed_in

GALLERY = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
LOOKS = [
    ("en", "desktop", "light"),
    ("zh-hans", "desktop", "dark"),
    ("zh-hans", "phone", "light"),
    ("en", "phone", "dark"),
]
TALLEST = 2400

# name, who looks (None: a customer), address; {…} is filled from the demo's cases.
PAGES = [
    ("sign-in", None, "/account/login/"),
    ("queue", "supervisor", "/queue/?view=team"),
    ("queue-mine", "handler", "/queue/?view=mine"),
    ("bulk", "supervisor", "/bulk/"),
    ("log", "frontline", "/complaints/new/"),
    ("case-verify", "frontline", "/complaints/{received}/"),
    ("case-assign", "supervisor", "/complaints/{verified}/"),
    ("case-resolve", "handler", "/complaints/{assigned}/"),
    ("case-archive", "supervisor", "/complaints/{feedback}/"),
    ("history", "supervisor", "/complaints/{assigned}/history/"),
    ("print", "supervisor", "/complaints/{assigned}/print/"),
    ("board", "supervisor", "/board/"),
    ("wall", "supervisor", "/board/wall/"),
    ("team-absences", "supervisor", "/absences/"),
    ("callbacks", "frontline", "/callbacks/"),
    ("preferences", "handler", "/preferences/"),
    ("notifications", "supervisor", "/notifications/"),
    ("absences", "handler", "/preferences/absences/"),
    ("admin", "admin", "/admin/"),
    ("status", None, "{link_assigned}"),
    ("status-resolved", None, "{link_resolved}"),
    ("status-archived", None, "{link_archived}"),
    ("find", None, "/c/"),
    ("not-found", "handler", "/complaints/C-1999-000001/"),
]

# What is opened on a page: name, who looks, address, what is pressed, one after the other (a selector or "key:…").
OPENED = [
    ("queue-sheet", "supervisor", "/queue/?view=team", ["summary:has(use[href$='#sliders'])"]),
    (
        "queue-many",
        "supervisor",
        "/queue/?view=team",
        ["tr.case-row input[name=row] >> nth=0", "tr.case-row input >> nth=1"],
    ),
    (
        "bulk-ask",
        "supervisor",
        "/queue/?view=team",
        ["tr.case-row input[name=row] >> nth=0", ".bulkbar [value=reassign]"],
    ),
    ("saved-views", "supervisor", "/queue/?view=team", ["summary:has(use[href$='#bookmark'])"]),
    ("palette", "supervisor", "/queue/?view=team", ["key:Control+k"]),
    ("keys", "supervisor", "/queue/?view=team", ["key:?"]),
    ("bell", "supervisor", "/queue/?view=team", ["#bell > summary"]),
    ("account", "supervisor", "/queue/?view=team", [".topbar .menu:has(.who) > summary"]),
]


def open_up(page: Page, presses: list[str]):
    """Press one thing after the other, and wait until what it brings is there."""
    for press in presses:
        if press.startswith("key:"):
            page.keyboard.press(press.removeprefix("key:"))
        else:
            page.locator(press).first.click()
    page.wait_for_load_state("networkidle")


@pytest.fixture(scope="session")
def places(stack) -> dict[str, str]:
    """References and links of demo cases at hexi, one a stage; the one with the longest conversation."""
    said = stack.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.db.models import Count\n"
        "from complaints.models import Complaint\n"
        "from complaints.tokens import public_path\n"
        "for status in ['received', 'verified', 'assigned', 'resolved', 'feedback', 'archived']:\n"
        "    cases = Complaint.objects.filter(status=status, site__name__startswith='Hexi')\n"
        "    case = cases.annotate(n=Count('messages')).order_by('-n', 'id').first()\n"
        "    case = case or Complaint.objects.filter(status=status).first()\n"
        "    print(status, case.reference, public_path(case))\n",
    )
    found = {}
    for line in said.splitlines():
        status, reference, link = line.split()
        found |= {status: reference, f"link_{status}": link}
    return found


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_every_page_is_pictured(browser, stack, places, language, size, theme):
    GALLERY.mkdir(parents=True, exist_ok=True)
    stack.sql("UPDATE accounts_person SET language = %s, theme = ''", language)
    people: dict[str | None, Page] = {}
    for name, who, address, *presses in [*PAGES, *OPENED]:
        if who not in people:
            people[who] = signed_in(browser, stack, who, language=language, size=size, color_scheme=theme)
        page = people[who]
        answer = page.goto(address.format(**places))
        open_up(page, *presses or [[]])
        assert answer.status == (404 if name == "not-found" else 200), f"{name}: {answer.status}"
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[size]["width"], f"{name} scrolls sideways"
        _save(page.screenshot(full_page=not presses), GALLERY / f"{name}-{language[:2]}-{size}-{theme}.png")
    for page in people.values():
        page.context.close()


def _save(png: bytes, path: Path):
    """Small files: 128 colours are enough for a page, and very long pages are cut."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
