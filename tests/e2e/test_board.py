"""The supervisor's board in a browser: hand over by tick and by drag, sign, move, the wall, an absence."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TICKS = ".breaks input[name=row]"


@pytest.fixture(params=SIZES, scope="module")
def session(request, browser, stack):
    """The supervisor, signed in once a size: too many sign-ins in a row are slowed down."""
    stack.sql("UPDATE accounts_person SET language = 'en', theme = ''")
    page = signed_in(browser, stack, "supervisor", size=request.param)
    yield page
    page.context.close()


@pytest.fixture
def page(session):
    session.goto("/board/")
    return session


def renew(page: Page, region: str = "#board-lists"):
    """Let the board renew itself now, and wait until it has."""
    with page.expect_response(lambda answer: "/board/" in answer.url):
        page.evaluate(f"htmx.trigger('{region}', 'renew')")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def open_what_comes_later(page: Page):
    page.locator(".fold > summary").click()
    page.locator("#board-later > *").first.wait_for()


def nothing_in_the_way(page: Page):
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def different_cases(page: Page) -> list[str]:
    """The values of two ticks of different cases that are being worked on."""
    open_what_comes_later(page)
    values = page.locator(".breaks [data-row=reassign] input[name=row]").evaluate_all("all => all.map(a => a.value)")
    return list(dict.fromkeys(values))[:2]


def test_two_cases_change_hands_with_one_reason_and_ticks_and_notes_outlive_a_renewal(page):
    nothing_in_the_way(page)
    for value in different_cases(page):
        page.locator(f"{TICKS}[value='{value}']").first.check()
    note = page.locator(".sign input[id^=note-]").first
    note.fill("I call him at f")
    expect(page.locator("#hand-over-said")).to_have_text("Selected: 2")

    renew(page)

    expect(note).to_have_value("I call him at f")
    expect(note).to_be_focused()
    expect(page.locator("#hand-over-said")).to_have_text("Selected: 2")
    page.keyboard.type("ive")
    expect(note).to_have_value("I call him at five")
    page.locator("#hand-over-reassign").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/bulk/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Reassign 2 complaints")
    # Somebody who has neither of them yet, in either size.
    taker = "Luo Bin" if page.viewport_size == SIZES["phone"] else "Zhao Lei"
    page.select_option("select[name=assignee]", label=taker)
    page.fill("[name=reason]", "Li Min is at the dentist")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text("Done: 2. None was refused.")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    page.wait_for_url("**/board/")


@pytest.mark.parametrize("session", ["desktop"], indirect=True)
def test_a_case_dropped_on_a_handler_asks_for_the_reason_with_the_handler_filled_in(page):
    place = page.locator(".load [data-assignee]", has_text="Zhao Lei")
    seat = place.get_attribute("data-assignee")

    page.locator(".breaks [data-row=reassign] .when").first.drag_to(place)

    page.wait_for_url("**/bulk/*/")
    expect(page.locator("select[name=assignee]")).to_have_value(seat)
    expect(page.get_by_role("heading", level=1)).to_have_text("Reassign 1 complaint")
    page.go_back()
    expect(page.locator("#hand-over input[name=handler]")).to_have_value("")


def test_a_supervisor_signs_or_answers_by_a_move(page, stack):
    # Whatever the other size signed for already.
    stack.sql("UPDATE followups_escalation SET signed_at = NULL, signed_by_id = NULL WHERE signed_by_id IS NOT NULL")
    page.goto("/board/")
    forms = page.locator(".sign")
    open_what_comes_later(page)
    first = forms.first
    address = first.get_attribute("action")
    first.locator("[name=note]").fill("I drive there")
    first.get_by_role("button", name="Sign for it").click()
    expect(page.get_by_text("You signed for")).to_be_visible()
    expect(page.locator(f".sign[action='{address}']")).to_have_count(0)

    open_what_comes_later(page)
    row = forms.last.locator("xpath=ancestor::li")
    reference = row.locator(".num").first.text_content()
    row.get_by_role("link", name="Change place").click()
    page.wait_for_url("**/place/**")
    nothing_in_the_way(page)
    page.fill("[name=words]", "In the office of the station")
    page.fill("[name=due_at]", "2031-03-05T10:00")
    page.locator("main form button[type=submit]").click()
    page.locator("main form button[type=submit], .messages").first.wait_for()
    if page.get_by_text("Can we keep that?").is_visible():
        page.get_by_role("button", name="Promise it anyway").click()
    expect(page.get_by_text("The visit is promised. You signed for")).to_be_visible()
    page.goto(f"/complaints/{reference}/history/")
    expect(page.get_by_text("Escalation answered: they meet in another place").first).to_be_visible()


def test_a_supervisor_enters_the_absence_of_a_handler(page, stack):
    page.get_by_role("link", name="Absences").click()
    page.wait_for_url("**/absences/")
    nothing_in_the_way(page)
    page.get_by_role("link", name="Luo Bin").last.click()
    page.fill("[name=begins_at]", "2026-01-01T08:00")
    page.fill("[name=ends_at]", page.evaluate("new Date(Date.now() + 2e8).toISOString().slice(0, 16)"))
    page.get_by_role("button", name="Enter it").click()

    expect(page.get_by_text("The absence of Luo Bin is entered.")).to_be_visible()
    nothing_in_the_way(page)
    page.get_by_role("link", name="Reassign their open work").click()
    page.wait_for_url("**/queue/?view=team&handler=*")
    page.goto("/board/")
    expect(page.locator(".load li", has_text="Luo Bin").get_by_text("nobody stands in")).to_be_visible()
    stack.sql("DELETE FROM accounts_absence")


def test_the_wall_renews_itself_and_says_when_it_is_old(page):
    page.goto("/board/wall/")
    nothing_in_the_way(page)
    page.evaluate("document.querySelector('.wall-figures').dataset.old = 'yes'")
    renew(page, "#wall-live")
    expect(page.locator("[data-old]")).to_have_count(0)
    stale = page.get_by_text(re.compile("Not updated since"))
    expect(stale).to_be_hidden()

    # Last of all: nobody is signed in any more.
    page.context.clear_cookies()
    page.evaluate("htmx.trigger('#wall-live', 'renew')")

    expect(stale).to_be_visible()
    expect(page.locator(".wall-figures")).to_be_visible()
