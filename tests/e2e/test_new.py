"""From the poster's code to the thanks and the link, on a phone: both languages, with and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.complaints import samples
from tests.e2e.conftest import visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHOTO, PDF = "tests/e2e/photo.png", samples.pdf()
SITE_CODE = "from accounts.models import Team; print(Team.objects.exclude(site_code=None).latest('pk').site_code)"
STORY = {"en": "Pump 4 said 52.3 litres, my tank holds 50.", "zh-hans": "4号枪显示52.3升，我的油箱才50升。"}
THANKS = {"en": "Thank you. We have it.", "zh-hans": "谢谢您，我们收到了。"}


@pytest.fixture
def form_of_a_site(stack) -> str:
    return f"/new/{stack.manage('shell', '--no-imports', '-c', SITE_CODE).split()[-1]}/"


def send(page: Page):
    page.locator("main .pub-actions [type=submit]").last.click()


def fits(page: Page) -> bool:
    """Whether nothing stands out of the screen to the side."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_the_poster_to_the_link(browser, stack, form_of_a_site, language, scripts):
    context = visitor(browser, stack, language=language, size="phone", java_script_enabled=scripts)
    page = context.new_page()
    page.goto(form_of_a_site)
    if scripts:
        assert fits(page)
        page.locator("[name=narrative]").focus()
        expect(page.locator("input[name=answer]")).to_be_attached()
    # Nothing typed is lost by what is missing.
    page.fill("[name=desired_outcome]", "OK?")
    send(page)
    expect(page.locator(".error-summary li")).to_have_count(2)
    expect(page.locator("[name=desired_outcome]")).to_have_value("OK?")
    page.fill("[name=narrative]", STORY[language])
    page.locator("label:has([name=danger][value=yes])").click()
    expect(page.locator("[name=now]")).to_be_visible()
    page.locator("label:has([name=danger][value=no])").click()
    # Without scripts all of the form is shown: nothing can be lost.
    expect(page.locator("[name=now]")).to_be_visible(visible=not scripts)
    page.locator("label:has([name=how][value=link])").click()
    expect(page.locator("[name=phone]")).to_be_visible(visible=not scripts)
    send(page)
    page.wait_for_url("**/thanks/")
    expect(page.locator("h1")).to_have_text(THANKS[language])
    expect(page.locator(".answer .when")).to_contain_text(re.compile(r"\d\d:\d\d"))
    picture = page.locator(".keep img")
    assert page.request.get(picture.get_attribute("src")).headers["content-type"] == "image/png"
    address = page.locator("#link").input_value()
    assert address in page.url
    if scripts:
        assert fits(page)
    page.locator("main .btn-primary").click()
    page.wait_for_url(address)
    expect(page.locator("main")).to_contain_text(STORY[language][:5])
    context.close()


def test_what_was_typed_survives_a_closed_tab_until_it_is_sent(browser, stack, form_of_a_site):
    context = visitor(browser, stack, size="phone")
    page = context.new_page()
    page.goto(form_of_a_site)
    page.fill("[name=narrative]", "The pump leaks since Monday")
    page.fill("[name=phone]", "139 0000 4417")
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto(form_of_a_site)
    expect(page.locator("[name=narrative]")).to_have_value("The pump leaks since Monday")
    expect(page.locator(".draft-note")).to_be_visible()
    send(page)
    page.wait_for_url("**/thanks/")
    page.goto(form_of_a_site)
    expect(page.locator("[name=narrative]")).to_have_value("")
    context.close()


# The browser has no microphone here: a tone stands for it.
TONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const stream = context.createMediaStreamDestination();
  tone.connect(stream);
  tone.start();
  return stream.stream;
};
"""


def test_after_a_dropped_line_only_the_file_that_failed_is_sent_again(browser, stack, form_of_a_site):
    context = visitor(browser, stack, size="phone")
    page = context.new_page()
    page.goto(form_of_a_site)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/new/files/") else None)
    page.set_input_files("[name=evidence]", PHOTO)
    expect(page.locator(".files .is-done")).to_have_count(1)
    page.route("**/new/files/", lambda route: route.abort("connectionreset"))
    page.set_input_files("[name=evidence]", {"name": "receipt.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(page.locator(".files .is-failed")).to_contain_text("receipt.pdf")
    assert fits(page)

    # The form says so before it goes without the file.
    page.fill("[name=narrative]", STORY["en"])
    page.locator("label:has([name=how][value=link])").click()
    send(page)
    expect(page.locator("[data-problem]")).to_be_visible()
    page.unroute("**/new/files/")
    page.locator(".is-failed [data-again]").click()
    expect(page.locator(".files .is-done")).to_have_count(2)
    assert len(sent) == 3, "the photo, and the receipt twice"
    send(page)
    page.wait_for_url("**/thanks/")
    page.locator("main .btn-primary").click()
    expect(page.locator("main")).to_contain_text("photo.png")
    expect(page.locator("main")).to_contain_text("receipt.pdf")
    context.close()


def test_the_form_waits_for_a_file_on_its_way_and_one_can_be_taken_back(browser, stack, form_of_a_site):
    context = visitor(browser, stack, size="phone")
    page = context.new_page()
    page.goto(form_of_a_site)
    page.set_input_files("[name=evidence]", PHOTO)
    expect(page.locator(".files .is-done")).to_have_count(1)
    page.locator(".files [data-remove]").click()
    expect(page.locator(".files li")).to_have_count(0)
    held = []
    page.route("**/new/files/", lambda route: held.append(route))
    page.set_input_files("[name=evidence]", {"name": "receipt.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.fill("[name=narrative]", STORY["en"])
    page.locator("label:has([name=how][value=link])").click()
    send(page)
    expect(page.locator("[data-problem]")).to_be_visible()
    page.wait_for_function("document.querySelector('.is-sending')")
    for route in held:
        route.continue_()
    page.wait_for_url("**/thanks/")
    page.locator("main .btn-primary").click()
    expect(page.locator("main")).to_contain_text("receipt.pdf")
    expect(page.locator("main")).not_to_contain_text("photo.png")
    context.close()


def test_a_voice_note_is_recorded_on_the_page_and_sent_as_sound(browser, stack, form_of_a_site):
    context = visitor(browser, stack, size="phone")
    context.add_init_script(TONE)
    page = context.new_page()
    page.goto(form_of_a_site)
    page.locator("[data-record]").click()
    expect(page.locator("[data-time]")).to_contain_text("0:01 / 3:00")
    page.locator("[data-cancel]").click()
    expect(page.locator(".files li")).to_have_count(0)
    page.locator("[data-record]").click()
    expect(page.locator("[data-time]")).to_contain_text("0:01 / 3:00")
    page.locator("[data-stop]").click()
    expect(page.locator(".files .is-done")).to_contain_text("Voice note 1")
    page.fill("[name=narrative]", STORY["en"])
    page.locator("label:has([name=how][value=link])").click()
    send(page)
    page.wait_for_url("**/thanks/")
    page.locator("main .btn-primary").click()
    expect(page.locator("main audio")).to_have_count(1)
    context.close()


def test_without_scripts_files_go_with_the_form_and_are_kept_when_it_comes_back(browser, stack, form_of_a_site):
    context = visitor(browser, stack, size="phone", java_script_enabled=False)
    page = context.new_page()
    page.goto(form_of_a_site)
    expect(page.locator("[data-record]")).to_be_hidden()
    page.set_input_files("[name=evidence]", PHOTO)
    send(page)
    expect(page.locator(".files .is-done")).to_contain_text("photo.png")
    page.fill("[name=narrative]", STORY["en"])
    page.locator("label:has([name=how][value=link])").click()
    send(page)
    page.wait_for_url("**/thanks/")
    page.locator("main .btn-primary").click()
    expect(page.locator("main")).to_contain_text("photo.png")
    context.close()
