"""A duplicate's customer follows on their own link to the result and says that it is not solved; no script."""

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import visitor
from tests.e2e.test_customer import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# For each size an original and the duplicate of another customer, in the very hands of the demo.
PREPARE = """
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import Person
from complaints.intake import receiving
from complaints.steps import lifecycle
from complaints.case.actors import Actor
from complaints.models import Category, RootCause
from complaints.customer.links import public_path
now, leads = timezone.now(), Person.objects.get(username="xu.na")
team = leads.memberships.get().team.children.filter(kind="site")[0]
actor = Actor.staff(leads)
def logged(name, phone):
    given = receiving.Intake(narrative="Pump 4 said 52.3 litres.", channel="phone", team=team, site=team, name=name,
                          phone=phone, email=f"{name.lower()}@customer.example", language="en")
    return receiving.log(given, actor=actor, at=now)
def step(case, action, **data):
    return lifecycle.perform(case.pk, action, actor=actor, at=now, data=data | {"override_reason": "For the test"})
original, duplicate = logged("Original", "139 0000 %(digits)s1"), logged("Follower", "139 0000 %(digits)s2")
step(original, "verify", restatement="Pump 4 showed 52.3 L.", confirmed_how="phone")
step(original, "assign", category=Category.objects.first(), severity="urgent", team=team, handler=leads)
step(duplicate, "close_early", outcome="duplicate", duplicate_of=original, reason="The same pump on the same day.")
print(json.dumps({"original": original.pk, "reference": original.reference, "link": public_path(duplicate)}))
"""
RESOLVE = """
from django.utils import timezone
from complaints.steps import lifecycle
from complaints.case.actors import Actor
from complaints.models import Complaint, RootCause
case = Complaint.objects.get(pk=%(original)s)
data = {"finding_1": "+1.9", "cause": RootCause.objects.first(), "solution": "Repaired", "told_how": "phone",
        "told_note": "Mr Original, you have your 186 yuan.", "others_told": "The pump is repaired. Bring a receipt."}
lifecycle.perform(case.pk, "resolve", actor=Actor.staff(case.handler), at=timezone.now(), data=data)
"""


@pytest.mark.parametrize(("size", "digits"), [("desktop", "701"), ("phone", "702")])
def test_a_duplicates_customer_gets_the_result_and_says_that_it_is_not_solved(browser, stack, size, digits):
    told = stack.manage("shell", "--no-imports", "-c", PREPARE % {"digits": digits})
    case = json.loads(told.splitlines()[-1])
    page = visitor(browser, stack, size=size, java_script_enabled=False).new_page()
    page.goto(case["link"])
    expect(page.locator("h1")).to_have_text("This is handled together with another complaint")
    expect(page.locator("main")).not_to_contain_text(case["reference"])
    page.fill("[name=body]", "I have the receipt.")
    send(page, "reply")
    page.wait_for_url("**/done/reply/")

    stack.manage("shell", "--no-imports", "-c", RESOLVE % case)
    page.goto(case["link"])
    expect(page.locator("h1")).to_have_text("We think this is solved. Do you?")
    expect(page.locator(".say")).to_contain_text("The pump is repaired. Bring a receipt.")
    expect(page.locator("main")).not_to_contain_text("186 yuan")
    page.locator("[name=solved][value=no]").check(force=True)
    page.fill("form[action$='/rate/'] [name=words]", "Nobody was at the till.")
    send(page, "rate")
    page.wait_for_url("**/done/rate/")
    expect(page.locator("h1")).to_have_text("We are sorry that it is not solved")
    expect(page.locator(".answer .when")).to_be_visible()
    page.locator("main .btn-primary").click()
    expect(page.locator("h1")).to_have_text("We work on it again")
    expect(page.locator("main")).to_contain_text("You told us on")
    page.context.close()
