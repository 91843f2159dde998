from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint
from complaints.queue.worklists import PAGE_SIZE, WORKLISTS
from tests.cases import at_stage, logged
from tests.flat import flat

QUEUE = "/queue/"
QUERIES = 7  # session, person, roles, filter choices, rows, counts, saved views


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def see(client):
    """see(person, "view=all") → the page as this person gets it, as text without layout."""

    def see(person, query="", **headers):
        client.force_login(person)
        response = client.get(f"{QUEUE}?{query}", headers=headers)
        assert response.status_code == 200
        return flat(response.content.decode())

    return see


def due(complaint: Complaint, moment, **fields) -> Complaint:
    Complaint.objects.filter(pk=complaint.pk).update(next_due_at=moment, **fields)
    return complaint


def fill(cast, at, number: int):
    for minute in range(number):
        due(logged(cast, at - timedelta(days=1)), at + timedelta(minutes=minute))


def test_home_leads_to_the_queue(client, cast):
    client.force_login(cast.handler)
    assert client.get("/").headers["Location"] == QUEUE == reverse("complaints:queue")


def test_the_queue_asks_strangers_to_sign_in(client):
    response = client.get(QUEUE)
    assert (response.status_code, response.headers["Location"]) == (302, "/account/login/?next=/queue/")


def test_a_row_says_what_who_and_by_when(cast, at, see):
    complaint = due(at_stage(cast, "assigned", at - timedelta(hours=1)), at + timedelta(minutes=35))
    page = see(cast.handler)
    link = f'href="/complaints/{complaint.reference}/"'
    who_and_what = [complaint.reference, link, "Wang Jianguo", complaint.subject, "Hexi Road station · Metering"]
    for words in [*who_and_what, "Resolving", "Urgent", "in 35 min", "today 10:35", "Li Min"]:
        assert words in page
    assert "My work" in page.split("<title>")[1].split("</title>")[0]


def test_a_broken_promise_says_since_when_and_a_paused_one_that_it_waits(cast, at, see):
    due(logged(cast, at - timedelta(days=1)), at - timedelta(hours=2))
    assert "broken 2 h ago" in see(cast.handler, "view=team")
    due(logged(cast, at - timedelta(days=1)), None, waiting_since=at - timedelta(hours=5))
    page = see(cast.handler, "view=waiting")
    assert "paused, waiting for customer" in page
    assert "broken" not in page


def test_a_promise_broken_before_the_wait_stays_broken(cast, at, see):
    due(logged(cast, at - timedelta(days=1)), at - timedelta(hours=2), waiting_since=at - timedelta(hours=1))
    assert "broken 2 h ago" in see(cast.handler, "view=waiting")
    assert "broken 2 h ago" in see(cast.handler, "view=overdue")


def test_an_archived_case_shows_when_it_was_closed_and_no_promise(cast, at, see):
    at_stage(cast, "archived", at - timedelta(days=3))
    page = see(cast.handler, "view=all")
    assert "closed<time" in page
    assert "no open promise" not in page


def test_a_case_without_customer_has_a_row_too(cast, at, see):
    logged(cast, at, name="", phone="", email="", wishes_no_contact=True, site=None)
    page = see(cast.handler, "view=all")
    assert "No name given" in page
    assert "Hexi Road station" in page


def test_what_people_typed_is_shown_as_text(cast, at, see):
    logged(cast, at, name="<b>Bobby</b>", narrative="<script>alert(1)</script>")
    page = see(cast.handler, "view=all&q=%3Cscript%3E")
    assert "<script>alert" not in page
    assert "<b>Bobby" not in see(cast.handler, "view=all")


@pytest.mark.parametrize("view", WORKLISTS)
@pytest.mark.parametrize("sort", ["promise", "newest", "severity"])
def test_every_view_opens_in_every_order(cast, at, see, view, sort):
    due(logged(cast, at), at - timedelta(hours=1))
    at_stage(cast, "archived", at - timedelta(days=1))
    assert 'aria-current="page"' in see(cast.handler, f"view={view}&sort={sort}")


def test_the_tabs_count_what_they_hold_under_the_filters(cast, at, see):
    logged(cast, at, severity="danger")
    logged(cast, at)
    assert 'All<span class="count">2</span>' in see(cast.handler, "view=mine")
    assert 'All<span class="count">1</span>' in see(cast.handler, "view=mine&severity=danger")


def test_each_role_lands_where_its_work_is(cast, see):
    assert "<title>Queue: My work" in see(cast.handler)
    assert "<title>Queue: My team" in see(cast.supervisor)
    assert "<title>Queue: All" in see(cast.auditor)


def test_a_search_without_a_view_looks_everywhere(cast, at, see):
    complaint = at_stage(cast, "archived", at - timedelta(days=3))
    assert complaint.reference in see(cast.handler, "q=4417")
    assert complaint.reference not in see(cast.handler, "q=4417&view=mine")


@pytest.mark.parametrize("person", ["stranger", "administrator", "neighbour"])
def test_nobody_finds_what_they_may_not_see(cast, at, see, person):
    complaint = logged(cast, at)
    for query in ["view=all", f"q={complaint.reference}", "q=4417", f"site={cast.hexi.pk}", "view=overdue"]:
        page = see(getattr(cast, person), query)
        assert f'href="/complaints/{complaint.reference}' not in page
        assert "Wang Jianguo" not in page
        assert 'All<span class="count">0</span>' in page


def test_people_named_in_a_case_do_not_find_it(cast, at, see):
    complaint = logged(cast, at, named_people=[cast.handler])
    assert complaint.subject in see(cast.colleague, "view=all")
    assert complaint.subject not in see(cast.handler, "view=all")


def test_an_auditor_reads_the_list(cast, at, see):
    assert logged(cast, at).reference in see(cast.auditor)


def test_an_empty_view_says_why_and_where_to_look_next(cast, see):
    page = see(cast.handler, "view=overdue")
    assert "Nothing is overdue" in page
    assert 'href="?view=today"' in page


def test_a_search_without_result_says_what_is_searched(cast, see):
    page = see(cast.handler, "q=nobody")
    assert "Nothing found" in page
    assert "Search: nobody" in page


def test_only_a_supervisor_has_the_tab_to_sign(cast, see):
    assert 'id="tab-sign"' in see(cast.supervisor)
    page = see(cast.handler, "view=sign")
    assert 'id="tab-sign"' not in page
    assert "There is no view or order of that name" in page


def test_nothing_to_sign_says_so(cast, see):
    page = see(cast.supervisor, "view=sign")
    assert "Nothing to sign" in page
    assert 'href="?view=overdue"' in page


def test_the_sheet_shows_what_is_chosen_and_sends_it_again(cast, at, see):
    logged(cast, at)
    page = see(cast.supervisor, f"view=all&sort=newest&site={cast.hexi.pk}&severity=danger&q=wang")
    sheet = page.split('id="sheet-form"')[1].split("</form>")[0]
    assert f'name="site" value="{cast.hexi.pk}" checked>' in sheet
    assert 'name="severity" value="danger" checked>' in sheet
    assert 'name="sort" value="newest" checked>' in sheet
    assert '<input type="hidden" name="view" value="all">' in sheet
    assert '<input type="hidden" name="q" value="wang"' in sheet
    assert sheet.count(" checked>") == 3


def test_what_is_chosen_in_a_long_list_stands_first(cast, see):
    sheet = see(cast.supervisor, f"site={cast.weiyang.pk}").split('id="sheet-form"')[1]
    sites = sheet.split('visually-hidden">Site<')[1]
    assert sites.index(f'value="{cast.weiyang.pk}" checked') < sites.index(f'value="{cast.hexi.pk}"')


@pytest.mark.parametrize(
    "query",
    [
        "view=nonsense",
        "sort=price",
        "view=&sort=",
        "after=garbage",
        "before=garbage",
        "after=newest.1763431200000000.4",
        "after=" + "9" * 5000,
        "site=999999",
        "handler=%27%20OR%201%3D1",
        "severity=terrible",
        "received_from=0001-01-01",
        "received_to=9999-12-31",
        "received_from=31.12.2026",
        "q=" + "x" * 5000,
        "category=%F0%9F%99%82",
        "saved=999999",
        "saved=" + "9" * 5000,
        "received_from=2026-11-10&received_to=2026-11-09",
    ],
)
def test_an_address_that_makes_no_sense_gets_a_list_and_a_clear_word(cast, at, see, query):
    complaint = logged(cast, at - timedelta(days=1))
    page = see(cast.supervisor, query)
    assert 'class="banner banner--warn"' in page.split('id="queue-stale"')[0]
    assert complaint.reference in page


@pytest.mark.parametrize("name", ["q", "site", "view", "sort", "after", "saved", "received_from"])
def test_a_nul_byte_is_refused_with_a_page_that_says_so(cast, client, name):
    client.force_login(cast.handler)
    response = client.get(f"{QUEUE}?{name}=a%00b")
    assert response.status_code == 400
    assert "cannot be stored" in response.content.decode()


@pytest.mark.parametrize("query", ["q=%25", "q=%5C", "q=%27", "q=%F0%9F%99%82", "q=%EF%BC%81", "q=_", "unknown=1"])
def test_strange_signs_are_searched_for_or_ignored(cast, at, see, query):
    logged(cast, at)
    see(cast.handler, query)


def test_pages_lead_on_and_back_without_losing_the_filters(cast, at, client):
    fill(cast, at, PAGE_SIZE + 2)
    client.force_login(cast.handler)
    first = client.get(QUEUE, {"view": "team", "severity": "normal"})
    second = client.get(QUEUE, {"view": "team", "severity": "normal", "after": first.context["page"].next})
    assert len(first.context["page"].rows) == PAGE_SIZE
    assert len(second.context["page"].rows) == 2
    assert f"?view=team&amp;severity=normal&amp;before={second.context['page'].previous}" in second.content.decode()
    assert ">Previous<" not in flat(first.content.decode())


def test_a_page_that_is_no_longer_there_leads_to_the_first(cast, at, client):
    fill(cast, at, 1)
    client.force_login(cast.handler)
    only = client.get(QUEUE, {"view": "team"}).context
    page = client.get(QUEUE, {"view": "team", "after": only["order"].key_of(only["page"].rows[0])}).content.decode()
    assert "To the first page" in page


def test_groups_stand_only_in_the_order_of_promises(cast, at, see):
    due(logged(cast, at), at - timedelta(hours=1))
    assert 'role="rowheader">Broken<' in see(cast.handler, "view=team")
    assert "rowheader" not in see(cast.handler, "view=team&sort=newest")


def test_htmx_gets_the_rows_the_counts_and_the_time_alone(cast, at, client):
    complaint = logged(cast, at)
    client.force_login(cast.handler)
    response = client.get(QUEUE, {"view": "team"}, headers={"HX-Request": "true"})
    part = response.content.decode()
    assert complaint.reference in part
    assert 'hx-swap-oob="innerHTML:#queue-tabs"' in part
    assert "Updated 10:00" in part
    assert "<html" not in part
    assert "HX-Request" in response.headers["Vary"]


def test_times_are_those_of_the_person_who_looks(cast, at, see):
    due(logged(cast, at), at + timedelta(hours=3))
    cast.handler.time_zone = "Europe/Berlin"
    cast.handler.save(update_fields=["time_zone"])
    page = see(cast.handler, "view=team")
    assert "today 06:00" in page
    assert "Updated 03:00" in page


def test_names_stand_in_the_language_of_the_person(cast, at, see):
    at_stage(cast, "assigned", at - timedelta(hours=1))
    cast.handler.language = "zh-hans"
    cast.handler.save(update_fields=["language"])
    page = see(cast.handler)
    assert "河西路加油站 · 计量" in page
    assert "李敏" in page


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_the_page_costs_the_same_queries_for_any_number_of_rows(cast, at, client, rows, django_assert_num_queries):
    for number in range(rows):
        if number < 3:
            at_stage(cast, ["assigned", "received", "archived"][number], at - timedelta(hours=1))
        else:
            logged(cast, at)
    client.force_login(cast.supervisor)
    query = f"view=all&severity=urgent&severity=normal&site={cast.hexi.pk}&sort=severity"
    with django_assert_num_queries(QUERIES):
        page = client.get(f"{QUEUE}?{query}").content.decode()
    assert page.count('class="case-row"') == rows


def test_looking_changes_nothing(cast, at, client):
    complaint = logged(cast, at)
    before = Complaint.objects.filter(pk=complaint.pk).values().get()
    client.force_login(cast.handler)
    for _time in range(3):
        client.get(QUEUE, {"view": "all"})
        client.head(QUEUE)
    assert Complaint.objects.filter(pk=complaint.pk).values().get() == before
    assert client.post(QUEUE).status_code == 405


def test_the_moment_of_the_page_is_read_once(cast, at, client):
    client.force_login(cast.handler)
    assert client.get(QUEUE).context["now"] == timezone.now()
