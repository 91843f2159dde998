"""Correcting facts in a browser: what it was and what follows stand below each changed field before it is saved."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SIZES, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORDS = {
    "en": ("Save one correction", "Save 2 corrections", "was: ", "2 facts corrected.", "Nothing was changed."),
    "zh-hans": ("保存1处更正", "保存2处更正", "原为：", "已更正2处信息。", "没有任何改动。"),
}


@pytest.fixture(params=list(SIZES))
def size(request) -> str:
    return request.param


@pytest.fixture(params=list(WORDS))
def language(request) -> str:
    return request.param


@pytest.fixture
def case(stack, language, size) -> Iterator[str]:
    """A case in the hands of the handler: one for each language and size. Nobody stays named in it afterwards."""
    stack.sql(f"UPDATE accounts_person SET language = '{language}', theme = ''")
    rows = stack.sql(
        """UPDATE complaints_complaint AS c SET handler_id = p.id
           FROM accounts_person p, accounts_membership m
           WHERE p.username = 'handler' AND m.person_id = p.id AND m.team_id = c.team_id AND c.customer_id IS NOT NULL
               AND c.status = 'assigned' RETURNING c.reference"""
    )
    number = list(WORDS).index(language) * len(SIZES) + list(SIZES).index(size)
    reference = sorted(reference for (reference,) in rows)[number]
    yield reference
    # Other tests use this desk too: a handler who is named sees the case no more.
    stack.sql(
        """DELETE FROM complaints_complaint_named_people
           WHERE complaint_id = (SELECT id FROM complaints_complaint WHERE reference = %s)""",
        reference,
    )


def stands_in_nobodys_way(page: Page, size: str):
    found = [f"{one['id']} {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def test_facts_are_corrected_and_whoever_is_named_loses_the_case(browser, stack, case, language, size):
    one, two, was, saved, unchanged = WORDS[language]
    page = signed_in(browser, stack, "frontline", size=size, language=language)
    page.goto(f"/complaints/{case}/facts/")
    save, place = page.locator("[data-save]"), page.locator("[name=place]")
    before = place.input_value()
    stands_in_nobodys_way(page, size)
    expect(page.locator("[data-was]:visible, [data-follows]:visible")).to_have_count(0)

    place.fill(f"Pump 9, {size}")
    expect(save).to_have_text(one)
    expect(page.locator(".is-changed")).to_contain_text(was)
    place.fill(before)
    expect(page.locator(".is-changed")).to_have_count(0)

    place.fill(f"Pump 9, {size}")
    page.locator("[data-picks] > summary").click()
    page.locator(".pick", has_text={"en": "Li Min", "zh-hans": "李敏"}[language]).click()
    expect(save).to_have_text(two)
    expect(page.locator(".follow--warn:visible")).to_have_count(1)
    stands_in_nobodys_way(page, size)
    save.click()
    expect(page.locator(".banner", has_text=saved)).to_have_count(1)
    assert stack.sql(f"SELECT handler_id FROM complaints_complaint WHERE reference = '{case}'") == [(None,)]

    handler = signed_in(browser, stack, "handler", size=size, language=language)
    assert handler.goto(f"/complaints/{case}/").status == 404
    handler.context.close()

    page.goto(f"/complaints/{case}/facts/")
    stands_in_nobodys_way(page, size)
    expect(page.locator(".changes .new").first).to_contain_text("Pump 9")
    save.click()
    expect(page.locator(".banner", has_text=unchanged)).to_have_count(1)
    page.context.close()


def test_without_a_script_what_follows_stands_there_from_the_start(browser, stack, case, language, size):
    page = signed_in(browser, stack, "frontline", size=size, language=language, java_script_enabled=False)
    page.goto(f"/complaints/{case}/facts/")
    assert page.locator("[data-follows]:visible").count() > 3
    page.fill("[name=email]", "x")
    page.locator("[data-save]").click()
    expect(page.locator(".is-changed [data-was]:visible")).to_have_count(1)
    page.context.close()
