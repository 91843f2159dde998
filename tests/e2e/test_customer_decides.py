"""What customers decide on their phone, in both languages, with a script and without: none of the offers, who may ask
for them, when we call, a supervisor, no contact, and taking the complaint back."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Two cases with offers, of other stations than the one that staff play at in other tests.
PREPARE = """
import json
from complaints.models import Complaint, Option
from complaints.customer.links import public_path
elsewhere = Complaint.objects.exclude(team__name__startswith="Hexi").order_by("-pk")
works = elsewhere.filter(status="assigned", handler__isnull=False, customer__phone__gt="").exclude(severity="danger")
made = []
for case in works.exclude(options__chosen_at__isnull=False)[:2]:
    said = {"words": "Money back", "offered_by": case.handler, "offered_at": case.received_at}
    Option.objects.create(complaint=case, round=case.round, **said)
    made.append(public_path(case))
print(json.dumps(made))
"""
LOOKS = [("en", False), ("zh-hans", True)]


@pytest.fixture(scope="module")
def links(stack) -> list[str]:
    return json.loads(stack.manage("shell", "--no-imports", "-c", PREPARE).splitlines()[-1])


def decide(page: Page, link: str, what: str, **fields: str):
    """Go to the page that asks, fill it in, send it, and see that it is confirmed."""
    page.goto(link)
    page.locator(f".ways a[href$='/decide/{what}/']").click()
    for name, text in fields.items():
        page.fill(f"main [name={name}]", text)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**/done/{what}/")
    page.locator("main .btn-primary").click()
    page.wait_for_url(f"**{link}")


@pytest.mark.parametrize(("number", "look"), list(enumerate(LOOKS)), ids=["en-plain", "zh-script"])
def test_customers_decide(browser, stack, links, number, look):
    language, scripted = look
    link = links[number]
    page = visitor(browser, stack, language=language, size="phone", java_script_enabled=scripted).new_page()
    page.goto("/c/")
    page.locator(f"form[action$='/language/'] button[value='{language}']").click()

    page.goto(link)
    why = page.locator("[name=why]")
    expect(why).to_be_hidden()
    page.locator("[name=option][value=none]").check(force=True)
    expect(why).to_be_visible()
    page.locator("form[action$='/choose/'] button[type=submit]").click()
    expect(page.locator(".error-summary li")).to_have_count(1)
    why.fill("I want the pump exchanged.")
    page.locator("form[action$='/choose/'] button[type=submit]").click()
    page.wait_for_url("**/done/choose/")
    page.goto(link)
    expect(page.locator("[name=option][value=none]")).to_be_attached()

    decide(page, link, "hours", call_hours="after 17:00")
    expect(page.locator(".ways")).to_contain_text("after 17:00")
    decide(page, link, "supervisor", words="Twice promised")
    decide(page, link, "stop")
    decide(page, link, "contact")

    page.locator(".ways a[href$='/others/']").click()
    page.fill("[name=name]", "Wang Xiaoyan")
    page.locator("main .pub-form button[type=submit]").click()
    theirs = page.locator(".reps input[readonly]").input_value()
    other = visitor(browser, stack, language=language, size="phone", java_script_enabled=scripted).new_page()
    address = "/c/" + theirs.partition("/c/")[2]
    other.goto(address)
    expect(other.locator("main")).to_contain_text("Wang Xiaoyan")
    expect(other.locator("main form")).to_have_count(0)
    page.locator(".reps button").click()
    expect(page.locator(".reps")).to_have_count(0)
    assert other.goto(address).status == 404
    other.context.close()

    decide(page, link, "take-back", words="It is settled")
    expect(page.locator("form[action$='/reopen/']")).to_be_visible()
    page.context.close()
