"""Every page of the gallery: axe finds nothing, nothing scrolls sideways or moves late, no strange script may run."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import SIZES
from tests.e2e.gallery import go, onlooker, open_up, places  # noqa: F401 - a fixture
from tests.e2e.gallery_pages import OPENED, PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS = [("en", "desktop", "dark"), ("zh-hans", "phone", "light")]
# The narrowest phone on which nothing may scroll sideways, in CSS pixels.
NARROWEST = 360
# Cumulative layout shift up to which Web Vitals call a page good.
MOST_SHIFTED = 0.1
# Django's own administration is not ours to mend.
OURS = [page for page in [*PAGES, *OPENED] if page[0] != "admin"]


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_nothing_stands_in_anybodys_way(browser, stack, places, language, size, theme):  # noqa: F811 - the fixture
    stack.sql("UPDATE accounts_person SET language = %s, theme = ''", language)
    found, people = [], {}

    def hear(said):
        # A refused page is said to be refused; a file of ours that is missing is a fault.
        refused = "the server responded with a status of 4" in said.text and "/static/" not in said.location["url"]
        if said.type == "error" and not refused:
            found.append(f"{name}: {said.text}")

    def look_at_policy(answer):
        if answer.request.is_navigation_request() and answer.status not in (301, 302, 303):
            policy = answer.headers.get("content-security-policy", "")
            if "script-src" not in policy or "unsafe" in policy:
                found.append(f"{name}: Content-Security-Policy: {policy}")

    for name, who, address, *acts in OURS:
        if who not in people:
            people[who] = onlooker(browser, stack, who, language=language, size=size, color_scheme=theme)
            people[who].on("console", hear)
            people[who].on("response", look_at_policy)
        page = people[who]
        go(page, places, address)
        if (shifted := page.evaluate("shifted()")) >= MOST_SHIFTED:
            found.append(f"{name}: the layout shifts by {shifted:.3f}")
        open_up(page, places, *acts or [[]])
        found.extend(f"{name}: {v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"])
        narrow = NARROWEST if size == "phone" else SIZES[size]["width"]
        page.set_viewport_size(SIZES[size] | {"width": narrow})
        if page.evaluate("document.documentElement.scrollWidth") > narrow:
            found.append(f"{name} scrolls sideways")
        page.set_viewport_size(SIZES[size])
    for page in people.values():
        page.context.close()
    assert found == []
