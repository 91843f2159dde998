"""The whole life of one case, played by four people in a browser, with real workers and a promise that breaks."""

import re
import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import signed_in
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = {
    "en": {
        "narrative": "The new dispenser at island 2 drips diesel at the nozzle. My shoes are ruined.",
        "restatement": "The nozzle of island 2 drips diesel after hanging up.\nThe shoes of the customer are ruined.",
        "reply": "Dear Mr Liu, the nozzle is changed and you get 200 yuan for the shoes on Tuesday 24 November.",
        "thanks": "Thank you, that is fine.",
        "sorry": "sorry",
    },
    "zh-hans": {
        "narrative": "2号岛新换的加油机，挂枪以后枪嘴一直滴柴油，我的鞋毁了。",
        "restatement": "2号岛油枪挂枪后滴漏柴油。\n客户的鞋被柴油弄脏。",
        "reply": "刘先生您好，油枪已更换，11月24日（周二）退还您200元鞋款。给您添麻烦了，非常抱歉。",
        "thanks": "好的，谢谢。",
        "sorry": "抱歉",
    },
}
PHOTO = "tests/e2e/photo.png"


@dataclass
class Play:
    """One performance: a language, a screen, and who has which browser."""

    browser: Browser
    stack: Stack
    language: str
    size: str

    def __post_init__(self):
        self.words = WORDS[self.language]
        self.contexts: dict[str, BrowserContext] = {}

    def page_of(self, who: str) -> Page:
        """The page of a person, who is signed in once; "customer" needs no account."""
        if who not in self.contexts:
            account = None if who == "customer" else who
            self.stack.sql("UPDATE accounts_person SET language = %s WHERE username = %s", self.language, who)
            page = signed_in(self.browser, self.stack, account, language=self.language, size=self.size)
            self.contexts[who] = page.context
        return self.contexts[who].pages[0]

    def case(self, who: str) -> Page:
        page = self.page_of(who)
        page.goto(f"/complaints/{self.reference}/")
        return page

    def take_step(self, page: Page, action: str):
        """Press the button of the next step and land on the case, no errors shown."""
        page.locator(f"form[action$='/step/{action}/'] button[type=submit].btn-primary").click()
        page.wait_for_url(f"**/complaints/{self.reference}/**")
        expect(page.locator(".error-summary")).to_have_count(0)

    def status(self) -> str:
        return self.stack.sql("SELECT status FROM complaints_complaint WHERE reference = %s", self.reference)[0][0]

    def wait_for(self, statement: str, *values, seconds: float = 60):
        end = time.monotonic() + seconds
        while not (rows := self.stack.sql(statement, *values)):
            assert time.monotonic() < end, f"nothing came of: {statement}"
            time.sleep(0.2)
        return rows

    def mail_to(self, address: str, word: str, seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while True:
            found = [mail for mail in self.stack.mails() if address in mail and word in mail]
            if found:
                return found[-1]
            assert time.monotonic() < end, f"no mail to {address} with {word!r}"
            time.sleep(0.2)


def frontline_logs(play: Play):
    page = play.page_of("frontline")
    page.goto("/complaints/new/")
    page.fill("[name=narrative]", play.words["narrative"])
    page.fill("[name=phone]", "138 0000 9052")
    page.fill("[name=name]", f"Liu {play.language} {play.size}")
    play.address = f"liu.{play.language}.{play.size}@customer.example"
    page.fill("[name=email]", play.address)
    page.check(f"input[name=language][value={play.language}]", force=True)
    page.set_input_files("[name=evidence]", PHOTO)
    page.locator("main form[data-submit-keys] .log-actions button").click()
    page.wait_for_url(re.compile(r"/complaints/C-\d{4}-\d{6}/"))
    play.reference = re.search(r"C-\d{4}-\d{6}", page.url)[0]
    expect(page.locator(".quote")).to_contain_text(play.words["narrative"][:20])
    expect(page.locator(".thumb")).to_have_count(1)


def frontline_understands_and_the_customer_confirms(play: Play):
    page = play.case("frontline")
    page.check("#verify_identity_confirmed")
    page.fill("#verify_occurred_at", "2026-11-01T08:40")
    page.check("#verify_evidence_asked")
    page.fill("#verify_tried_already", "Told the attendant, who put sand on it")
    page.fill("#verify_desired_outcome", "Repair the nozzle, replace the shoes")
    page.fill("#verify_restatement", play.words["restatement"])
    page.check("[name=confirmed_how][value=link]", force=True)
    page.locator("button[formaction$='/save/verify/']").click()
    page.wait_for_load_state()
    assert play.status() == "received"

    mail = play.mail_to(play.address, play.reference)
    play.link = re.search(r"/c/[\w-]{43}/", mail)[0]
    customer = play.page_of("customer")
    customer.goto(play.link)
    expect(customer.locator("form[action$='/confirm/']")).to_be_visible()
    customer.locator("form[action$='/confirm/'] button[type=submit]").click()
    customer.wait_for_url("**/done/**")

    page = play.case("frontline")
    play.take_step(page, "verify")
    assert play.status() == "verified"


def supervisor_assigns(play: Play):
    page = play.case("supervisor")
    page.select_option("#assign_category", index=1)
    page.select_option("#assign_severity", "urgent")
    handler = page.locator("#assign_assignee option", has_text="李敏" if play.language == "zh-hans" else "Li Min")
    page.select_option("#assign_assignee", handler.first.get_attribute("value"))
    play.take_step(page, "assign")
    assert play.status() == "assigned"


def customer_asks_and_handler_sees_it(play: Play):
    customer = play.page_of("customer")
    customer.goto(play.link)
    customer.fill("form[action$='/reply/'] [name=body]", f"{play.words['thanks']} <b>1</b>")
    customer.set_input_files("form[action$='/reply/'] input[type=file]", PHOTO)
    customer.locator("form[action$='/reply/'] button[type=submit]").click()
    customer.wait_for_url("**/done/**")
    page = play.case("handler")
    expect(page.locator(".entry--in")).to_contain_text("<b>1</b>")
    expect(page.locator(".thumb")).to_have_count(2)


def promise_breaks_and_the_supervisor_signs(play: Play):
    (promise,) = play.stack.sql(
        """UPDATE followups_promise p SET due_at = clock_timestamp() + interval '2 seconds', warn_at = NULL
           FROM complaints_complaint c WHERE c.id = p.complaint_id AND c.reference = %s
           AND p.state = 'open' AND p.kind = 'resolution' RETURNING p.id""",
        play.reference,
    )
    play.wait_for("SELECT 1 FROM followups_promise WHERE id = %s AND state = 'broken'", promise[0])
    (escalation,) = play.stack.sql("SELECT id FROM followups_escalation WHERE promise_id = %s", promise[0])
    play.mail_to(play.address, play.words["sorry"])
    customer = play.page_of("customer")
    customer.goto(play.link)
    expect(customer.locator(".pub-list .broken, .answer")).not_to_have_count(0)

    # There are hours left to sign it, so it stands on the board only once what comes later is opened.
    page = play.case("supervisor")
    page.locator(f"form[action*='/{escalation[0]}/sign/'] button").click()
    page.wait_for_load_state()
    play.wait_for("SELECT 1 FROM followups_escalation WHERE promise_id = %s AND signed_at IS NOT NULL", promise[0])


def handler_resolves_with_a_reply(play: Play):
    page = play.case("handler")
    page.fill("#resolve_finding_1", "Seal worn out")
    page.fill("#resolve_finding_2", "Seen on the photo")
    page.select_option("#resolve_cause", index=1)
    page.fill("#resolve_solution", "Nozzle changed, 200 yuan for the shoes")
    page.check("[name=told_how][value=message]", force=True)
    page.fill("#resolve_reply", play.words["reply"])
    play.take_step(page, "resolve")
    assert play.status() == "resolved"


def customer_rates(play: Play):
    page = play.page_of("customer")
    page.goto(play.link)
    expect(page.locator("body")).to_contain_text(play.words["reply"][:24])
    rate = page.locator("form[action$='/rate/']")
    rate.locator("[name=solved][value=yes]").check(force=True)
    rate.locator("[name=rating][value='5']").check(force=True)
    rate.locator("[name=words]").fill(play.words["thanks"])
    rate.locator("button[type=submit]").click()
    page.wait_for_url("**/done/**")
    assert play.status() == "feedback"


def frontline_calls_back(play: Play):
    """The customer did not answer on the link, so somebody calls; the answer is the feedback."""
    page = play.page_of("frontline")
    ((callback,),) = play.stack.sql(
        """SELECT b.id FROM followups_callback b JOIN complaints_complaint c ON c.id = b.complaint_id
           WHERE c.reference = %s AND b.state = 'open'""",
        play.reference,
    )
    page.goto(f"/callbacks/{callback}/")
    call = page.locator("form[data-call]")
    call.locator("[name=solved][value=yes]").check(force=True)
    call.locator("[name=rating][value='5']").check(force=True)
    call.locator("button[value=reached]").click()
    page.wait_for_load_state()
    play.wait_for("SELECT 1 FROM followups_callback WHERE id = %s AND state = 'done'", callback, seconds=5)
    assert play.status() == "feedback"


def handler_archives(play: Play):
    page = play.case("handler")
    page.fill("#archive_responsibility", "Equipment service")
    page.fill("#archive_lesson", "Check new nozzles after a week")
    play.take_step(page, "archive")
    assert play.status() == "archived"
    page.goto(f"/complaints/{play.reference}/history/")
    expect(page.locator("main")).to_contain_text("Li Min" if play.language == "en" else "李敏")
    assert "Nothing was changed." in play.stack.manage("verify_history")


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_four_people_play_the_whole_life_of_a_case(browser, stack, language, size):
    play = Play(browser, stack, language, size)
    try:
        frontline_logs(play)
        frontline_understands_and_the_customer_confirms(play)
        supervisor_assigns(play)
        customer_asks_and_handler_sees_it(play)
        promise_breaks_and_the_supervisor_signs(play)
        handler_resolves_with_a_reply(play)
        # An answer on the link settles the callback; both ways are played, one a screen size.
        (customer_rates if size == "phone" else frontline_calls_back)(play)
        handler_archives(play)
    finally:
        for context in play.contexts.values():
            context.close()
