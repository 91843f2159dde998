"""make screenshots: a picture of every page in every language, size and theme, and an index to look at them.

They go into gallery/, which git does not keep. PAGES="queue case" takes the pages of these names or beginnings alone,
LOOKS="en-desktop-light" these looks. README=1 takes the README's pictures and puts them into docs/screenshots/.
Not collected with the suite (its name does not begin with test_); run through run.py, so that it has servers.
"""

import io
import itertools
import json
import os
import time
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response

from tests.e2e.conftest import LOCALES, SIZES, signed_in
from tests.e2e.gallery_index import index
from tests.e2e.gallery_pages import IN_README, OPENED, PAGES, STATUS
from tests.e2e.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
GALLERY, DOCUMENTS = ROOT / "gallery", ROOT / "docs" / "screenshots"
THEMES = ("light", "dark")
LOOKS = list(itertools.product(LOCALES, SIZES, THEMES))
TALLEST = 2000

# The gallery is for looking, not for drafts; and what moves after it was painted is counted from the first moment.
BEFORE_EVERY_PAGE = """
if (location.protocol.startsWith("http")) {
  localStorage.clear();
  let shifted = 0;
  const add = (entries) => { for (const entry of entries) if (!entry.hadRecentInput) shifted += entry.value; };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  window.shifted = () => { add(observer.takeRecords()); return shifted; };
}
"""
FILL = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""
SETTLED = """() => document.readyState === "complete" &&
  !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")"""


def onlooker(browser: Browser, stack: Stack, who: str | None, **look) -> Page:
    """The page of somebody who looks at everything (see signed_in); a customer has chosen the language."""
    page = signed_in(browser, stack, who, **look)
    page.context.add_init_script(BEFORE_EVERY_PAGE)
    if who is None:
        page.context.add_cookies([{"name": "django_language", "value": look["language"], "url": stack.url}])
    return page


def settle(page: Page):
    """Wait until nothing is being loaded. Not by wait_for_function(): the page forbids evaluating texts."""
    until = time.monotonic() + 30
    while not page.evaluate(SETTLED):
        assert time.monotonic() < until, f"{page.url} is still loading"
        page.wait_for_timeout(50)


def go(page: Page, places: dict[str, str], address: str) -> Response:
    """Go to a page of the gallery and wait until nothing on it is being loaded."""
    answer = page.goto(address.format(**places))
    settle(page)
    return answer


def open_up(page: Page, places: dict[str, str], acts: list[str]):
    """Do one thing after the other (see OPENED), and wait until what it brings is there."""
    for act in acts:
        kind, _colon, what = act.partition(":")
        if kind == "key":
            page.keyboard.press(what)
        elif kind == "fill":
            selector, _equals, text = what.rpartition("=")
            page.locator(selector).evaluate(FILL, text.format(**places))
        elif kind == "cookie":
            name, _equals, value = what.partition("=")
            page.context.add_cookies([{"name": name, "value": value.format(**places), "url": urljoin(page.url, "/")}])
            page.reload()
        elif kind == "see":
            page.locator(what).first.wait_for()
        else:
            page.locator(act).first.click()
    settle(page)


@pytest.fixture(scope="session")
def places(stack) -> dict[str, str]:
    """Where the pages are: see gallery_places."""
    ask = "import json; from tests.e2e.gallery_places import prepare; print(json.dumps(prepare()))"
    return json.loads(stack.manage("shell", "--no-imports", "-c", ask).splitlines()[-1])


def picture_name(name: str, language: str, size: str, theme: str) -> str:
    """The name of a picture's file without its ending: queue-zh-phone-dark."""
    return f"{name}-{language[:2]}-{size}-{theme}"


def chosen(name: str, language: str, size: str, theme: str) -> bool:
    """Whether the picture is asked for: see README, PAGES and LOOKS above."""
    if os.environ.get("README"):
        return picture_name(name, language, size, theme) in IN_README
    pages, looks = os.environ.get("PAGES", "").split(), os.environ.get("LOOKS", "").split()
    asked = not pages or any(name == page or name.startswith(f"{page}-") for page in pages)
    return asked and (not looks or picture_name("", language, size, theme)[1:] in looks)


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_every_page_is_pictured(browser, stack, places, language, size, theme):
    shown = [page for page in [*PAGES, *OPENED] if chosen(page[0], language, size, theme)]
    if not shown:
        pytest.skip("not asked for")
    folder = DOCUMENTS if os.environ.get("README") else GALLERY
    folder.mkdir(parents=True, exist_ok=True)
    stack.sql("UPDATE accounts_person SET language = %s, theme = ''", language)
    people: dict[str | None, Page] = {}
    for name, who, address, *acts in shown:
        if who not in people:
            people[who] = onlooker(browser, stack, who, language=language, size=size, color_scheme=theme)
        page = people[who]
        assert go(page, places, address).status == STATUS.get(name, 200), name
        open_up(page, places, *acts or [[]])
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[size]["width"], f"{name} scrolls sideways"
        if not acts:
            # As high as the page, so that what is fixed to the window stands at its end and not in its middle.
            height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            page.set_viewport_size(SIZES[size] | {"height": max(height, SIZES[size]["height"])})
        _save(page.screenshot(), folder / f"{picture_name(name, language, size, theme)}.png")
        page.set_viewport_size(SIZES[size])
    for page in people.values():
        page.context.close()
    if folder == GALLERY:
        # After each look, so that a run that is stopped leaves something to look at.
        names = [name for name, *_page in [*PAGES, *OPENED]]
        (GALLERY / "index.html").write_text(index(GALLERY, names), encoding="utf-8")


def _save(png: bytes, path: Path):
    """Small files: 96 colours are enough for a page."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
