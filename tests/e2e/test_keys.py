"""The keys, the command palette and the printed case, as somebody uses them in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, signed_in
from tests.e2e.gallery import places  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PALETTE, HELP, BOX = "#palette", "#keys-help", "#palette-q"
ACTIVE = "#palette [role=option][aria-selected=true]"


@pytest.fixture
def desk(browser, stack):
    """desk("handler") → their queue; with a look: desk("handler", size="phone")."""
    opened = []

    def desk(who, language="en", **look) -> Page:
        stack.sql("UPDATE accounts_person SET language = %s, theme = ''", language)
        page = signed_in(browser, stack, who, language=language, **look)
        opened.append(page)
        return page

    yield desk
    for page in opened:
        page.context.close()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.name || document.activeElement.tagName")


def faults(page: Page) -> list[str]:
    return [f"{v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"]]


def test_the_queue_is_worked_with_keys(desk):
    page = desk("supervisor")
    page.goto("/queue/?view=all")
    links = page.locator(".case-row .q-subject a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".case-row").nth(1).locator("[name=row]")).to_be_checked()
    page.evaluate(
        """new Promise((done) => {
          document.body.addEventListener("htmx:afterSettle", () => done(), { once: true });
          htmx.trigger("#queue-rows", "renew");
        })"""
    )
    expect(links.nth(1)).to_be_focused()
    # A row far down comes into sight between the bars.
    for _press in range(15):
        page.keyboard.press("j")
    box = links.nth(16).bounding_box()
    assert 48 < box["y"] < SIZES["desktop"]["height"] - box["height"]
    place = links.nth(16).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{place}")


def test_pairs_of_keys_lead_to_the_pages(desk):
    page = desk("supervisor")
    for keys, address in (("gb", "/board/"), ("gc", "/callbacks/"), ("gq", "/queue/"), ("n", "/complaints/new/")):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(f"**{address}")
    page.goto("/queue/")
    page.keyboard.press("/")
    assert focused(page) == "q"
    # What is typed into a field is text, the keys as well.
    page.keyboard.type("n g b j ?")
    assert page.input_value("#q") == "n g b j ?"
    expect(page.locator(HELP)).to_be_hidden()


def test_a_case_is_answered_with_keys(desk, places):  # noqa: F811 - the fixture
    page = desk("handler")
    page.goto(f"/complaints/{places['assigned']}/")
    page.keyboard.press("i")
    expect(page.locator("#composer [name=kind][value=internal]")).to_be_checked()
    assert focused(page) == "composer_body"
    page.keyboard.type("r")
    assert page.input_value("#composer_body") == "r"
    page.locator("#composer_body").fill("")
    page.locator("h1").click()
    page.keyboard.press("r")
    expect(page.locator("#composer [name=kind][value=public]")).to_be_checked()
    page.locator("h1").click()
    page.keyboard.press("Control+e")
    page.keyboard.press("e")
    page.wait_for_url("**/escalate/")


def test_the_help_lists_what_works_here_and_switches_it_off(desk):
    page = desk("handler")
    page.keyboard.press("?")
    expect(page.locator(HELP)).to_be_visible()
    expect(page.locator(HELP)).to_contain_text("Next row")
    expect(page.get_by_text("On a complaint")).to_be_hidden()
    assert "Board" not in page.locator(HELP).inner_text()
    assert faults(page) == []
    page.keyboard.press("j")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.reload()
    for key in ("?", "j", "n"):
        page.keyboard.press(key)
    expect(page.locator(HELP)).to_be_hidden()
    assert focused(page) == "BODY"
    assert "/queue/" in page.url
    # The way back does not need a key.
    page.click("summary[aria-label*=account]")
    page.click("[data-opens=keys-help]")
    page.check("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator(HELP)).to_be_visible()


def test_the_palette_finds_commands_and_complaints(desk, places):  # noqa: F811 - the fixture
    page = desk("supervisor", color_scheme="dark")
    page.goto(f"/complaints/{places['assigned']}/")
    page.keyboard.press("Control+k")
    expect(page.locator(BOX)).to_be_focused()
    expect(page.locator(ACTIVE)).to_contain_text("Next step")
    assert page.get_attribute(BOX, "aria-activedescendant") == page.get_attribute(ACTIVE, "id")
    # The Enter that ends the composing of Chinese chooses characters, not a line.
    page.dispatch_event(BOX, "keydown", {"key": "Enter", "isComposing": True})
    expect(page.locator(PALETTE)).to_be_visible()
    expect(page.locator("#palette [role=status]")).to_have_text(re.compile(r"Results: \d\d"))
    assert faults(page) == []
    page.keyboard.press("ArrowUp")
    expect(page.locator(ACTIVE)).to_have_text("Sign out")
    page.keyboard.type("internal")
    expect(page.locator(ACTIVE)).to_contain_text("Internal note")
    page.keyboard.press("Enter")
    expect(page.locator(PALETTE)).to_be_hidden()
    assert focused(page) == "composer_body"
    # It opens from inside a field, and the focus returns there.
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    assert focused(page) == "composer_body"
    page.keyboard.press("Control+k")
    page.keyboard.type("漏油")
    expect(page.locator(".palette-hit").first).to_be_visible()
    assert faults(page) == []
    place = page.get_attribute(".palette-hit", "href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{place}")
    page.keyboard.press("Control+k")
    page.keyboard.type("，。")
    expect(page.locator("#palette [role=status]")).to_have_text("There is no word or number in this to search for.")
    expect(page.locator(BOX)).to_have_attribute("aria-expanded", "false")


def test_the_palette_says_when_the_session_has_ended(desk):
    page = desk("handler")
    page.context.clear_cookies()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=status]")).to_contain_text("This could not be loaded.")


def test_on_a_phone_the_palette_opens_from_the_menu_and_fits(desk):
    page = desk("frontline", language="zh-hans", size="phone")
    # Somebody who zooms in far has the phone's page and a keyboard.
    page.keyboard.press("/")
    assert focused(page) == "q-phone"
    page.keyboard.press("Escape")
    menu = page.locator("details.menu").filter(has=page.locator("[data-opens=palette]"))
    menu.locator("summary").click()
    expect(page.locator("[data-opens=keys-help]")).to_be_hidden()
    page.locator("[data-opens=palette]").tap()
    expect(page.locator(f"{PALETTE} [role=option]").first).to_be_visible()
    for kbd in page.locator("kbd").all():
        expect(kbd).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert all(option.bounding_box()["height"] >= 44 for option in page.locator(f"{PALETTE} [role=option]").all()[:4])
    assert faults(page) == []
    page.locator(BOX).fill("发票")
    expect(page.locator(".palette-hit").first).to_be_visible()
    page.locator(".palette-hit").first.tap()
    page.wait_for_url("**/complaints/C-*/")


def test_english_comes_from_the_palette(desk):
    page = desk("handler", language="zh-hans")
    page.keyboard.press("Control+k")
    page.keyboard.type("English")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_case_is_printed_white_on_a_dark_screen(desk, places, size):  # noqa: F811 - the fixture
    page = desk("supervisor", size=size, color_scheme="dark")
    page.goto(f"/complaints/{places['assigned']}/print/")
    page.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
    page.click("[data-print]")
    assert page.get_attribute("body", "data-printed") == "yes"
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".paper-bar")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
