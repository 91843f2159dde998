"""Long selects are searched by typing: with the keyboard, for screen readers, and as a form without a script."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _in_english(stack):
    stack.sql("UPDATE accounts_person SET language = 'en'")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_time_zone_is_found_by_typing_and_chosen_with_the_keyboard(browser, stack, size):
    page = signed_in(browser, stack, "handler", size=size)
    page.goto("/preferences/")
    zone = page.get_by_role("combobox", name="Time zone")
    assert zone.input_value() == "Asia / Shanghai"
    page.locator("label", has_text="Time zone").click()
    page.keyboard.type("berl")
    options = page.get_by_role("option")
    assert options.filter(visible=True).all_text_contents() == ["Berlin"]
    assert zone.get_attribute("aria-activedescendant") == options.filter(visible=True).get_attribute("id")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Enter")
    assert zone.input_value() == "Europe / Berlin"
    assert page.locator("select[name=time_zone]").input_value() == "Europe/Berlin"
    assert zone.get_attribute("aria-expanded") == "false"
    page.context.close()


def test_escape_and_leaving_choose_nothing_and_arrows_walk(browser, stack):
    page = signed_in(browser, stack, "handler")
    page.goto("/preferences/")
    zone, select = page.get_by_role("combobox", name="Time zone"), page.locator("select[name=time_zone]")
    before = select.input_value()
    zone.click()
    page.keyboard.type("nowhere at all")
    assert page.get_by_text("Nothing of that name").count()
    page.keyboard.press("Escape")
    assert zone.input_value() == "Asia / Shanghai"
    zone.click()
    page.keyboard.type("europe")
    page.get_by_role("heading", level=1).click()
    assert (zone.input_value(), select.input_value()) == ("Asia / Shanghai", before)
    zone.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert select.input_value() != before
    page.context.close()


def test_without_a_script_it_is_a_select_in_groups(browser, stack):
    context = visitor(browser, stack, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", "handler")
    page.fill("[name=password]", "desk-demo-2026")
    page.press("[name=password]", "Enter")
    page.goto("/preferences/")
    assert page.locator("select[name=time_zone] optgroup[label=Asia] option[value='Asia/Shanghai']").count() == 1
    assert page.get_by_role("combobox", name="Time zone").is_visible()
    context.close()
