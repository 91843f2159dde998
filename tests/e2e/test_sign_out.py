"""After signing out nobody reads on with "Back", in a browser that keeps pages in memory as people's do."""

import pytest
from playwright.sync_api import expect

from tests.conftest import CHROMIUM
from tests.e2e.conftest import ARGUMENTS, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NO_MEMORY = "--disable-back-forward-cache"


@pytest.fixture
def with_memory(browser):
    """Playwright switches the memory of pages off; nobody's browser does."""
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=[NO_MEMORY])
    yield chromium
    chromium.close()


def test_back_shows_no_case_after_somebody_signed_out(with_memory, stack):
    page = signed_in(with_memory, stack, "handler")
    reference = page.locator(".case-row .q-ref").first.inner_text().split()[0]
    page.goto(f"/complaints/{reference}/")
    expect(page.locator("h1")).to_be_visible()
    page.locator(".topbar summary:has(.avatar)").click()
    page.locator("form[action='/account/logout/'] button").click()
    page.wait_for_url("**/account/login/**")
    for _step in range(2):
        page.go_back(wait_until="load")
        expect(page.locator("[name=login]")).to_be_visible()
        expect(page.locator(".case-grid, .case-row")).to_have_count(0)
