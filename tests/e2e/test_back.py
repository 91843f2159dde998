"""The browser's Back brings a form from its memory, key and all: what is filled in then is logged, or said not to be.

Chromium under test switches that memory (the back/forward cache) off; here it is on, as at people's desks.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import CHROMIUM
from tests.e2e.conftest import ARGUMENTS, PASSWORD, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASE = re.compile(r"/complaints/C-\d{4}-\d{6}/")
PHOTO = "tests/e2e/photo.png"
FIRST, SECOND = "The scales of the shop show too much.", "The car wash scratched my door."


@pytest.fixture
def with_memory(browser) -> Iterator[Browser]:
    """Chromium with its back/forward cache."""
    off = ["--disable-back-forward-cache"]
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=off)
    yield chromium
    chromium.close()


@pytest.fixture(autouse=True)
def _english(stack):
    stack.sql("UPDATE accounts_person SET language = 'en', theme = ''")


def opened(browser, stack, *, script: bool):
    """A page of the frontline, signed in."""
    page = visitor(browser, stack, java_script_enabled=script).new_page()
    page.add_init_script("addEventListener('pageshow', (event) => (window.fromMemory = event.persisted))")
    page.goto("/account/login/")
    page.fill("[name=login]", "frontline")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/queue/**")
    return page


def back(page, address: str):
    """The browser's Back; a page from its memory does not load."""
    page.go_back(wait_until="commit")
    page.wait_for_url(address, wait_until="commit")
    expect(page.locator("main form").first).to_be_visible()


def log(page, story: str, phone: str):
    page.fill("[name=narrative]", story)
    page.fill("[name=phone]", phone)
    page.get_by_role("button", name="Log the complaint").click()


def logged_as(stack, story: str) -> list[str]:
    rows = stack.sql("SELECT reference FROM complaints_complaint WHERE narrative = %s ORDER BY id", story)
    return [reference for (reference,) in rows]


@pytest.mark.parametrize("stored", [True, False], ids=["kept by the browser", "as it is served"])
def test_the_next_customers_complaint_is_logged_from_the_page_that_back_brought(with_memory, stack, stored):
    page = opened(with_memory, stack, script=True)
    if stored:
        page.route("**/complaints/new/", keep)
    story, first = f"{SECOND} {stored}", f"{FIRST} {stored}"
    page.goto("/complaints/new/")
    log(page, first, "139 0000 6601")
    page.wait_for_url(CASE)
    back(page, "**/complaints/new/")
    if stored:
        assert page.evaluate("window.fromMemory"), "not fetched anew"
        # The same once more is the same.
        page.get_by_role("button", name="Log the complaint").click()
        page.wait_for_url(CASE)
        back(page, "**/complaints/new/")
    log(page, story, "139 0000 6602")
    page.wait_for_url(CASE)
    expect(page.locator(".quote")).to_contain_text(story)
    assert len(logged_as(stack, first)) == len(logged_as(stack, story)) == 1
    page.context.close()


def keep(route):
    """Let the browser keep the page, as those do that do not heed `no-store`."""
    if route.request.method == "POST":
        route.continue_()
        return
    answer = route.fetch()
    route.fulfill(response=answer, headers=answer.headers | {"cache-control": "private"})


def test_without_script_it_is_said_that_it_is_not_logged_yet_and_nothing_is_lost(with_memory, stack):
    page = opened(with_memory, stack, script=False)
    page.route("**/complaints/new/", keep)
    page.goto("/complaints/new/")
    log(page, FIRST, "139 0000 6603")
    page.wait_for_url(CASE)
    reference = CASE.search(page.url)[0].split("/")[2]
    back(page, "**/complaints/new/")
    expect(page.locator("[name=narrative]")).to_have_value(FIRST)
    page.set_input_files("#id_evidence", PHOTO)
    log(page, SECOND, "139 0000 6604")
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text(f"This form was already sent as {reference}.")
    expect(page.locator("[name=narrative]")).to_have_value(SECOND)
    expect(page.get_by_text("choose them again. photo.png")).to_be_visible()
    assert logged_as(stack, SECOND) == []
    page.set_input_files("#id_evidence", PHOTO)
    page.get_by_role("button", name="Log the complaint").click()
    page.wait_for_url(CASE)
    expect(page.locator(".thumb")).to_have_count(1)
    assert len(logged_as(stack, SECOND)) == 1
    page.context.close()


@pytest.mark.parametrize("script", [True, False])
def test_what_a_customer_adds_after_going_back_is_sent_or_said_not_to_be(with_memory, stack, script):
    ((reference,),) = stack.sql("SELECT reference FROM complaints_complaint WHERE status = 'received' LIMIT 1")
    link = stack.manage("shell", "-v", "0", "-c", LINK.format(reference)).strip().splitlines()[-1]
    page = visitor(with_memory, stack, java_script_enabled=script).new_page()
    page.goto(link)
    first, second = f"It rang at nine. {script}", f"And at ten. {script}"
    send = page.locator("form[action$='/reply/'] button")

    def said(words: str) -> int:
        return stack.sql("SELECT count(*) FROM complaints_message WHERE body = %s", words)[0][0]

    page.fill("[name=body]", first)
    send.click()
    page.wait_for_url("**/done/reply/")
    back(page, link.removeprefix(stack.url))
    page.fill("[name=body]", second)
    send.click()
    if page.locator(".error-summary").count():
        assert not script
        expect(page.locator("[name=body]")).to_have_value(second)
        send.click()
    page.wait_for_url("**/done/reply/")
    assert (said(first), said(second)) == (1, 1)
    page.context.close()


LINK = (
    "from complaints.models import Complaint; from complaints.customer import links; "
    "print(links.public_url(Complaint.objects.get(reference='{}')))"
)
