"""The customer's page without any script: found without the link, written to, confirmed, chosen, rated, reopened."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHOTO = "tests/e2e/photo.png"
# Cases of other stations than the one that staff play at in other tests.
PREPARE = """
import json
from datetime import timedelta
from django.db.models import F
from django.utils import timezone
from complaints.models import Complaint, Option, Verification
from complaints.customer.links import public_path
elsewhere = Complaint.objects.exclude(team__name__startswith="Hexi").order_by("pk")
cases = {
    "confirm": elsewhere.filter(status="verified", verification__restatement__gt="")[0],
    "choose": elsewhere.filter(status="assigned", options__approved_at__isnull=False, options__round=F("round"))[0],
    "rate": elsewhere.filter(status="resolved", customer__phone_key__gt="")[0],
    "reopen": elsewhere.filter(status="archived", outcome="solved")[0],
}
Verification.objects.filter(complaint=cases["confirm"]).update(confirmed_how="link", confirmed_at=None)
Option.objects.filter(complaint=cases["choose"]).update(chosen_at=None)
Complaint.objects.filter(pk=cases["reopen"].pk).update(reopen_until=timezone.now() + timedelta(days=1))
said = {"reference": cases["rate"].reference, "digits": cases["rate"].customer.phone_key[-4:]}
print(json.dumps(said | {name: public_path(case) for name, case in cases.items()}))
"""


@pytest.fixture
def links(stack) -> dict[str, str]:
    """The links of cases that wait for each kind of answer; reference and digits of the one to be rated."""
    return json.loads(stack.manage("shell", "--no-imports", "-c", PREPARE).splitlines()[-1])


def send(page: Page, answer: str):
    page.locator(f"form[action$='/{answer}/'] button[type=submit]").click()


@pytest.mark.parametrize("size", SIZES)
def test_customers_find_their_complaint_and_answer_in_every_way(browser, stack, links, size):
    page = visitor(browser, stack, size=size, java_script_enabled=False).new_page()
    page.goto("/c/")
    page.fill("[name=reference]", links["reference"])
    page.fill("[name=digits]", links["digits"])
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/c/sent/")
    page.goto(links["rate"])

    send(page, "reply")
    expect(page.locator(".error-summary li")).to_have_count(1)
    page.fill("[name=body]", "The receipt is here.")
    page.set_input_files("[name=files]", PHOTO)
    send(page, "reply")
    page.wait_for_url("**/done/reply/")
    page.locator("main .btn-primary").click()
    expect(page.locator(".say .me", has_text="The receipt is here.")).to_contain_text("photo.png")

    send(page, "rate")
    expect(page.locator(".error-summary li")).to_have_count(1)
    page.locator("[name=solved][value=yes]").check(force=True)
    page.locator("[name=rating][value='4']").check(force=True)
    send(page, "rate")
    page.wait_for_url("**/done/rate/")

    page.goto(links["confirm"])
    send(page, "confirm")
    page.wait_for_url("**/done/confirm/")

    page.goto(links["choose"])
    page.locator("[name=option]").first.check(force=True)
    send(page, "choose")
    page.wait_for_url("**/done/choose/")

    page.goto(links["reopen"])
    page.fill("[name=reason]", "It drips again.")
    send(page, "reopen")
    page.wait_for_url("**/done/reopen/")
    page.locator("main .btn-primary").click()
    expect(page.locator("form[action$='/reply/']")).to_be_visible()
    page.context.close()
