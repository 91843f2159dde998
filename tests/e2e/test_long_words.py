"""The longest words that the desk accepts, everywhere a person's text can stand: no page scrolls sideways."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import SIZES
from tests.e2e.gallery import go, onlooker, open_up
from tests.e2e.gallery_pages import OPENED, PAGES, STATUS
from tests.e2e.stack import Stack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (1280, 390, 360)
ADDRESS = "https://desk.example/" + "path" * 60
LONG = [
    f"UPDATE complaints_customer SET name = '{'W' * 60}', call_hours = '{'h' * 120}'",
    f"UPDATE complaints_customer SET email = id || '{'e' * 50}@desk.example.org' WHERE email <> ''",
    f"UPDATE accounts_person SET name = '{'M' * 60}' || id, name_zh = '', email = id || '{'e' * 50}@desk.example.org'",
    f"UPDATE accounts_team SET name = left(name, 20) || '{'T' * 80}' || id, name_zh = ''",
    f"UPDATE accounts_team SET hours_text = '{'o' * 120}', hours_text_zh = ''",
    f"UPDATE complaints_category SET name = left(name, 20) || '{'C' * 80}' || id, name_zh = ''",
    f"UPDATE complaints_rootcause SET name = left(name, 20) || '{'R' * 80}' || id, name_zh = ''",
    f"UPDATE complaints_complaint SET subject = '{'S' * 200}', place = '{'p' * 200}', desired_outcome = '{'d' * 500}'",
    f"UPDATE complaints_complaint SET narrative = narrative || ' {ADDRESS}'",
    f"UPDATE complaints_message SET body = body || ' {ADDRESS}'",
    f"UPDATE complaints_evidence SET label = '{'f' * 110}.jpg'",
    f"UPDATE complaints_option SET words = '{'w' * 500}', amount = 9999999999.99",
    f"UPDATE complaints_savedview SET name = '{'v' * 50}' || id",
    f"UPDATE complaints_point SET text = '{'t' * 500}', finding = '{ADDRESS}'",
    f"UPDATE complaints_resolution SET solution = '{ADDRESS}', told_note = '{ADDRESS}'",
    f"UPDATE complaints_replytemplate SET name = left(name, 20) || '{'N' * 80}' || id, name_zh = ''",
    f"UPDATE followups_promise SET words = '{'P' * 300}'",
    f"UPDATE followups_escalation SET note = '{'n' * 500}', tried = '{'t' * 500}'",
    f"UPDATE followups_notice SET last_error = '{'E' * 300}'",
]
# The administration's lists and forms, where the same words stand.
ADMINISTRATION = [
    (f"admin {part}", "admin", f"/admin/{part}/")
    for part in ("accounts/person", "accounts/person/1/change", "accounts/team", "complaints/category/add")
]
# What sticks out, when something does.
STICKING_OUT = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && each.checkVisibility())
  .slice(0, 4).map((each) => each.tagName + "." + each.className)"""


@pytest.fixture(scope="module")
def stack(model, tmp_path_factory, worker_id) -> Iterator[Stack]:
    """A desk of its own: what is written here would be in other tests' way."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    folder = tmp_path_factory.mktemp("long-words")
    with running_stack(model, f"long_words_{worker_id}", folder / "data", 15 - number) as running:
        yield running


@pytest.fixture(scope="module")
def places(stack) -> dict[str, str]:
    ask = "import json; from tests.e2e.gallery_places import prepare; print(json.dumps(prepare()))"
    return json.loads(stack.manage("shell", "--no-imports", "-c", ask).splitlines()[-1])


def test_no_page_scrolls_sideways_with_the_longest_words(browser, stack, places):
    for statement in LONG:
        stack.sql(statement)
    found, people = [], {}
    for name, who, address, *acts in [*PAGES, *OPENED, *ADMINISTRATION]:
        if who not in people:
            people[who] = onlooker(browser, stack, who, language="en", size="desktop")
        page = people[who]
        page.set_viewport_size(SIZES["desktop"])
        assert go(page, places, address).status == STATUS.get(name, 200), name
        open_up(page, places, *acts or [[]])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{name} at {width}: {page.evaluate(STICKING_OUT)}")
    for page in people.values():
        page.context.close()
    assert not found, "\n".join(found)
