"""The line on the queue that says which bulk actions of one's own are under way, and once, that one is over."""

import html

import pytest
import time_machine
from django.urls import reverse

from complaints.models import BulkRow, BulkRun
from complaints.queue import bulk
from tests.cases import at_stage, logged
from tests.flat import flat

QUEUE, LINE, LIST = "/queue/?view=team", reverse("complaints:bulk_line"), "/bulk/"
COOKIE = "bulk_runs"
STOPPED = 286


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def begin(cast, at):
    """begin(person, complaints) → a reassignment that was started and that nobody has worked on yet."""

    def begin(person, complaints) -> BulkRun:
        run = BulkRun.objects.create(person=person, action="reassign", chosen_at=at, started_at=at)
        BulkRow.objects.bulk_create(BulkRow(run=run, complaint=complaint) for complaint in complaints)
        return run

    return begin


@pytest.fixture
def reader(client, cast):
    client.force_login(cast.supervisor)
    return client


def text(response) -> str:
    return html.unescape(flat(response.content.decode()))


def settle(run, at, done=0, refused=0):
    """So many rows of a run are worked through; without any left it is over."""
    rows = list(run.rows.values_list("pk", flat=True))
    run.rows.filter(pk__in=rows[:done]).update(state="done")
    run.rows.filter(pk__in=rows[done : done + refused]).update(state="refused")
    bulk.finish(run.pk, at=at)


def remembered(client) -> str:
    return client.cookies[COOKIE].value if COOKIE in client.cookies else ""


def remember(client, *runs):
    client.cookies[COOKIE] = ".".join(str(run.pk) for run in runs)


def chosen(client, complaints) -> str:
    """The page of a reassignment of these complaints."""
    answer = client.post(LIST, {"row": [c.pk for c in complaints], "action": "reassign", "next": QUEUE})
    return answer.headers["Location"]


def typed(cast) -> dict:
    return {"assignee": f"{cast.hexi.pk}-{cast.colleague.pk}", "reason": "Shift change"}


def test_nothing_stands_on_the_queue_and_nothing_is_asked_where_nothing_is_under_way(reader, cast, at):
    logged(cast, at)
    for headers in ({}, {"HX-Request": "true"}):
        page = text(reader.get(QUEUE, headers=headers))
        assert LINE not in page
        assert "Bulk actions under way" not in page


def test_what_is_left_to_the_workers_is_remembered_and_what_was_done_at_once_is_not(reader, cast, at, monkeypatch):
    monkeypatch.setattr(bulk, "wake_workers", lambda pk: None)
    few, many = ([at_stage(cast, "assigned", at) for _each in range(number)] for number in (1, 2))
    reader.post(chosen(reader, few), typed(cast))
    assert remembered(reader) == ""
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    address = chosen(reader, many)
    reader.post(address, typed(cast))
    assert remembered(reader) == str(BulkRun.objects.latest("pk").pk)
    assert reader.cookies[COOKIE]["httponly"]
    # The second click begins nothing.
    reader.cookies.clear()
    reader.force_login(cast.supervisor)
    reader.post(address, typed(cast))
    assert remembered(reader) == ""


def test_the_queue_then_asks_and_without_a_script_leads_to_the_list(reader, cast, at, begin):
    remember(reader, begin(cast.supervisor, [logged(cast, at)]))
    page = text(reader.get(QUEUE))
    assert f'hx-get="{LINE}"' in page
    assert f'<a href="{LIST}">Bulk actions under way</a>' in page
    part = text(reader.get(QUEUE, headers={"HX-Request": "true"}))
    assert f'hx-get="{LINE}"' in part
    assert "Bulk actions under way" not in part, "the line that stands there is not put back to the beginning"


def test_the_line_says_how_far_it_is_and_leads_there(reader, cast, at, begin):
    run = begin(cast.supervisor, [logged(cast, at) for _each in range(4)])
    settle(run, at, done=2)
    page = text(reader.get(LINE))
    assert f'<a href="/bulk/{run.pk}/">Reassigning 4 complaints: 2 done</a>' in page
    settle(run, at, done=2, refused=1)
    answer = reader.get(LINE)
    assert answer.status_code == 200
    assert "Reassigning 4 complaints: 2 done, 1 refused" in text(answer)
    assert "bulk-over" not in text(answer)


def test_of_several_the_newest_is_named_and_the_others_are_counted(reader, cast, at, begin):
    runs = [begin(cast.supervisor, [logged(cast, at)]) for _each in range(3)]
    page = text(reader.get(LINE))
    assert f"/bulk/{runs[2].pk}/" in page
    assert f"/bulk/{runs[0].pk}/" not in page
    assert "and 2 more" in page
    settle(runs[0], at, done=1)
    assert "and one more" in text(reader.get(LINE))
    # Also those that were begun on another device.
    assert remembered(reader) == f"{runs[1].pk}.{runs[2].pk}"


def test_what_is_over_is_told_once_and_then_forgotten(reader, cast, at, begin):
    run = begin(cast.supervisor, [logged(cast, at) for _each in range(3)])
    remember(reader, run)
    settle(run, at, done=2, refused=1)
    answer = reader.get(LINE)
    page = text(answer)
    assert answer.status_code == STOPPED
    assert f'<a href="/bulk/{run.pk}/">Reassigning 3 complaints is finished: 2 done, 1 refused</a>' in page
    assert 'hx-swap-oob="beforeend:#bulk-over"' in page
    assert '<div id="bulk-now"></div>' in page
    assert remembered(reader) == ""
    assert "is finished" not in text(reader.get(LINE))
    assert LINE not in text(reader.get(QUEUE))


def test_one_over_and_one_not_goes_on_asking(reader, cast, at, begin):
    over, going = begin(cast.supervisor, [logged(cast, at)]), begin(cast.supervisor, [logged(cast, at)])
    remember(reader, over, going)
    settle(over, at, done=1)
    answer = reader.get(LINE)
    assert answer.status_code == 200
    assert "Reassigning 1 complaint is finished: 1 done" in text(answer)
    assert "Reassigning 1 complaint: 0 done" in text(answer)
    assert remembered(reader) == str(going.pk)


def test_who_has_seen_the_result_is_not_told_again(reader, cast, at, begin):
    seen, going = begin(cast.supervisor, [logged(cast, at)]), begin(cast.supervisor, [logged(cast, at)])
    remember(reader, seen, going)
    reader.get(f"/bulk/{seen.pk}/")
    assert remembered(reader) == f"{seen.pk}.{going.pk}", "it is not over yet"
    settle(seen, at, done=1)
    reader.get(f"/bulk/{seen.pk}/")
    assert remembered(reader) == str(going.pk)


def test_other_peoples_actions_are_never_shown(reader, cast, at, begin):
    theirs, over = begin(cast.director, [logged(cast, at)]), begin(cast.director, [logged(cast, at)])
    settle(over, at, done=1)
    remember(reader, theirs, over)
    answer = reader.get(LINE)
    assert answer.status_code == STOPPED
    assert "Reassigning" not in text(answer)
    assert remembered(reader) == ""
    reader.logout()
    assert reader.get(LINE).url.startswith("/account/login/")


def test_what_was_only_chosen_is_not_under_way(reader, cast, at):
    run = bulk.choose(cast.supervisor, "reassign", type(logged(cast, at)).objects.all(), at=at)
    remember(reader, run)
    assert "Reassigning" not in text(reader.get(LINE))


@pytest.mark.parametrize("cookie", ["x", "1.-2.²", "." * 50, "9" * 300, f"{2**63 - 1}", "1e3"])
def test_a_cookie_that_names_nothing_is_passed_over(reader, cookie):
    reader.cookies[COOKIE] = cookie
    assert reader.get(LINE).status_code == STOPPED
    assert reader.get(QUEUE).status_code == 200


def test_only_the_newest_twenty_are_remembered(reader, cast, at, begin):
    complaint = logged(cast, at)
    runs = [begin(cast.supervisor, [complaint]) for _each in range(22)]
    reader.get(LINE)
    assert remembered(reader) == ".".join(str(run.pk) for run in runs[2:])


@pytest.mark.parametrize("runs", [1, 3])
def test_the_queue_takes_no_query_more_and_the_line_one(reader, cast, at, begin, runs, django_assert_num_queries):
    complaint = logged(cast, at)
    begun = [begin(cast.supervisor, [complaint]) for _each in range(runs)]
    remember(reader, *begun)
    # As without anything under way: tests/complaints/queue/test_views.py.
    with django_assert_num_queries(7):
        reader.get(QUEUE)
    # Session, person, actions.
    with django_assert_num_queries(3):
        reader.get(LINE)
