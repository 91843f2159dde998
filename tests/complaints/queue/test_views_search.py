import re
from datetime import timedelta

import pytest
import time_machine

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.queue import views as view
from complaints.search import find
from tests.cases import at_stage, logged
from tests.flat import flat

QUEUE = "/queue/"
QUERIES = 8  # session, person, roles, filter choices, hits, rows, messages, saved views


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def search(client, cast):
    """search("漏油") → the page as the handler of hexi gets it; search("漏油", person, view="mine")."""

    def search(text, person=None, **query):
        client.force_login(person or cast.handler)
        response = client.get(QUEUE, {"q": text, **query})
        assert response.status_code == 200
        return response

    return search


def references(response) -> list[str]:
    return [row.reference for row in response.context["page"].rows]


def marked(response) -> list[str]:
    """What is marked in the rows."""
    return re.findall(r"<mark>(.*?)</mark>", response.content.decode())


def test_words_of_the_complaint_are_found_everywhere_archived_cases_included(cast, at, search):
    leak = at_stage(cast, "archived", at - timedelta(days=9), narrative="2号油枪漏油，没有人处理。")
    logged(cast, at, narrative="发票一直没有开")
    page = search("漏油")
    assert references(page) == [leak.reference]
    assert page.context["worklist"].key == "all"
    assert marked(page) == ["漏油"]


def test_a_word_of_a_message_or_note_finds_the_case_and_is_shown(cast, at, search):
    complaint = logged(cast, at)
    messages.say(complaint.pk, kind="internal", body="现场复测，铅封完好。", actor=Actor.staff(cast.handler), at=at)
    page = search("铅封")
    assert references(page) == [complaint.reference]
    assert "现场复测，<mark>铅封</mark>完好。" in page.content.decode()


def test_a_hit_in_the_narrative_behind_the_subject_is_shown_with_what_stands_around_it(cast, at, search):
    logged(cast, at, narrative="The attendant was rude. He refused an invoice for 500 yuan.")
    page = search("invo").content.decode()
    assert "He refused an <mark>invo</mark>ice for 500 yuan." in page


def test_name_and_phone_are_marked_too(cast, at, search):
    logged(cast, at)
    assert marked(search("wang")) == ["Wang"]
    assert marked(search("4417")) == ["4417"]


def test_what_was_typed_by_people_stays_text_between_the_marks(cast, at, search):
    logged(cast, at, narrative="<b>leak</b> <script>alert(1)</script>", name="<i>Leak</i>")
    page = search("leak").content.decode()
    assert "&lt;b&gt;<mark>leak</mark>&lt;/b&gt;" in page
    assert "&lt;i&gt;<mark>Leak</mark>&lt;/i&gt;" in page
    assert "<script>alert" not in page


def test_a_reference_comes_first(cast, at, search):
    first = logged(cast, at)
    logged(cast, at, narrative=f"The same as {first.reference}")
    assert references(search(first.reference))[0] == first.reference
    assert len(references(search(first.reference))) == 2


def test_the_best_come_first_and_any_order_can_be_chosen(cast, at, search):
    named = logged(cast, at - timedelta(hours=2), name="Baker", phone="13911113333", email="")
    mention = logged(cast, at - timedelta(hours=1), narrative="Mr Baker was rude")
    assert references(search("baker")) == [named.reference, mention.reference]
    assert references(search("baker", sort="newest")) == [mention.reference, named.reference]
    assert "Sort: Best hits" in search("baker").content.decode()
    for sort in ("promise", "severity"):
        assert set(references(search("baker", sort=sort))) == {named.reference, mention.reference}


def test_once_the_search_is_taken_away_the_next_promise_comes_first_again(cast, at, client):
    client.force_login(cast.handler)
    page = client.get(QUEUE, {"sort": "best"})
    assert page.context["order"].name == "promise"
    assert page.context["notes"] == []


def test_views_and_filters_apply(cast, at, search):
    mine = at_stage(cast, "assigned", at - timedelta(days=1), narrative="漏油")
    danger = logged(cast, at, narrative="漏油", severity="danger")
    assert references(search("漏油", view="mine")) == [mine.reference]
    assert references(search("漏油", severity="danger")) == [danger.reference]
    assert references(search("漏油", severity="normal")) == []


@pytest.mark.parametrize("person", ["stranger", "administrator", "neighbour"])
def test_nobody_finds_what_they_may_not_see(cast, at, search, person):
    complaint = logged(cast, at, narrative="漏油")
    messages.say(complaint.pk, kind="internal", body="铅封完好", actor=Actor.staff(cast.handler), at=at)
    for text in ("漏油", "铅封", complaint.reference, "4417", "wang"):
        page = search(text, getattr(cast, person))
        assert references(page) == []
        assert marked(page) == []


def test_people_named_in_a_case_do_not_find_it(cast, at, search):
    logged(cast, at, narrative="漏油", named_people=[cast.handler])
    assert references(search("漏油")) == []
    assert len(references(search("漏油", cast.colleague))) == 1


@pytest.mark.parametrize("text", ["%", "'", "\\", "🙂", "？！", "_", "--", "***", "\u200b！"])
def test_what_holds_no_word_gets_a_clear_answer_beside_the_field_and_no_rows(cast, at, search, text):
    logged(cast, at)
    page = search(text)
    html = page.content.decode()
    assert references(page) == []
    assert 'aria-invalid="true" aria-describedby="q-error"' in html
    assert 'id="q-error">There is no word or number in this to search for.' in html


@pytest.mark.parametrize(
    "text", ["x" * 5000, "漏" * 201, "a'b", "a\\b", "漏油'); DROP TABLE", ":*", "a & !b", "100%", "<b>", "C-", "@t1"]
)
def test_strange_texts_are_never_an_error(cast, at, search, text):
    logged(cast, at)
    search(text)


def test_a_text_that_is_too_long_is_left_out_and_said(cast, at, search):
    page = search("x" * 5000).content.decode()
    assert "The filter “Search” was left out" in page


def test_only_spaces_are_no_search(cast, at, search):
    complaint = logged(cast, at)
    assert references(search("   ", view="all")) == [complaint.reference]


def test_no_hit_says_what_is_searched_and_how_to_get_rid_of_it(cast, at, search):
    page = search("nobody").content.decode()
    assert "Nothing found" in page
    assert "words of the complaint and of every message" in page
    assert "Search: nobody" in page


def test_the_tab_counts_what_was_found_and_the_others_say_nothing(cast, at, search):
    for _number in range(3):
        logged(cast, at, narrative="漏油")
    page = search("漏油").content.decode()
    assert 'All<span class="count">3</span>' in flat(page)
    assert page.split('id="queue-tabs"')[1].split("</nav>")[0].count('class="count') == 1


def test_of_too_many_hits_the_newest_are_shown_and_it_says_so(cast, at, search, monkeypatch):
    monkeypatch.setattr(find, "MOST_FOUND", 2)
    monkeypatch.setattr(view, "MOST_FOUND", 2)
    complaints = [logged(cast, at + timedelta(minutes=number), narrative="漏油") for number in range(4)]
    page = search("漏油", sort="newest")
    assert references(page) == [complaints[3].reference, complaints[2].reference]
    assert "There are more hits; these are the newest 2." in page.content.decode()
    assert 'All<span class="count">2+</span>' in flat(page.content.decode())


def test_hits_are_turned_over_page_by_page_without_losing_the_search(cast, at, search, monkeypatch):
    monkeypatch.setattr(view, "PAGE_SIZE", 2)
    complaints = [logged(cast, at, narrative="漏油") for _number in range(5)]
    page, met = search("漏油"), []
    while True:
        met += references(page)
        if not page.context["page"].next:
            break
        page = search("漏油", after=page.context["page"].next)
    assert sorted(met) == [complaint.reference for complaint in complaints]
    assert "q=%E6%BC%8F%E6%B2%B9" in page.content.decode()


def test_the_key_of_another_order_leads_to_the_first_page(cast, at, search):
    complaint = logged(cast, at, narrative="漏油")
    page = search("漏油", after="newest.1763431200000000.4")
    assert references(page) == [complaint.reference]
    assert "no longer fits" in page.content.decode()


def test_htmx_gets_the_hits_alone(cast, at, client):
    complaint = logged(cast, at, narrative="漏油")
    client.force_login(cast.handler)
    part = client.get(QUEUE, {"q": "漏油"}, headers={"HX-Request": "true"}).content.decode()
    assert complaint.reference in part
    assert "<html" not in part


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_a_search_costs_the_same_queries_for_any_number_of_hits(cast, at, client, rows, django_assert_num_queries):
    for number in range(rows):
        logged(cast, at, narrative=f"漏油 {number}")
    client.force_login(cast.supervisor)
    with django_assert_num_queries(QUERIES):
        page = client.get(QUEUE, {"q": "漏油", "severity": "normal"}).content.decode()
    assert page.count('class="case-row"') == rows
