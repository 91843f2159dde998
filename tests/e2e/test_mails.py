"""Mails to customers as a phone shows them: 360 px wide, light and dark, with the longest words that people type."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from complaints.models import Customer
from followups import clock
from followups.notices import mails
from tests.followups.notices.causes import CAUSES, MAIL, caused, notice_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTH = 360
LONG = "https://desk.example/" + "path" * 40
# What can go wrong in a mail without scripts; the rest of axe asks for things that only pages have.
RULES = ["color-contrast", "document-title", "heading-order", "html-has-lang", "link-name", "list"]
# axe takes half a second: each theme is read in one language.
READ = {"light": "en", "dark": "zh-hans"}


@pytest.fixture
def letters(cast, now) -> dict[str, str]:
    """The HTML of every kind of mail in both languages, to somebody with a long name."""
    found = {}
    for language in ("en", "zh-hans"):
        for event in sorted(CAUSES):
            complaint = caused(event, MAIL, cast, now, language=language, desired_outcome=LONG)
            Customer.objects.filter(pk=complaint.customer_id).update(name="W" * 60)
            found[f"{event} {language}"] = mails.words_of(notice_of(complaint, event), clock.now()).html
    return found


def test_every_mail_fits_a_phone_and_can_be_read_in_the_dark(browser, letters):
    found = []
    for theme in ("light", "dark"):
        page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme=theme)
        asked = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        for name, html in letters.items():
            page.set_content(html)
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > WIDTH:
                found.append(f"{name} in {theme}: {wide} px wide")
            if name.endswith(READ[theme]):
                said = Axe().run(page, options={"runOnly": RULES}).response["violations"]
                found += [f"{name} in {theme}: {each['id']} {each['nodes'][0]['target']}" for each in said]
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert background == {"light": "rgb(248, 247, 245)", "dark": "rgb(21, 21, 20)"}[theme], name
        assert asked == []
        page.close()
    assert found == []
