"""Logging a complaint in a browser: with the keyboard alone, with the camera of a phone, and without any script."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, SIZES, signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHOTO = "tests/e2e/photo.png"
CASE = re.compile(r"/complaints/C-\d{4}-\d{6}/")
STORY = "Pump 3 printed a receipt for diesel, yet I bought petrol. My company does not take a receipt that is wrong."
TYPED_MS = 15


@pytest.fixture(autouse=True)
def _english(stack):
    stack.sql("UPDATE accounts_person SET language = 'en', theme = ''")


def test_an_intake_with_the_keyboard_alone_takes_less_than_a_minute(browser, stack, capsys):
    page = signed_in(browser, stack, "frontline")
    page.goto("/complaints/new/")
    begin = time.monotonic()
    keyboard, focused = page.keyboard, "document.activeElement.name || document.activeElement.type"

    def type_into(name: str, text: str):
        """Tab to the field that comes next in sight, and type."""
        for _step in range(12):
            if page.evaluate(focused) == name:
                keyboard.type(text, delay=TYPED_MS)
                return
            keyboard.press("Tab")
        raise AssertionError(f"{name} is not reached with the Tab key")

    type_into("narrative", STORY)
    type_into("danger", " ")
    type_into("desired_outcome", "A right receipt, by mail")
    type_into("place", "Till 2")
    keyboard.press("Tab")
    assert page.evaluate(focused) == "channel"
    keyboard.press("ArrowRight")
    type_into("phone", "139 0000 5566")
    type_into("name", "Qian Lan")
    type_into("email", "qian.lan@customer.example")
    keyboard.press("Control+Enter")
    page.wait_for_url(CASE)
    seconds = time.monotonic() - begin
    with capsys.disabled():
        print(f" keyboard-only intake: {seconds:.1f} s ", end="")
    assert seconds < 60
    expect(page.locator(".quote")).to_contain_text(STORY[:40])
    assert stack.sql(
        "SELECT channel, severity, place, desired_outcome FROM complaints_complaint WHERE reference = %s",
        CASE.search(page.url)[0].split("/")[2],
    ) == [("phone", "danger", "Till 2", "A right receipt, by mail")]
    page.context.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_what_is_known_stands_in_the_form_before_it_is_sent(browser, stack, size):
    page = signed_in(browser, stack, "frontline", size=size)
    for day in (1, 2):
        page.goto("/complaints/new/")
        expect(page.locator("#here li")).not_to_have_count(0)
        page.fill("[name=narrative]", f"The vacuum cleaner {size} swallows coins and sucks nothing, day {day}.")
        page.fill("[name=phone]", f"139 0000 77{'10' if size == 'phone' else '20'}")
        page.press("[name=phone]", "Control+Enter")
        page.wait_for_url(CASE)
    page.goto("/complaints/new/")
    page.locator("[name=narrative]").press_sequentially(f"Vacuum cleaner {size}: it swallows coins again")
    known = page.locator("#known")
    expect(known).to_contain_text("This may be logged already")
    expect(known.locator("mark", has_text="vacuum").first).to_be_visible()
    assert known.get_attribute("role") == "status"
    save = page.get_by_role("button", name="Log the complaint")
    expect(save).to_be_in_viewport() if size == "phone" else expect(save).to_be_attached()
    page.fill("[name=phone]", f"139 0000 77{'10' if size == 'phone' else '20'}")
    expect(page.locator("#to-the-top")).to_contain_text("Complaint number 3 of this customer")
    expect(page.locator("#customer")).to_contain_text("2 complaints")
    if size == "phone":
        expect(page.locator("#to-the-top")).to_be_in_viewport()
    assert [(found["id"], found["nodes"][0]["target"]) for found in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    # When the session is lost, what was typed stays and no sign-in page appears in the middle of the form.
    page.context.clear_cookies(name="sessionid")
    with page.expect_response("**/account/login/**"):
        page.locator("[name=name]").press_sequentially("Zhao")
    expect(page.locator("[name=login]")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_it_is_the_same_and_is_added_with_the_keyboard_while_enter_still_logs(browser, stack, size):
    page = signed_in(browser, stack, "frontline", size=size)
    phone = f"139 0000 78{'10' if size == 'phone' else '20'}"
    buttons = page.get_by_role("button", name="It is the same: add to that one")

    def fill_in(words: str):
        page.goto("/complaints/new/")
        page.fill("[name=narrative]", f"The air hose {size} hisses and fills no tyre. {words}")
        page.fill("[name=phone]", phone)

    for known in (0, 1):
        fill_in(f"Day {known}.")
        expect(buttons).to_have_count(known)
        page.press("[name=phone]", "Enter")
        page.wait_for_url(CASE)
    reference = CASE.search(page.url)[0].split("/")[2]
    fill_in("Nobody has called me!")
    page.set_input_files("#id_evidence", PHOTO)
    expect(buttons).to_have_count(2)
    expect(buttons.first).to_have_accessible_name(f"It is the same: add to that one ({reference})")
    if size == "phone":
        assert buttons.first.bounding_box()["height"] >= 44
    assert [(found["id"], found["nodes"][0]["target"]) for found in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.focus("[name=phone]")
    for _step in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hash") == f"#same-{reference}":
            break
    page.keyboard.press("Enter")
    expect(buttons.first).to_be_focused()
    expect(buttons.first).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/complaints/{reference}/#talk")
    entry = page.locator(".entry", has_text="Nobody has called me!")
    expect(entry.get_by_role("link", name="photo.png")).to_be_visible()
    assert [name for name in page.evaluate("Object.keys(localStorage)") if name.endswith(":log:new")] == []
    words = f"The air hose {size} %"
    assert stack.sql("SELECT count(*) FROM complaints_complaint WHERE narrative LIKE %s", words) == [(2,)]
    page.context.close()


def test_photos_are_seen_taken_out_and_refused_before_they_are_sent(browser, stack):
    page = signed_in(browser, stack, "frontline", size="phone")
    page.goto("/complaints/new/")
    camera = page.locator("#id_evidence_photo")
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == ("environment", "image/*")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    camera.set_input_files(PHOTO)
    page.set_input_files("#id_evidence", [PHOTO, "README.md"])
    chosen = page.locator("[data-chosen] li")
    expect(chosen).to_have_count(2)
    expect(chosen.first.locator("canvas")).to_be_visible()
    page.get_by_role("button", name="Remove README.md").click()
    expect(chosen).to_have_count(1)
    expect(page.get_by_role("button", name="Remove photo.png")).to_be_focused()
    page.evaluate("document.getElementById('id_evidence').dataset.mostBytes = 9")
    page.set_input_files("#id_evidence", "CHANGELOG.md")
    expect(page.locator("[data-left-out]")).to_contain_text("“CHANGELOG.md” is larger than 50 MB.")
    expect(chosen).to_have_count(1)
    page.fill("[name=narrative]", "The hand dryer of the toilet is broken.")
    page.fill("[name=phone]", "139 0000 7730")
    page.get_by_role("button", name="Log the complaint").click()
    page.wait_for_url(CASE)
    expect(page.locator(".thumb")).to_have_count(1)
    page.context.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_without_script_errors_are_said_and_a_complaint_with_a_file_is_logged(browser, stack, size):
    page = visitor(browser, stack, size=size, java_script_enabled=False).new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", "frontline")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.goto("/complaints/new/")
    page.set_input_files("#id_evidence", "README.md")
    page.get_by_role("button", name="Log the complaint").click()
    expect(page.locator(".error-summary li")).to_have_count(3)
    expect(page.locator("#id_narrative_error")).to_contain_text("Write what the customer says")
    expect(page.get_by_text("browsers forget chosen files")).to_be_visible()
    page.fill("[name=narrative]", "The door of the shop does not close, it is cold.")
    page.check("[name=wishes_no_contact]")
    page.set_input_files("#id_evidence_photo" if size == "phone" else "#id_evidence", PHOTO)
    page.get_by_role("button", name="Log the complaint").click()
    page.wait_for_url(CASE)
    expect(page.locator(".thumb")).to_have_count(1)
    page.context.close()
