"""The pages of bulk actions: choosing on the queue, asking once, starting, and the result."""

import html

import pytest
import time_machine
from django.urls import reverse

from complaints import tasks
from complaints.choices import Status
from complaints.models import BulkRun, Category, Complaint
from complaints.queue import bulk
from tests.cases import at_stage, logged

LIST = "/bulk/"
QUEUE = "/queue/?view=team"


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def choose(client):
    """choose(person, complaints, action="reassign", …) → the answer to the queue's form."""

    def choose(somebody, complaints, action="reassign", follow=False, **fields):
        client.force_login(somebody)
        rows = [getattr(complaint, "pk", complaint) for complaint in complaints]
        return client.post(LIST, {"row": rows, "action": action, "next": QUEUE} | fields, follow=follow)

    return choose


def text(response) -> str:
    return html.unescape(response.content.decode())


def reassignment(cast, handler="colleague") -> dict:
    return {"assignee": f"{cast.hexi.pk}-{getattr(cast, handler).pk}", "reason": "Shift change"}


def test_the_queue_has_boxes_for_those_who_may_do_something_to_many(client, cast, at):
    logged(cast, at)
    client.force_login(cast.supervisor)
    page = text(client.get(QUEUE))
    assert 'name="row"' in page
    for action in ("Reassign…", "Assign…", "Change category…", "Close as duplicates…"):
        assert action in page
    client.force_login(cast.frontline)
    page = text(client.get(QUEUE))
    assert "Change category…" in page
    assert "Reassign…" not in page
    client.force_login(cast.auditor)
    page = text(client.get("/queue/?view=all"))
    assert "Wang Jianguo" in page
    assert 'name="row"' not in page
    assert "bulkbar" not in page


def test_a_few_are_done_at_once_and_the_result_names_the_refused_with_the_reason(client, cast, at, choose):
    done, refused = at_stage(cast, Status.ASSIGNED, at), at_stage(cast, Status.VERIFIED, at)
    asked = choose(cast.supervisor, [done, refused], follow=True)
    page = text(asked)
    for words in ["Reassign 2 complaints", done.reference, refused.reference, "Why they change hands"]:
        assert words in page
    address = asked.redirect_chain[-1][0]
    answer = client.post(address, reassignment(cast), follow=True)
    assert answer.redirect_chain == [(address, 302)]
    page = text(answer)
    for words in ["Done: 1. Refused: 1.", refused.reference, "“Reassign” is not possible", "Sun Yue", "Shift change"]:
        assert words in page
    assert done.reference not in page
    done.refresh_from_db()
    assert done.handler == cast.colleague
    assert f'href="{QUEUE}"' in page, "the way back"


def test_what_is_missing_in_the_form_is_said_and_nothing_begins(client, cast, at, choose):
    address = choose(cast.supervisor, [logged(cast, at)]).headers["Location"]
    answer = client.post(address, {"assignee": "999-999", "reason": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in text(answer)
    assert BulkRun.objects.get().started_at is None


@pytest.mark.parametrize(
    ("action", "typed", "words"),
    [
        ("assign", {}, "Choose who works on them."),
        ("reassign", {}, "Write the reason."),
        ("category", {}, "Choose the category."),
        ("duplicate", {"original": "C-1999-000001"}, "You see no complaint with this reference."),
        ("duplicate", {}, "Give the reference of the original complaint."),
    ],
)
def test_each_action_asks_for_what_it_needs(client, cast, at, choose, action, typed, words):
    address = choose(cast.supervisor, [logged(cast, at)], action).headers["Location"]
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert words in text(answer)


def test_category_and_duplicates_go_all_the_way(client, cast, at, choose):
    manners = Category.objects.create(name="Manners")
    original, copy = logged(cast, at), logged(cast, at)
    address = choose(cast.handler, [copy], "category").headers["Location"]
    page = text(client.post(address, {"category": manners.pk, "reason": "It is about manners"}, follow=True))
    assert "Done: 1. None was refused." in page
    address = choose(cast.handler, [copy], "duplicate").headers["Location"]
    client.post(address, {"original": original.reference.lower(), "reason": "Logged twice"})
    copy.refresh_from_db()
    assert (copy.category, copy.duplicate_of, copy.status) == (manners, original, Status.ARCHIVED)


def test_the_board_may_name_the_handler_beforehand(client, cast, at, choose):
    asked = choose(cast.supervisor, [logged(cast, at)], handler=f"{cast.hexi.pk}-{cast.colleague.pk}", follow=True)
    assert f'<option value="{cast.hexi.pk}-{cast.colleague.pk}" selected>' in text(asked)
    asked = choose(cast.supervisor, [logged(cast, at)], handler="nobody", follow=True)
    assert asked.status_code == 200


def test_all_that_match_are_those_of_the_view_under_the_filters(client, cast, at, choose):
    danger = [logged(cast, at, severity="danger") for _each in range(3)]
    logged(cast, at)
    logged(cast, at, severity="danger", team=cast.qujiang, site=cast.qujiang)
    answer = choose(cast.supervisor, [], all="1", view="team", filters="view=team&severity=danger&sort=newest")
    run = BulkRun.objects.get(pk=answer.headers["Location"].split("/")[2])
    assert set(run.rows.values_list("complaint", flat=True)) == {complaint.pk for complaint in danger}


@pytest.mark.parametrize("filters", ["q=%00", "q=%25", "severity=none&site=x", "&&=", "q=" + "x" * 5000])
def test_filters_that_make_no_sense_are_no_failure(cast, at, choose, filters):
    logged(cast, at)
    assert choose(cast.supervisor, [], all="1", view="team", filters=filters).status_code in (302, 400)


def test_rows_one_may_not_see_are_left_out_and_counted(cast, at, choose):
    mine = logged(cast, at)
    theirs = logged(cast, at, team=cast.qujiang, site=cast.qujiang, name="Secret Person", narrative="Secret words")
    page = text(choose(cast.handler, [mine, theirs, 99999999], "category", follow=True))
    assert "2 of the selected are not among the complaints that you see" in page
    assert "Secret" not in page
    assert "Change the category of 1 complaint" in page


@pytest.mark.parametrize("rows", [[], ["abc"], ["-1", "1.5", "٣", "", "9" * 30], ["0"]])
def test_without_a_row_that_exists_the_list_says_so(client, cast, at, choose, rows):
    logged(cast, at)
    answer = choose(cast.supervisor, rows, follow=True)
    assert answer.redirect_chain[-1][0] == QUEUE
    assert "Nothing was selected. Tick the complaints first." in text(answer)


@pytest.mark.parametrize("action", ["", "delete", "REASSIGN"])
def test_an_unknown_action_is_answered_on_the_list(cast, at, choose, action):
    answer = choose(cast.supervisor, [logged(cast, at)], action, follow=True)
    assert "There is no such action." in text(answer)
    assert not BulkRun.objects.exists()


def test_ten_thousand_rows_are_taken_and_more_are_answered_in_words(cast, at, choose, monkeypatch):
    complaint = logged(cast, at)
    page = text(choose(cast.supervisor, [complaint, *range(10**9, 10**9 + 9_999)], follow=True))
    assert "9999 of the selected are not among" in page
    monkeypatch.setattr(bulk, "MOST_ROWS", 1)
    page = text(choose(cast.supervisor, [complaint, logged(cast, at)], follow=True))
    assert "More than 1 complaints are too many at once." in page


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "2", ""]
)
def test_the_way_back_stays_in_the_desk(cast, at, choose, address):
    assert choose(cast.supervisor, [], next=address).headers["Location"] == reverse("complaints:queue")


def test_who_may_not_do_it_gets_a_403(cast, at, choose):
    assert choose(cast.auditor, [logged(cast, at)]).status_code == 403
    assert choose(cast.handler, [logged(cast, at)], "assign").status_code == 403


def test_a_run_belongs_to_its_person(client, cast, at, choose):
    address = choose(cast.supervisor, [logged(cast, at)]).headers["Location"]
    client.force_login(cast.director)
    assert client.get(address).status_code == 404
    assert client.post(address, reassignment(cast)).status_code == 404
    assert "Reassign 1 complaint" not in text(client.get(LIST))


def test_starting_twice_does_it_once(client, cast, at, choose):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    address = choose(cast.supervisor, [complaint]).headers["Location"]
    for _twice in range(2):
        assert client.post(address, reassignment(cast)).status_code == 302
    assert complaint.events.filter(kind="reassigned").count() == 1


def test_starting_with_other_values_says_so_and_gives_the_words_back(client, cast, at, choose):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    address = choose(cast.supervisor, [complaint]).headers["Location"]
    client.post(address, reassignment(cast))
    again = client.post(address, reassignment(cast) | {"reason": "No, she is on leave"})
    assert again.status_code == 409
    assert "This was started already, with what stands here." in text(again)
    assert "readonly>No, she is on leave</textarea>" in again.content.decode()
    assert complaint.events.filter(kind="reassigned").count() == 1


def test_many_are_left_to_a_worker_who_is_woken_on_commit(
    client, cast, at, choose, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    woken = []
    monkeypatch.setattr(bulk, "wake_workers", woken.append)
    complaints = [at_stage(cast, Status.ASSIGNED, at) for _each in range(2)]
    address = choose(cast.supervisor, complaints).headers["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, reassignment(cast))
    run = BulkRun.objects.get()
    assert woken == [run.pk]
    page = text(client.get(address))
    for words in ["0 of 2 are worked through", 'role="progressbar"', 'aria-valuenow="0"', "renew.js"]:
        assert words in page
    assert "Under way: 0 of 2" in text(client.get(LIST))
    bulk.work_one(run.pk, at=at)
    piece = client.get(address, headers={"HX-Request": "true"})
    assert "1 of 2 are worked through" in text(piece)
    assert "<html" not in text(piece)
    tasks.work_bulk(run.pk)
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Done: 2. None was refused." in text(client.get(address))
    assert "Done: 2. Refused: 0." in text(client.get(LIST))


def test_without_redis_the_start_is_kept(client, cast, at, choose, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(bulk, "AT_ONCE", 0)

    def away(run_id):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(bulk, "wake_workers", away)
    address = choose(cast.supervisor, [logged(cast, at)]).headers["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, reassignment(cast)).status_code == 302
    tasks.work_bulk_runs()
    assert "Refused: 1." in text(client.get(address))


def test_a_refused_case_that_went_out_of_sight_is_not_named(client, cast, at, choose):
    complaint = logged(cast, at)
    address = choose(cast.supervisor, [complaint]).headers["Location"]
    Complaint.objects.filter(pk=complaint.pk).update(team=cast.qujiang, site=cast.qujiang)
    page = text(client.post(address, reassignment(cast), follow=True))
    assert "A complaint that you do not see any more" in page
    assert complaint.subject not in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_result_takes_the_same_queries_for_any_number(
    client, cast, at, choose, number, django_assert_max_num_queries
):
    address = choose(cast.supervisor, [logged(cast, at) for _each in range(number)]).headers["Location"]
    with django_assert_max_num_queries(8):
        client.get(address)
    client.post(address, reassignment(cast))
    with django_assert_max_num_queries(8):
        client.get(address)
    with django_assert_max_num_queries(8):
        client.get(LIST)


def test_refused_rows_are_paged_and_a_wrong_key_is_said(client, cast, at, choose, monkeypatch):
    monkeypatch.setattr("complaints.queue.views_bulk.REFUSED_SHOWN", 1)
    address = choose(cast.supervisor, [logged(cast, at), logged(cast, at)]).headers["Location"]
    page = text(client.post(address, reassignment(cast), follow=True))
    assert page.count("is not possible at the stage") == 1
    following = page.split('href="?after=')[1].split('"')[0]
    second = text(client.get(f"{address}?after={following}"))
    assert second.count("is not possible at the stage") == 1
    assert "Previous" in second
    assert "no longer fits" in text(client.get(f"{address}?after=promise.1.2"))


def test_what_was_refused_can_be_taken_up_again_by_its_person_alone(client, cast, at, choose):
    good, early = at_stage(cast, Status.ASSIGNED, at), logged(cast, at)
    address = choose(cast.supervisor, [good, early]).headers["Location"]
    first = int(address.split("/")[2])
    page = text(client.post(address, reassignment(cast), follow=True))
    assert f'name="refused_of" value="{first}"' in page
    choose(cast.supervisor, [], "category", refused_of=first)
    assert [row.complaint for row in BulkRun.objects.first().rows.all()] == [early]
    for somebody, wrong in [(cast.director, first), (cast.supervisor, "x"), (cast.supervisor, 10**17)]:
        page = text(choose(somebody, [], "category", refused_of=wrong, follow=True))
        assert "Nothing was selected." in page


def test_more_fields_than_any_page_sends_are_a_bad_request(cast, choose):
    assert choose(cast.supervisor, range(13_000)).status_code == 400
