"""make screenshots: a picture of every page, in both languages and themes, into docs/screenshots/.

Not collected with the suite (its name does not begin with test_); run through run.py, so that it has servers.
"""

import io
import json
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response

from tests.e2e.conftest import SIZES, signed_in
from tests.e2e.gallery_pages import OPENED, PAGES, STATUS
from tests.e2e.stack import Stack

GALLERY = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
LOOKS = [
    ("en", "desktop", "light"),
    ("zh-hans", "desktop", "dark"),
    ("zh-hans", "phone", "light"),
    ("en", "phone", "dark"),
]
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


def go(page: Page, places: dict[str, str], address: str) -> Response:
    """Go to a page of the gallery and wait until nothing on it is being loaded."""
    answer = page.goto(address.format(**places))
    page.wait_for_function(SETTLED)
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
    page.wait_for_function(SETTLED)


@pytest.fixture(scope="session")
def places(stack) -> dict[str, str]:
    """Where the pages are: see gallery_places."""
    ask = "import json; from tests.e2e.gallery_places import prepare; print(json.dumps(prepare()))"
    return json.loads(stack.manage("shell", "--no-imports", "-c", ask).splitlines()[-1])


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_every_page_is_pictured(browser, stack, places, language, size, theme):
    GALLERY.mkdir(parents=True, exist_ok=True)
    stack.sql("UPDATE accounts_person SET language = %s, theme = ''", language)
    people: dict[str | None, Page] = {}
    for name, who, address, *acts in [*PAGES, *OPENED]:
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
        _save(page.screenshot(), GALLERY / f"{name}-{language[:2]}-{size}-{theme}.png")
        page.set_viewport_size(SIZES[size])
    for page in people.values():
        page.context.close()


def _save(png: bytes, path: Path):
    """Small files: 96 colours are enough for a page."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
