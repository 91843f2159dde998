"""axe-core finds nothing on any page of the gallery, and no page scrolls sideways or breaks its own content policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import SIZES, signed_in
from tests.e2e.gallery import OPENED, PAGES, open_up, places  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS = [("en", "desktop", "dark"), ("zh-hans", "phone", "light")]
# The narrowest phone on which nothing may scroll sideways, in CSS pixels.
NARROWEST = 360
# Django's own administration is not ours to mend.
OURS = [page for page in [*PAGES, *OPENED] if page[0] != "admin"]


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_nothing_stands_in_anybodys_way(browser, stack, places, language, size, theme):  # noqa: F811 - the fixture
    stack.sql("UPDATE accounts_person SET language = %s, theme = ''", language)
    found, people = [], {}

    def hear(said):
        if said.type == "error" and "404" not in said.text:
            found.append(said.text)

    for name, who, address, *presses in OURS:
        if who not in people:
            people[who] = signed_in(browser, stack, who, language=language, size=size, color_scheme=theme)
            people[who].on("console", hear)
        page = people[who]
        page.goto(address.format(**places))
        open_up(page, *presses or [[]])
        found.extend(f"{name}: {v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"])
        narrow = NARROWEST if size == "phone" else SIZES[size]["width"]
        page.set_viewport_size(SIZES[size] | {"width": narrow})
        if page.evaluate("document.documentElement.scrollWidth") > narrow:
            found.append(f"{name} scrolls sideways")
        page.set_viewport_size(SIZES[size])
    for page in people.values():
        page.context.close()
    assert found == []
