"""The queue in a browser: narrowed, sorted, saved, shared, searched, and renewed while somebody reads it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICKED = ("Site", "Category")
BOTH = pytest.mark.parametrize("size", SIZES)


@pytest.fixture(autouse=True)
def _everybody_reads_english(stack):
    stack.sql("UPDATE accounts_person SET language = 'en', theme = ''")


def sits_well(page: Page, size: str):
    """Nothing stands in anybody's way, and the page does not scroll sideways."""
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def chips(page: Page) -> list[str]:
    return page.locator(".queue-filters .chip > span").all_inner_texts()


def open_saved(page: Page, name: str):
    page.locator("details", has=page.locator(".saved-panel")).locator("summary").click()
    page.locator(".saved-panel").get_by_role("link", name=re.compile(f"^{name}")).click()


@BOTH
def test_a_list_is_narrowed_in_the_sheet_saved_and_found_by_a_colleague(browser, stack, size):
    page = signed_in(browser, stack, "supervisor", size=size)
    page.goto("/queue/?view=all")
    opener, sheet = page.locator(".sheet > summary"), page.get_by_role("dialog", name="Filter")
    expect(sheet).to_be_hidden()
    opener.click()
    expect(sheet).to_be_visible()
    sits_well(page, size)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()

    opener.press("Enter")
    sheet.get_by_label("Danger").check()
    sites, categories = (sheet.locator(".pick-group", has=page.get_by_text(name, exact=True)) for name in PICKED)
    sites.locator("summary").click()
    sites.get_by_label("Hexi Road station").check()
    expect(sites.locator(".count")).to_have_text("1")
    categories.locator("summary").click()
    categories.get_by_role("searchbox").fill("leak")
    expect(categories.locator(".pick:visible")).to_have_text([re.compile("leak", re.I)])
    if size == "phone":
        sheet.get_by_label("Newest").check()
    sheet.get_by_role("button", name="Show").click()
    page.wait_for_url("**severity=danger**")
    assert "received_from" not in page.url
    assert sorted(chips(page)) == ["Severity: Danger", "Site: Hexi Road station"]

    page.get_by_role("link", name="Remove filter Site: Hexi Road station").click()
    expect(page.locator(".chip")).to_have_count(1)
    if size == "desktop":
        page.get_by_text("Sort: Next promise").click()
        page.locator(".menu-panel").get_by_role("link", name="Newest").click()
    page.wait_for_url("**sort=newest**")
    references = page.locator("tr.case-row .q-ref .num").all_inner_texts()
    assert references == sorted(references, reverse=True)
    assert references

    name = f"Danger {size}"
    page.get_by_text("Save this view", exact=True).click()
    page.get_by_label("Name of the view").fill(name)
    page.get_by_label("Who sees it").select_option(label="Region West")
    page.locator(".queue-save").get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text(f"Saved as “{name}”.")
    page.goto("/queue/")
    open_saved(page, name)
    page.wait_for_url("**saved=**")
    expect(page.locator(".saved-panel [aria-current]")).to_contain_text(name)
    sits_well(page, size)
    page.context.close()

    colleague = signed_in(browser, stack, "handler", size=size)
    open_saved(colleague, name)
    colleague.wait_for_url("**saved=**")
    assert chips(colleague) == ["Severity: Danger"]
    expect(colleague.locator(".saved-panel [aria-current]")).to_contain_text("Shared by")
    colleague.context.close()


@BOTH
def test_a_chinese_word_is_found_and_marked(browser, stack, size):
    page = signed_in(browser, stack, "supervisor", size=size)
    if size == "phone":
        page.locator("summary[aria-label=Search]").click()
    field = page.locator("#q-phone" if size == "phone" else "#q")
    field.fill("柴油")
    field.press("Enter")
    page.wait_for_url("**q=**")
    expect(page.locator("tr.case-row mark").first).to_have_text("柴油")
    assert chips(page) == ["Search: 柴油"]
    page.locator(".sheet > summary").click()
    sheet = page.get_by_role("dialog", name="Filter")
    sheet.get_by_label("Urgent").check()
    sheet.get_by_role("button", name="Show").click()
    page.wait_for_url("**severity=urgent**")
    assert chips(page) == ["Search: 柴油", "Severity: Urgent"]
    page.context.close()


@BOTH
def test_the_counts_renew_while_the_place_in_the_list_and_the_focus_stay(browser, stack, size):
    page = signed_in(browser, stack, "supervisor", size=size)
    page.goto("/queue/?view=all")
    waiting = page.locator("#tab-waiting .count")
    before = int(waiting.inner_text())
    page.locator("#tab-all").focus()
    page.evaluate("scrollTo(0, 300)")
    tabs = page.evaluate("document.getElementById('queue-tabs').scrollLeft")
    stack.sql(
        "UPDATE complaints_complaint SET waiting_since = now() WHERE id = ("
        "SELECT c.id FROM complaints_complaint c JOIN accounts_team t ON t.id = c.team_id "
        "WHERE t.name LIKE 'Hexi%%' AND c.status <> 'archived' AND c.waiting_since IS NULL LIMIT 1)"
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(waiting).to_have_text(str(before + 1))
    assert page.evaluate("scrollY") == 300
    assert page.evaluate("document.getElementById('queue-tabs').scrollLeft") == tabs
    expect(page.locator("#tab-all")).to_be_focused()
    page.context.close()


def test_without_script_the_sheet_is_part_of_the_page(browser, stack):
    page = signed_in(browser, stack, "supervisor", size="phone", java_script_enabled=False)
    page.goto("/queue/?view=all")
    page.locator(".sheet > summary").click()
    sheet = page.get_by_role("dialog", name="Filter")
    sheet.get_by_label("Danger").check()
    sheet.get_by_role("radio", name="Severity").check()
    sheet.get_by_role("button", name="Show").click()
    page.wait_for_url("**severity=danger**")
    assert "sort=severity" in page.url
    assert chips(page) == ["Severity: Danger"]
    page.context.close()
