"""Many at once in a browser: ticks that outlive a refresh, one reason for all, a long run watched and left."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=SIZES)
def page(request, browser, stack):
    stack.sql("UPDATE accounts_person SET language = 'en', theme = ''")
    page = signed_in(browser, stack, "supervisor", size=request.param)
    yield page
    page.context.close()


def box(page: Page, reference: str):
    return page.get_by_role("checkbox", name=reference)


def at_hexi(stack, status: str) -> list[str]:
    rows = stack.sql(
        "SELECT c.reference FROM complaints_complaint c JOIN accounts_team t ON t.id = c.team_id"
        " WHERE c.status = %s AND t.name LIKE 'Hexi%%'"
        # What was upheld stays in other hands than before.
        " AND NOT EXISTS (SELECT 1 FROM complaints_appeal a WHERE a.complaint_id = c.id) ORDER BY c.id LIMIT 2",
        status,
    )
    return [reference for (reference,) in rows]


def renew(page: Page):
    """Let the list renew itself now, and wait until it has."""
    with page.expect_response(lambda response: "/queue/" in response.url):
        page.evaluate("htmx.trigger('#queue-rows', 'renew')")
    # Not wait_for_function(): it evaluates text in the page, which the page's content policy forbids.
    expect(page.locator("#queue-rows.htmx-request, #queue-rows .htmx-swapping")).to_have_count(0)


def press(page: Page, action: str):
    """Choose an action in the bar: on a phone all but the first stand in a menu."""
    more = page.locator(".bulkbar details summary")
    button = page.locator(f".bulkbar button[value={action}] >> visible=true")
    if not button.count() and more.is_visible():
        more.click()
    button.click()
    page.wait_for_url("**/bulk/*/")


def choose_assignee(page: Page, name: str):
    """Choose a person of Hexi Road station."""
    option = page.locator("select[name=assignee] optgroup", has_text="Hexi").locator("option", has_text=name)
    page.select_option("select[name=assignee]", value=option.first.get_attribute("value"))


def nothing_in_the_way(page: Page):
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_ticked_rows_stay_through_a_refresh_and_change_hands_with_one_reason(page, stack):
    resolving, early = at_hexi(stack, "assigned")[0], at_hexi(stack, "received")[0]
    page.goto("/queue/?view=team")
    bar = page.locator(".bulkbar")
    expect(bar).to_be_hidden()
    box(page, early).check()
    box(page, resolving).focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("2 selected")
    renew(page)
    for reference in (early, resolving):
        expect(box(page, reference)).to_be_checked()
        expect(page.locator("tr.case-row", has=box(page, reference))).to_have_class(re.compile("is-selected"))
    expect(box(page, resolving)).to_be_focused()
    expect(bar).to_contain_text("2 selected")
    nothing_in_the_way(page)
    press(page, "reassign")
    nothing_in_the_way(page)
    choose_assignee(page, "whoever is free")
    page.fill("[name=reason]", "Shift change")
    page.get_by_role("button", name="Reassign 2 complaints").click()
    expect(page.get_by_text("Done: 1. Refused: 1.")).to_be_visible()
    expect(page.locator("main")).to_contain_text(early)
    expect(page.locator("main")).to_contain_text("is not possible at the stage")
    nothing_in_the_way(page)
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile("/queue/\\?view=team$"))
    choose_back(page, resolving)


def choose_back(page: Page, reference: str):
    """Hand the case back to a person, so that the next one who plays finds it as it was."""
    box(page, reference).check()
    press(page, "reassign")
    choose_assignee(page, "Li Min")
    page.fill("[name=reason]", "Back again")
    page.get_by_role("button", name="Reassign 1 complaint").click()
    expect(page.get_by_text("Done: 1. None was refused.")).to_be_visible()


def test_all_that_match_are_worked_through_by_a_worker_and_found_again(page, stack):
    page.goto("/queue/?view=all")
    if page.viewport_size["width"] > 1000:
        page.locator("#row-all").check()
    else:
        page.locator("tr.case-row input[name=row]").first.check()
    page.locator(".bulkbar [name=all]").check()
    matching = page.locator(".bulk-all .count").inner_text()
    expect(page.locator(".bulk-count")).to_have_text(f"{matching} selected")
    assert int(matching) > 20
    press(page, "category")
    page.select_option("select[name=category]", index=3)
    page.fill("[name=reason]", "Sorted anew")
    page.get_by_role("button", name=f"Change the category of {matching} complaints").click()
    page.goto("/queue/")
    # The queue says that it is under way, or, where the worker was quicker, that it is over.
    expect(page.locator("#bulk-now a, #bulk-over a")).to_contain_text(
        f"Changing the category of {matching} complaints"
    )
    nothing_in_the_way(page)
    page.locator("summary", has_text=re.compile(r"^\s*[A-Z]{2}\s*$")).click()
    page.get_by_role("link", name="Bulk actions").click()
    page.get_by_role("link", name=f"Change the category of {matching} complaints").first.click()
    # An archived case is read-only: the page turns into the result by itself.
    expect(page.get_by_text(re.compile(r"Done: \d+\. Refused: \d+\."))).to_be_visible(timeout=60_000)
    expect(page.get_by_text("An archived complaint is read-only.").first).to_be_visible()


def test_clear_unticks_everything_and_hides_the_bar(page):
    page.goto("/queue/?view=team")
    boxes = page.locator("tr.case-row input[name=row]")
    for number in (0, 1):
        boxes.nth(number).check()
    page.get_by_role("button", name="Clear selection").click()
    expect(page.locator(".bulkbar")).to_be_hidden()
    expect(page.locator("tr.case-row input[name=row]:checked")).to_have_count(0)
    expect(boxes.first).to_be_focused()


def test_the_bar_works_without_javascript(browser, stack):
    context = visitor(browser, stack, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/?next=/queue/")
    page.fill("[name=login]", "supervisor")
    page.fill("[name=password]", "desk-demo-2026")
    page.press("[name=password]", "Enter")
    page.goto("/queue/?view=team")
    page.locator("tr.case-row input[name=row]").first.check()
    page.locator(".bulkbar button[value=category] >> visible=true").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change the category of 1 complaint")
    context.close()
