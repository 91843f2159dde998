"""The bell in a browser: it counts without a reload, its panel leads to the case, and without script it is a link."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, SIZES, signed_in, visitor
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WHO = "handler"
CASE = """
SELECT id, reference FROM complaints_complaint
WHERE status = 'assigned' AND handler_id = (SELECT id FROM accounts_person WHERE username = %s) ORDER BY id LIMIT 1
"""
TELL = """
INSERT INTO followups_notice (key, complaint_id, person_id, to_customer, channel, address, language, event, data,
    state, created_at, not_before, attempts, last_error, dropped_because)
SELECT 'browser:' || gen_random_uuid(), %s, id, false, 'email', '', 'en', 'reply_received', '{}', 'shown', now(),
    now(), 0, '', '' FROM accounts_person WHERE username = %s
"""


@pytest.fixture
def desk(stack) -> Stack:
    """A desk in which the handler reads English and has seen everything."""
    stack.sql("UPDATE accounts_person SET language = 'en', notify_in_page = true WHERE username = %s", WHO)
    stack.sql("UPDATE followups_notice SET seen_at = now() WHERE seen_at IS NULL")
    return stack


def tell(stack: Stack) -> str:
    """Let the customer of one of the handler's cases have written; returns the reference."""
    (pk, reference) = stack.sql(CASE, WHO)[0]
    stack.sql(TELL, pk, WHO)
    return reference


def come_back(page: Page):
    """What the browser says when somebody looks at the tab again: the bell asks at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def violations(page: Page) -> list:
    return [(v["id"], v["nodes"][0]["target"]) for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("size", list(SIZES))
def test_what_happens_is_counted_opened_and_seen_without_a_reload(browser, desk, size):
    page = signed_in(browser, desk, WHO, size=size)
    bell, said = page.locator("#bell > summary"), page.locator("#bell-said")
    expect(page.locator("#bell-count [data-unseen='0']")).to_have_count(1)
    reference = tell(desk)
    come_back(page)
    expect(bell).to_have_text("1Notifications, one unseen")
    expect(said).to_have_text("Notifications, one unseen")

    bell.click()
    line = page.locator("#bell-panel li.is-new")
    expect(line).to_contain_text(reference)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    line.get_by_role("button").click()
    page.wait_for_url(f"**/complaints/{reference}/")
    expect(page.locator("#bell-count [data-unseen='0']")).to_have_count(1)

    tell(desk)
    tell(desk)
    page.locator("#bell > summary").click()
    expect(page.locator("#bell-panel li.is-new")).to_have_count(2)
    page.get_by_role("button", name="Mark all as seen").click()
    expect(page.locator("#bell-panel li.is-new")).to_have_count(0)
    expect(page.locator("#bell > summary")).to_have_text("Notifications")
    expect(page.locator("#bell-panel .bell-head b")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#bell")).not_to_have_attribute("open", "")

    # The sign-in page, which answers once the session has ended, is not poured into the bell.
    page.context.clear_cookies()
    with page.expect_response("**/account/login/**"):
        come_back(page)
    expect(page.locator("#bell > summary")).to_have_text("Notifications")
    expect(page.locator("form[action*=login]")).to_have_count(0)
    page.context.close()


def test_without_script_it_leads_to_the_page_with_everything(browser, desk):
    reference = tell(desk)
    page = visitor(browser, desk, java_script_enabled=False).new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", WHO)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/queue/**")
    page.locator("#bell > summary").click()
    page.get_by_role("link", name="All notifications").click()
    page.locator("li.is-new").get_by_role("button").first.click()
    page.wait_for_url(f"**/complaints/{reference}/")
    page.context.close()


def test_it_can_be_switched_off(browser, desk):
    page = signed_in(browser, desk, WHO)
    page.goto("/preferences/")
    page.get_by_label("The bell at the top of every page").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    expect(page.locator("#bell")).to_have_count(0)
    assert violations(page) == []
    page.context.close()
