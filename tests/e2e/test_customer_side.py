"""The whole way of a customer on a phone: from the code on the poster to an appeal that somebody else upholds."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import signed_in, visitor
from tests.papers import codes_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What people of the desk do between two of the customer's answers, by the verbs that their pages call.
BEGIN = """
import json
from django.utils import timezone
from accounts.models import Person
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import Category, Complaint, RootCause
from complaints.steps import appeals, lifecycle, options
from complaints.steps.appeals import Answer
from tests.cases import archive_data, verification_data
case = Complaint.objects.get(reference=REFERENCE)
handler, supervisor, reviewer, other = (
    Person.objects.get(username=name) for name in ("handler", "supervisor", "reviewer", "sun.yue")
)
def step(action, person, **data):
    return lifecycle.perform(case.pk, action, actor=Actor.staff(person), at=timezone.now(), data=data)
def resolve(note):
    findings = {f"finding_{point.number}": "Measured five times" for point in case.points.all()}
    cause = RootCause.objects.filter(active=True).first()
    told = {"told_how": "in_person", "told_note": note}
    step("resolve", handler, **findings, **told, cause=cause, solution="Pump 4 set right")
"""
UNDERSTAND = """
step("verify", handler, **verification_data(timezone.now()))
case.refresh_from_db()
step("assign", supervisor, category=Category.objects.filter(active=True).first(), severity=case.severity,
     team=case.team, handler=handler)
messages.say(case.pk, kind="public", body="Which pump was it?", actor=Actor.staff(handler), at=timezone.now())
"""
OFFER = """
for words in ("Money back for two litres", "A voucher"):
    options.offer(case.pk, words=words, amount=0, actor=Actor.staff(handler), at=timezone.now())
"""
ARCHIVE = """
step("archive", handler, **archive_data(None))
"""
UPHOLD = """
appeal = appeals.begin_review(case.appeals.get().pk, actor=Actor.staff(reviewer), at=timezone.now())
answers = {point.number: Answer(True, "The seal was broken.") for point in appeal.points.all()}
given = {"answers": answers, "team": case.team, "handler": other}
appeals.decide(appeal.pk, **given, actor=Actor.staff(reviewer), at=timezone.now())
"""


class Customer:
    """Somebody with a phone, and what the desk does meanwhile."""

    def __init__(self, page: Page, stack):
        self.page, self.stack, self.link, self.reference = page, stack, "", ""

    def meanwhile(self, code: str):
        begin = BEGIN.replace("REFERENCE", json.dumps(self.reference))
        self.stack.manage("shell", "--no-imports", "-c", begin + code)
        self.page.goto(self.link)

    def send(self, answer: str):
        """Send one form of the page; it ends on a page that confirms it."""
        self.page.locator(f"form[action$='/{answer}/'] button[type=submit]").click()
        self.page.wait_for_url(f"**/done/{answer}/")
        self.page.goto(self.link)

    def rate(self, solved: str, rating: int, words: str):
        self.page.locator(f"[name=solved][value={solved}]").check(force=True)
        self.page.locator(f"[name=rating][value='{rating}']").check(force=True)
        self.page.fill("[name=words]", words)
        self.send("rate")


@pytest.fixture
def on_the_poster(browser, stack) -> str:
    """Where the code leads that a supervisor of the station prints and a phone reads off the paper."""
    supervisor = signed_in(browser, stack, "supervisor")
    supervisor.goto("/posters/")
    site = (
        supervisor.locator("[name=team] option")
        .filter(has_text="Hexi")
        .or_(supervisor.locator("[name=team] option").filter(has_text="河西"))
    )
    supervisor.select_option("[name=team]", value=site.first.get_attribute("value"))
    with supervisor.expect_download() as begun:
        supervisor.locator("main .btn-primary").click()
    [[address]] = codes_of(begun.value.path().read_bytes())
    supervisor.context.close()
    return address


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("zh-hans", False)], ids=["en-scripts", "zh-plain"])
def test_from_the_poster_to_an_appeal_upheld_by_another_person(browser, stack, on_the_poster, language, scripts):
    page = visitor(browser, stack, language=language, size="phone", java_script_enabled=scripts).new_page()
    customer = Customer(page, stack)
    page.goto(on_the_poster)
    page.fill("[name=narrative]", "The pump said 52.3 litres, my tank holds 50.")
    page.locator("label:has([name=how][value=email])").click()
    page.fill("[name=email]", "wang@customer.example")
    page.locator("main .pub-actions [type=submit]").last.click()
    page.wait_for_url("**/thanks/")
    customer.link = page.locator("#link").input_value()
    [[customer.reference]] = stack.sql("SELECT reference FROM complaints_complaint ORDER BY id DESC LIMIT 1")
    expect(page.locator("main")).to_contain_text(customer.reference)

    customer.meanwhile(UNDERSTAND)
    expect(page.locator(".say")).to_contain_text("Which pump was it?")
    page.fill("form[action$='/reply/'] [name=body]", "It was pump 4.")
    customer.send("reply")
    expect(page.locator(".say .me", has_text="It was pump 4.")).to_be_visible()

    customer.meanwhile(OFFER)
    page.locator("label", has_text="A voucher").first.click()
    customer.send("choose")

    customer.meanwhile('resolve("Pump 4 is set right.")')
    expect(page.locator("main")).to_contain_text("Pump 4 is set right.")
    customer.rate("no", 1, "It still says too much")
    [(status, round_number)] = stack.sql(
        "SELECT status, round FROM complaints_complaint WHERE reference = %s", customer.reference
    )
    assert (status, round_number) == ("assigned", 2)

    customer.meanwhile('resolve("The seal is new, and pump 4 is right.")')
    customer.rate("yes", 3, "Well")
    customer.meanwhile(ARCHIVE)
    page.locator("a[href$='/appeal/']").click()
    page.locator("[name=points]").first.check(force=True)
    page.fill("[name=grounds]", "Two litres are missing every week.")
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/done/appeal/")

    customer.meanwhile(UPHOLD)
    expect(page.locator(".verdicts")).to_contain_text("The seal was broken.")
    expect(page.locator(".lede")).to_contain_text("Sun Yue" if language == "en" else "孙悦")
    found = stack.sql(
        """SELECT c.status, c.round, p.username, a.state FROM complaints_complaint c
           JOIN accounts_person p ON p.id = c.handler_id JOIN complaints_appeal a ON a.complaint_id = c.id
           WHERE c.reference = %s""",
        customer.reference,
    )
    assert found == [("assigned", 3, "sun.yue", "upheld")]
    page.context.close()
