"""A customer appeals on a phone, with and without scripts: another person decides, and another handler has it then."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, signed_in, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = {
    "en": {
        "grounds": "I come here every week, and you counted two fillings only.",
        "why": "Your card shows seven fillings. All of them are counted now.",
        "stays": "The certificate of the metrology office is on the table.",
        "right": "You were right in part",
        "again": "We have your appeal",
    },
    "zh-hans": {
        "grounds": "我每周都来加油，你们只算了两次。",
        "why": "您的卡有七次加油记录，这次全部计算在内。",
        "stays": "检定证书已经出示。",
        "right": "您的申诉部分成立",
        "again": "已收到您的申诉",
    },
}
# A closed case of the station, its result two points, that nobody appealed; anew for each performance.
PREPARE = """
import json
from datetime import timedelta
from django.utils import timezone
from complaints.models import Complaint
from complaints.customer.links import public_path
closed = Complaint.objects.filter(status="archived", team__name__startswith="Hexi", appeals=None, points__number=1)
case = closed.filter(outcome__in=["solved", "unsolved"], customer__isnull=False).order_by("pk")[0]
Complaint.objects.filter(pk=case.pk).update(appeal_until=timezone.now() + timedelta(days=3), language=LANGUAGE)
if not case.points.filter(number=2).exists():
    case.points.create(number=2, text="No receipt was printed.", finding="The printer was out of paper")
print(json.dumps({"reference": case.reference, "link": public_path(case), "handler": case.handler.username}))
"""


def prepare(language: str) -> str:
    return PREPARE.replace("LANGUAGE", repr(language))


def stands_in_nobodys_way(page: Page):
    found = [f"{one['id']} {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"], page.url


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("zh-hans", False)])
def test_appealed_on_the_link_upheld_by_somebody_else_and_given_to_another_handler(browser, stack, language, scripts):
    case = json.loads(stack.manage("shell", "--no-imports", "-c", prepare(language)).splitlines()[-1])
    said = SAID[language]
    look = {"language": language, "size": "phone"}
    customer = visitor(browser, stack, **look, java_script_enabled=scripts).new_page()
    customer.goto(case["link"])
    customer.locator("a[href$='/appeal/']").click()
    customer.locator("main .btn-primary").click()
    expect(customer.locator(".error-summary li")).to_have_count(2)
    customer.locator("[name=points][value='1']").check()
    customer.locator("[name=points][value='2']").check()
    customer.fill("[name=grounds]", said["grounds"])
    customer.set_input_files("[name=files]", "tests/e2e/photo.png")
    if scripts:
        stands_in_nobodys_way(customer)
    customer.locator("main .btn-primary").click()
    customer.wait_for_url("**/done/appeal/")
    expect(customer.locator("h1")).to_have_text(said["again"])

    stack.sql("UPDATE accounts_person SET language = %s WHERE username = 'reviewer'", language)
    reviewer = signed_in(browser, stack, "reviewer", **look)
    reviewer.goto("/queue/?view=appeals")
    reviewer.locator("a", has_text=case["reference"]).or_(
        reviewer.locator(f"a[href='/complaints/{case['reference']}/']")
    ).first.click()
    reviewer.locator("form[action$='/appeal/review/'] button").click()
    reviewer.wait_for_url("**/appeal/decide/")
    stands_in_nobodys_way(reviewer)
    reviewer.locator("main .btn-primary").click()
    expect(reviewer.locator(".error-summary li")).to_have_count(4)
    reviewer.locator("[name=upheld_1][value=right]").check(force=True)
    reviewer.fill("[name=reason_1]", said["why"])
    reviewer.locator("[name=upheld_2][value=stays]").check(force=True)
    reviewer.fill("[name=reason_2]", said["stays"])
    offered = reviewer.locator("[name=assignee] option").all_inner_texts()
    assert not any("Li Min" in name or "李敏" in name for name in offered), "whose finding falls"
    reviewer.select_option("[name=assignee]", label="Sun Yue" if language == "en" else "孙悦")
    reviewer.locator("main .btn-primary").click()
    reviewer.wait_for_url(lambda url: "/appeal/" not in url)

    customer.goto(case["link"])
    expect(customer.locator("h1")).to_have_text(said["right"])
    expect(customer.locator(".verdicts")).to_contain_text(said["why"])
    expect(customer.locator(".verdicts")).to_contain_text(said["stays"])
    expect(customer.locator(".lede")).to_contain_text("Sun Yue" if language == "en" else "孙悦")
    [(status, round_number, handler, state)] = stack.sql(
        """SELECT c.status, c.round, p.username, a.state FROM complaints_complaint c
           JOIN accounts_person p ON p.id = c.handler_id JOIN complaints_appeal a ON a.complaint_id = c.id
           WHERE c.reference = %s ORDER BY a.round DESC LIMIT 1""",
        case["reference"],
    )
    assert (status, round_number >= 2, handler, state) == ("assigned", True, "sun.yue", "partly")
    assert case["handler"] != handler
    for page in (customer, reviewer):
        page.context.close()
