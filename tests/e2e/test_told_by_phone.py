"""A customer with a phone and no e-mail, from the counter to the archive, in a browser: told by phone each time."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES
from tests.e2e.test_life_of_a_case import Play, handler_archives, supervisor_assigns

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RESTATEMENT = {
    "en": "The nozzle of island 2 drips diesel.\nThe shoes of the customer are ruined.",
    "zh-hans": "2号岛油枪滴漏柴油。\n客户的鞋被弄脏。",
}
SAID = {
    "en": "Somebody measures the pump on Thursday at 10:00.",
    "zh-hans": "周四上午10:00有人来检测加油机。",
}
PHONES = {"desktop": "136 0000 7711", "phone": "136 0000 7722"}


def stands_in_nobodys_way(page: Page, size: str):
    found = [f"{one['id']} {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], page.url


def to_say(play: Play) -> list[str]:
    rows = play.stack.sql(
        """SELECT n.event FROM followups_notice n JOIN complaints_complaint c ON c.id = n.complaint_id
           WHERE c.reference = %s AND n.state = 'to_say' ORDER BY n.id""",
        play.reference,
    )
    return [event for (event,) in rows]


def promise(play: Play, kind: str) -> str:
    rows = play.stack.sql(
        """SELECT p.state FROM followups_promise p JOIN complaints_complaint c ON c.id = p.complaint_id
           WHERE c.reference = %s AND p.kind = %s ORDER BY p.id DESC LIMIT 1""",
        play.reference,
        kind,
    )
    return rows[0][0] if rows else ""


def logged_at_the_counter(play: Play):
    page = play.page_of("frontline")
    page.goto("/complaints/new/")
    page.fill("[name=narrative]", play.words["narrative"])
    page.fill("[name=phone]", PHONES[play.size])
    page.fill("[name=name]", "刘洋" if play.language == "zh-hans" else "Liu Yang")
    page.check(f"input[name=language][value={play.language}]", force=True)
    page.locator("main form[data-submit-keys] .log-actions button").click()
    page.wait_for_url(re.compile(r"/complaints/C-\d{4}-\d{6}/"))
    play.reference = re.search(r"C-\d{4}-\d{6}", page.url)[0]
    assert to_say(play) == ["customer_acknowledged"]
    assert promise(play, "tell") == "open"
    stands_in_nobodys_way(page, play.size)


def nobody_answers_and_then_they_are_told(play: Play):
    """From the list of calls: the first one in vain, the second one reaches them."""
    page = play.page_of("frontline")
    page.goto("/callbacks/")
    row = page.locator(f"a[href='/complaints/{play.reference}/tell/']").first
    expect(row).to_be_visible()
    stands_in_nobodys_way(page, play.size)
    row.click()
    page.wait_for_url("**/tell/")
    expect(page.locator(".say-it")).to_contain_text(play.reference)
    expect(page.locator(".say-it")).not_to_contain_text("http")
    stands_in_nobodys_way(page, play.size)
    page.locator("button[name=outcome][value=no_answer]").click()
    page.wait_for_url("**/callbacks/")
    assert to_say(play) == ["customer_acknowledged"]
    tell_all(play)
    # That we have it is no contact yet.
    assert promise(play, "first_contact") == "open"


def tell_all(play: Play, words: str = ""):
    page = play.page_of("frontline")
    page.goto(f"/complaints/{play.reference}/tell/")
    if words:
        page.fill("[name=words]", words)
    page.locator("main form[novalidate] button[type=submit].btn-primary").click()
    page.wait_for_url(f"**/complaints/{play.reference}/**")
    expect(page.locator(".error-summary")).to_have_count(0)
    assert to_say(play) == []
    assert promise(play, "tell") == "kept"


def verified_by_phone(play: Play):
    page = play.case("frontline")
    page.check("#verify_identity_confirmed")
    page.fill("#verify_occurred_at", "2026-11-01T08:40")
    page.check("#verify_evidence_asked")
    page.fill("#verify_tried_already", "Told the attendant")
    page.fill("#verify_desired_outcome", "Repair the nozzle")
    page.fill("#verify_restatement", RESTATEMENT[play.language])
    page.check("[name=confirmed_how][value=phone]", force=True)
    play.take_step(page, "verify")
    assert play.status() == "verified"
    assert promise(play, "first_contact") == "kept"


def the_handler_says_it_and_notes_it(play: Play):
    """The reply box asks how the customer hears it, since no message reaches them."""
    if "customer_dates_changed" in to_say(play):
        tell_all(play)
    page = play.case("handler")
    page.fill("#composer [name=body]", SAID[play.language])
    page.locator("#composer [name=told][value=phone]").check(force=True)
    page.locator("#composer .btn-primary").click()
    told = """SELECT t.way, t.evidence FROM followups_telling t JOIN complaints_complaint c ON c.id = t.complaint_id
              WHERE c.reference = %s AND t.about = 'customer_message' AND t.message_id IS NOT NULL"""
    assert play.wait_for(told, play.reference) == [("phone", "spoken")]
    assert to_say(play) == []
    page = play.case("handler")
    expect(page.locator("main")).to_contain_text(SAID[play.language])
    stands_in_nobodys_way(page, play.size)


def the_handler_puts_it_in_the_list(play: Play):
    page = play.case("handler")
    page.fill("#composer [name=body]", f"{SAID[play.language]} 2")
    page.locator("#composer .btn-primary").click()
    owed = """SELECT 1 FROM followups_notice n JOIN complaints_complaint c ON c.id = n.complaint_id
              WHERE c.reference = %s AND n.state = 'to_say' AND n.event = 'customer_message'"""
    play.wait_for(owed, play.reference)
    tell_all(play, "好的，谢谢。" if play.language == "zh-hans" else "Fine, thank you.")


def late_they_are_told_by_phone_too(play: Play):
    (broken,) = play.stack.sql(
        """UPDATE followups_promise p SET due_at = clock_timestamp() + interval '2 seconds', warn_at = NULL
           FROM complaints_complaint c WHERE c.id = p.complaint_id AND c.reference = %s
           AND p.state = 'open' AND p.kind = 'resolution' RETURNING p.id""",
        play.reference,
    )
    play.wait_for("SELECT 1 FROM followups_promise WHERE id = %s AND state = 'broken'", broken[0])
    assert to_say(play) == ["customer_promise_broken"]
    page = play.page_of("frontline")
    page.goto(f"/complaints/{play.reference}/tell/")
    expect(page.locator(".say-it")).to_contain_text(play.words["sorry"])
    stands_in_nobodys_way(page, play.size)
    tell_all(play)


def the_result_is_told_by_phone(play: Play):
    page = play.case("handler")
    page.fill("#resolve_finding_1", "Seal worn out")
    page.fill("#resolve_finding_2", "Seen on the photo")
    page.select_option("#resolve_cause", index=1)
    page.fill("#resolve_solution", "Nozzle changed, 200 yuan for the shoes")
    page.check("[name=told_how][value=phone]", force=True)
    page.fill("#resolve_told_note", play.words["reply"])
    play.take_step(page, "resolve")
    assert play.status() == "resolved"
    assert to_say(play) == []


def asked_in_the_call(play: Play):
    page = play.page_of("frontline")
    ((callback,),) = play.stack.sql(
        """SELECT b.id FROM followups_callback b JOIN complaints_complaint c ON c.id = b.complaint_id
           WHERE c.reference = %s AND b.state = 'open'""",
        play.reference,
    )
    page.goto(f"/callbacks/{callback}/")
    stands_in_nobodys_way(page, play.size)
    call = page.locator("form[data-call]")
    for name, value in (("solved", "yes"), ("rating", "5")):
        chosen = call.locator(f"[name={name}][value='{value}']").get_attribute("id")
        call.locator(f"label[for={chosen}]").click()
    call.locator("button[value=reached]").click()
    page.wait_for_load_state()
    play.wait_for("SELECT 1 FROM followups_callback WHERE id = %s AND state = 'done'", callback, seconds=5)
    assert play.status() == "feedback"


@pytest.mark.parametrize(("language", "size"), [("zh-hans", "desktop"), ("en", "phone")])
def test_somebody_with_a_phone_only_hears_of_everything(browser, stack, language, size):
    play = Play(browser, stack, language, size)
    try:
        logged_at_the_counter(play)
        nobody_answers_and_then_they_are_told(play)
        verified_by_phone(play)
        supervisor_assigns(play)
        the_handler_says_it_and_notes_it(play)
        the_handler_puts_it_in_the_list(play)
        late_they_are_told_by_phone_too(play)
        the_result_is_told_by_phone(play)
        asked_in_the_call(play)
        handler_archives(play)
        mailed = """SELECT 1 FROM followups_notice n JOIN complaints_complaint c ON c.id = n.complaint_id
                    WHERE c.reference = %s AND n.to_customer AND n.channel = 'email'"""
        assert stack.sql(mailed, play.reference) == []
        assert "has a duty" in stack.manage("audit_duties")
    finally:
        for context in play.contexts.values():
            context.close()
