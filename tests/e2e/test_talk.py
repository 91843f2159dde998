"""The conversation as it happens: undo and sending, who else is here, both versions, drafts that survive."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, SIZES, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOX = "#composer [name=body]"


@pytest.fixture(params=list(SIZES))
def size(request) -> str:
    return request.param


@pytest.fixture
def case(stack, size) -> str:
    """A case in the hands of the handler whose customer has an address: one for each size, in English."""
    stack.sql("UPDATE accounts_person SET language = 'en', theme = ''")
    # Most customers of the demo leave a phone only.
    stack.sql(
        """UPDATE complaints_customer SET email = 'customer' || id || '@demo.example'
           WHERE email = '' AND id IN (SELECT customer_id FROM complaints_complaint WHERE status = 'assigned')"""
    )
    rows = stack.sql(
        """UPDATE complaints_complaint AS c SET handler_id = p.id
           FROM complaints_customer u, accounts_person p, accounts_membership m
           WHERE u.id = c.customer_id AND p.username = 'handler' AND m.person_id = p.id AND m.team_id = c.team_id
               AND c.status = 'assigned' AND u.email <> '' RETURNING c.reference"""
    )
    return sorted(reference for (reference,) in rows)[list(SIZES).index(size)]


def opened(browser, stack, who: str, size: str, case: str) -> Page:
    page = signed_in(browser, stack, who, size=size)
    page.goto(f"/complaints/{case}/")
    return page


def stands_in_nobodys_way(page: Page, size: str):
    found = [f"{one['id']} {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def write(page: Page, text: str):
    page.fill(BOX, text)
    page.locator("#composer .btn-primary").click()


def test_a_reply_is_undone_then_sent_by_itself_and_mailed(browser, stack, case, size):
    page = opened(browser, stack, "handler", size, case)
    write(page, f"Too early, {size}.")
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(BOX)).to_have_value(f"Too early, {size}.")
    expect(page.locator(BOX)).to_be_focused()
    assert stack.sql("SELECT 1 FROM complaints_waitingreply") == []

    write(page, f"We measure on Thursday at 10:00, {size}.")
    waiting = page.locator(".entry--waiting")
    expect(waiting).to_contain_text("Sends at")
    expect(page.locator("#talk-said")).to_contain_text("Until then you can undo it.")
    expect(page.locator(BOX)).to_have_value("")
    stands_in_nobodys_way(page, size)
    page.fill(BOX, "I write on meanwhile.")
    expect(waiting).to_have_count(0, timeout=60_000)
    expect(page.locator("#talk-said")).to_have_text("Sent to the customer.")
    expect(page.locator(".entry--out").last).to_contain_text(f"We measure on Thursday at 10:00, {size}.")
    expect(page.locator(BOX)).to_have_value("I write on meanwhile.")
    ends = time.monotonic() + 60
    while not any(f"Thursday at 10:00, {size}" in mail for mail in stack.mails()):
        assert time.monotonic() < ends, "it was not mailed"
        time.sleep(0.3)
    assert not any("Too early" in mail for mail in stack.mails())
    page.context.close()


def test_two_people_see_each_other_and_neither_overwrites_the_other(browser, stack, case, size):
    first, second = (opened(browser, stack, who, size, case) for who in ("supervisor", "handler"))
    second.reload()
    expect(second.locator("#here")).to_contain_text("Chen Jing")
    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(first.locator("#here")).to_contain_text("Li Min")

    solution = "#resolve_solution"
    for page in (first, second):
        page.evaluate("for (const fold of document.querySelectorAll('#next details')) fold.open = true")
    first.fill(solution, f"Pump closed off, {size}")
    second.fill(solution, f"Pump repaired, {size}")
    first.locator("button[formaction$='/save/resolve/']").click()
    first.wait_for_url(f"**/complaints/{case}/")
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(second.locator("#changed")).to_contain_text("Chen Jing · Result: progress saved")
    expect(second.locator(solution)).to_be_focused()
    stands_in_nobodys_way(second, size)

    second.locator("button[formaction$='/save/resolve/']").click()
    both = second.locator(".error-summary .both")
    expect(both).to_contain_text(f"Pump closed off, {size}")
    expect(both).to_contain_text(f"Pump repaired, {size}")
    stands_in_nobodys_way(second, size)
    for page in (first, second):
        page.context.close()


def test_a_draft_survives_a_closed_tab_and_a_lost_session(browser, stack, case, size):
    page = opened(browser, stack, "handler", size, case)
    page.fill(BOX, "Half a sentence")
    page.check("#composer [name=kind][value=internal]", force=True)
    page.close(run_before_unload=True)
    page = page.context.new_page()
    page.goto(f"/complaints/{case}/")
    expect(page.locator(BOX)).to_have_value("Half a sentence")
    expect(page.locator("#composer .draft-note")).to_contain_text("Your unsent text was restored.")
    stands_in_nobodys_way(page, size)
    expect(page.locator("#composer [name=kind][value=internal]")).to_be_checked()

    page.fill(BOX, "A whole sentence.")
    page.context.clear_cookies(name="sessionid")
    page.locator("#composer .btn-primary").click()
    expect(page.locator("main")).to_contain_text("A whole sentence.")
    page.get_by_role("link", name="Sign in").click()
    page.fill("[name=login]", "handler")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**/complaints/{case}/")
    expect(page.locator(BOX)).to_have_value("A whole sentence.")
    page.locator("#composer .btn-primary").click()
    expect(page.locator(".entry--note").last).to_contain_text("A whole sentence.")
    page.reload()
    expect(page.locator(BOX)).to_have_value("")
    expect(page.locator(".draft-note")).to_have_count(0)

    page.locator("#promises summary", has_text="Make a promise").click()
    page.fill("#promises [name=words]", "The technician comes")
    page.reload()
    # Its fold was closed; what comes back is seen.
    expect(page.locator("#promises [name=words]")).to_have_value("The technician comes")
    expect(page.locator("#promises .draft-note")).to_be_visible()
    stands_in_nobodys_way(page, size)
    page.goto(page.locator("#promises form[data-draft]").get_attribute("action"))
    expect(page.locator("[name=words]")).to_have_value("The technician comes")
    page.goto(f"/complaints/{case}/")

    page.fill(BOX, "Nobody else's business")
    page.locator("summary[aria-label*='your account']").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:'))") == []
    page.context.close()
