import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from accounts.models import Role
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.queue.palette import MOST_SHOWN
from complaints.steps import lifecycle
from tests.cases import at_stage, logged
from tests.cast import person
from tests.flat import flat

PALETTE = "/palette/"
COMMAND_QUERIES = 4  # session, person, roles, the case; at the stage of feedback also the feedback
SEARCH_QUERIES = 5  # session, person, roles, hits, rows


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


def page(somebody, **query) -> str:
    """The fragment as `somebody` gets it."""
    client = Client()
    client.force_login(somebody)
    answer = client.get(PALETTE, query)
    assert answer.status_code == 200
    return flat(answer.content.decode())


def lines(html: str) -> dict[str, str]:
    """Where each line leads, by its words."""
    found = re.findall(r'<a class="palette-option[^>]* href="([^"]*)"[^>]*>\s*<span>(.*?)</span>', html, re.DOTALL)
    return {re.sub(r"<[^>]*>", "", words).strip(): href for href, words in found}


def references(html: str) -> list[str]:
    return re.findall(r'<span class="num">(C-[0-9-]+)</span>', html)


def test_the_pages_that_somebody_may_open_are_offered_and_no_others(cast):
    supervisor, auditor = lines(page(cast.supervisor)), lines(page(cast.auditor))
    assert supervisor["Board"] == "/board/"
    assert supervisor["New complaint"] == "/complaints/new/"
    assert supervisor["Queue: Overdue"] == "/queue/?view=overdue"
    assert {"Board", "New complaint", "Callbacks", "Administration"}.isdisjoint(auditor)
    assert "Queue" in auditor
    assert lines(page(cast.administrator))["Administration"] == "/admin/"


@pytest.mark.parametrize("who", ["frontline", "handler", "supervisor", "auditor", "reviewer", "administrator"])
def test_every_page_that_is_offered_opens(cast, at, who):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    somebody = getattr(cast, who)
    client = Client()
    client.force_login(somebody)
    opened = {href: client.get(href).status_code for href in lines(page(somebody, case=complaint.reference)).values()}
    assert set(opened.values()) == {200}, opened


def test_language_and_signing_out_are_buttons_of_forms_because_a_link_changes_nothing(cast):
    html = page(cast.handler)
    assert re.search(r'<button[^>]*form="palette-language"[^>]*value="zh-hans"', html)
    assert 'value="en"' not in html
    assert re.search(r'<button[^>]*form="palette-sign-out"', html)


def test_every_line_is_reachable_as_an_option_of_the_combobox_and_not_by_tab(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    html = page(cast.supervisor, case=complaint.reference) + page(cast.supervisor, q="wang")
    controls = re.findall(r"<(?:a|button) [^>]*>", html)
    assert len(controls) > 20
    assert all('role="option"' in control and 'tabindex="-1"' in control for control in controls)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("who", ["frontline", "handler", "supervisor", "auditor", "reviewer"])
def test_a_case_offers_exactly_the_steps_that_its_page_offers(cast, at, status, who):
    somebody = getattr(cast, who)
    complaint = at_stage(cast, status, at)
    offered = lines(page(somebody, case=complaint.reference))
    path = f"/complaints/{complaint.reference}/"
    client = Client()
    client.force_login(somebody)
    answer = client.get(path)
    if answer.status_code == 404:
        assert not any(href.startswith(path) for href in offered.values())
        return
    steps = {t.action for t in lifecycle.available_actions(complaint, somebody)}
    step = answer.context["step"]
    here = {step.transition.action} if step and step.form else set()
    assert {href for href in offered.values() if "/step/" in href} == {f"{path}step/{a}/" for a in steps - here}
    assert (f"{path}#next" in offered.values()) is bool(here)
    html = answer.content.decode()
    for part in ("escalate/", "severity/", "propose-invalid/", "evidence/"):
        assert (path + part in offered.values()) is (f'href="{path}{part}"' in html), part
    assert ("Reply" in offered) is ('name="kind" value="public"' in html)
    assert ("Internal note" in offered) is ('name="kind" value="internal"' in html)
    assert offered["Print"] == f"{path}print/"


def test_the_next_step_comes_first(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    assert next(iter(lines(page(cast.supervisor, case=complaint.reference)))) == "Next step: resolve"


def test_what_may_not_be_seen_or_does_not_exist_is_no_case(cast, at):
    complaint = logged(cast, at)
    plain = lines(page(cast.stranger))
    for reference in (complaint.reference, "C-2026-999999", "", "nonsense", "C-2026-1' OR 1=1", "X" * 5000):
        assert lines(page(cast.stranger, case=reference)) == plain


def test_people_named_in_a_case_find_nothing_of_it(cast, at):
    complaint = logged(cast, at, named_people=[cast.colleague])
    assert complaint.reference not in page(cast.colleague, case=complaint.reference)
    assert references(page(cast.colleague, q="wang")) == []
    assert references(page(cast.handler, q="wang")) == [complaint.reference]


@pytest.mark.parametrize("typed", ["4417", "wang", "Wang Jian", "fill", "000001", "pump 52.3"])
def test_a_complaint_is_found_by_reference_name_phone_and_words(cast, at, typed):
    complaint = logged(cast, at)
    typed = complaint.reference if typed == "000001" else typed
    html = page(cast.handler, q=typed)
    assert references(html) == [complaint.reference]
    assert lines(html) != {}
    assert f'href="/complaints/{complaint.reference}/"' in html


def test_chinese_words_are_found_and_marked(cast, at):
    complaint = logged(cast, at, narrative="2号油枪漏油，没有人处理。")
    logged(cast, at, narrative="发票一直没有开")
    html = page(cast.handler, q="漏油")
    assert references(html) == [complaint.reference]
    assert "<mark>漏油</mark>" in html


def test_a_word_of_a_message_finds_the_case(cast, at):
    complaint = logged(cast, at)
    messages.say(complaint.pk, kind="internal", body="现场复测，铅封完好。", actor=Actor.staff(cast.handler), at=at)
    assert references(page(cast.handler, q="铅封")) == [complaint.reference]


def test_a_few_are_shown_and_the_queue_shows_them_all(cast, at):
    for minute in range(MOST_SHOWN + 1):
        logged(cast, at + timedelta(minutes=minute))
    html = page(cast.handler, q="wang")
    assert len(references(html)) == MOST_SHOWN
    assert lines(html)["Everything found for “wang”"] == "/queue/?q=wang"
    assert "/queue/?q=" not in page(cast.handler, q="nobody")


def test_the_way_to_the_queue_keeps_every_sign_of_the_words(cast, at):
    for minute in range(MOST_SHOWN + 1):
        logged(cast, at + timedelta(minutes=minute), narrative="Half & half, 50% off")
    assert "/queue/?q=50%25%20%26%20half" in page(cast.handler, q="50% & half")


@pytest.mark.parametrize("typed", ["a", "7", "", "   ", "nobody", "%%%%1", "it's", "back\\slash", "🙂 word", "_"])
def test_what_finds_nothing_is_a_clear_empty_answer(cast, at, typed):
    logged(cast, at)
    assert references(page(cast.handler, q=typed)) == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("，。！？", "There is no word or number in this to search for."),
        ("🙂🙂", "There is no word or number in this to search for."),
        ("x" * 5000, "5000"),
    ],
)
def test_what_cannot_be_searched_for_is_said(cast, at, typed, why):
    logged(cast, at)
    html = page(cast.handler, q=typed)
    assert references(html) == []
    assert why in re.search(r'data-problem="([^"]*)"', html)[1]


def test_nul_and_broken_bytes_are_refused_and_no_fault(cast, client):
    client.force_login(cast.handler)
    for query in ("q=a%00b", "q=%ff%fe", "case=C-2026-%00"):
        assert client.get(f"{PALETTE}?{query}").status_code == 400


def test_what_customers_typed_stays_text(cast, at):
    logged(cast, at, narrative="<b>leak</b> <script>alert(1)</script>", name="<i>Leak</i>")
    html = page(cast.handler, q="leak")
    assert "&lt;b&gt;<mark>leak</mark>" in html
    assert "<script" not in html


def test_strangers_are_sent_to_the_sign_in_and_nothing_is_kept_by_the_browser(cast, client):
    assert client.get(PALETTE).status_code == 302
    client.force_login(cast.handler)
    assert "no-store" in client.get(PALETTE, {"q": "wang"})["Cache-Control"]


def test_it_only_reads(cast, client):
    client.force_login(cast.handler)
    assert client.post(PALETTE, {"q": "wang"}).status_code == 405


def test_somebody_without_any_role_finds_nothing(cast, at):
    logged(cast, at)
    nobody = person("no.role")
    assert references(page(nobody, q="wang")) == []
    assert "Queue" in lines(page(nobody))


@pytest.mark.parametrize("cases", [3, 12])
def test_it_asks_the_same_few_questions_for_few_and_for_many(cast, at, django_assert_num_queries, cases):
    made = [logged(cast, at + timedelta(minutes=minute)) for minute in range(cases)]
    many = person("many.roles", (Role.SUPERVISOR, cast.west), (Role.HANDLER, cast.hexi))
    client = Client()
    client.force_login(many)
    with django_assert_num_queries(COMMAND_QUERIES):
        client.get(f"{PALETTE}?{urlencode({'case': made[0].reference})}")
    with django_assert_num_queries(SEARCH_QUERIES):
        client.get(f"{PALETTE}?q=wang")


def test_at_the_stage_of_feedback_it_asks_one_question_more(cast, at, django_assert_num_queries):
    complaint = at_stage(cast, Status.FEEDBACK, at)
    client = Client()
    client.force_login(cast.supervisor)
    with django_assert_num_queries(COMMAND_QUERIES + 1):
        client.get(PALETTE, {"case": complaint.reference})
