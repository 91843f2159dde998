"""The rows of the board: what is lost next stands first, each case once, and every figure is its list and its link."""

import random
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Absence
from complaints.choices import Status
from complaints.models import Complaint
from complaints.queue.worklists import WORKLISTS
from followups.board import board, rows as board_rows
from followups.escalation import naming
from followups.models import Escalation, Notice, Promise
from tests.cases import at_stage, logged
from tests.followups.board.at_the_board import asked, shown

pytestmark = pytest.mark.django_db
BOARD, QUEUE = reverse("followups:board"), reverse("complaints:queue")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def due(complaint, moment, **more) -> Complaint:
    """The case promises nothing but by that moment, and is sorted by it."""
    complaint.promises.update(due_at=moment, made_at=moment - 9 * HOUR, **more)
    Complaint.objects.filter(pk=complaint.pk).update(next_due_at=moment)
    return complaint


def lists(cast, now) -> board_rows.Lists:
    return board_rows.lists(cast.supervisor, now, board.away_at(now))


def broken(complaint, now, ago=HOUR) -> Complaint:
    """Its promise broke a while ago, and nothing made it good."""
    return due(complaint, now - ago, state="broken", settled_at=now, broken_at=now - ago)


def of(rows) -> list[Complaint]:
    return [row.complaint for row in rows]


def test_danger_stands_before_everything_then_the_clock(cast, now):
    first_contact = due(logged(cast, now - HOUR), now + 5 * MINUTE)
    danger = due(logged(cast, now - HOUR, severity="danger"), now + 3 * HOUR)
    danger.escalations.update(sign_by=now + 9 * MINUTE)
    resolution = due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 30 * MINUTE)
    due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 2 * HOUR)

    assert of(lists(cast, now).now) == [danger, first_contact, resolution]


def test_what_must_be_signed_and_what_breaks_in_one_case_is_one_row(cast, now):
    complaint = due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 30 * MINUTE)
    for note in ("One", "Two"):
        asked(cast, complaint, now, note=note)
    complaint.escalations.update(sign_by=now + 10 * MINUTE)

    (row,) = lists(cast, now).now

    assert (row.moment, row.promise.due_at, row.more_to_sign) == (now + 10 * MINUTE, now + 30 * MINUTE, 1)


def test_what_is_broken_stands_in_its_own_list_and_with_danger_on_top(cast, now):
    late = broken(at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    danger = due(
        logged(cast, now - HOUR, severity="danger"), now - HOUR, state="broken", settled_at=now, broken_at=now
    )
    danger.escalations.update(sign_by=now + 9 * MINUTE)

    found = lists(cast, now)

    assert of(found.now) == [danger]
    assert of(found.broken) == [late]
    assert found.broken_above == 1
    assert board.figures(cast.supervisor, now)["overdue"] == 2


@pytest.mark.parametrize("told", [True, False])
def test_a_broken_promise_says_whether_the_customer_knows_and_whether_there_is_a_new_date(client, cast, now, told):
    complaint = broken(at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    promise = complaint.promises.first()
    Notice.objects.all().delete()
    if told:
        Notice.objects.create(
            key="x",
            complaint=complaint,
            to_customer=True,
            event="customer_promise_broken",
            data={"promise": promise.pk},
            state=Notice.State.SENT,
            sent_at=now,
            created_at=now,
            not_before=now,
        )
    client.force_login(cast.supervisor)

    page = shown(client, BOARD)

    assert ("The customer was not told." in page) is not told
    assert "No new date." in page
    assert page.index("New date…") < page.index("Change person")


def test_in_nobodys_hands_is_what_no_list_above_holds(cast, now):
    waiting = due(logged(cast, now - HOUR), now + 5 * HOUR)
    urgent = due(logged(cast, now - HOUR), now + 5 * MINUTE)

    found = lists(cast, now)

    assert of(found.nobodys) == [waiting]
    assert of(found.now) == [urgent]
    assert found.nobodys_above == 1


def test_later_is_what_comes_after_the_hour(cast, now):
    due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 30 * MINUTE)
    after = due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 2 * HOUR)
    assert of(board_rows.later(cast.supervisor, now, {})) == [after]


def test_later_is_asked_for_when_it_is_opened(client, cast, now):
    after = due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 2 * HOUR)
    client.force_login(cast.supervisor)
    assert after.reference not in shown(client, BOARD)
    answer = client.get(f"{BOARD}?later", headers={"HX-Request": "true"})
    assert after.reference in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_what_waits_for_the_customer_is_not_lost(cast, now):
    due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 30 * MINUTE, paused_since=now)
    assert lists(cast, now).now == []


def test_who_is_away_is_said_in_the_row(cast, now):
    due(at_stage(cast, Status.ASSIGNED, now - HOUR), now + 30 * MINUTE)
    Absence.objects.create(person=cast.handler, begins_at=now - HOUR, ends_at=now + 9 * HOUR)
    (row,) = lists(cast, now).now
    assert row.away.until == now + 9 * HOUR


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_its_list_and_the_view_behind_its_link(client, cast, now, seed, monkeypatch):
    """Random cases: what the figure counts, what the queue shows and what the board lists are the same complaints."""
    monkeypatch.setattr(board_rows, "LONGEST_LIST", 20)
    monkeypatch.setattr(board_rows, "LONGEST_NOW", 20)
    dice = random.Random(seed)
    for _number in range(9):
        stage = dice.choice([Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED, Status.RESOLVED])
        severity = dice.choice(["danger", "normal"])
        complaint = at_stage(cast, stage, now - 9 * HOUR, severity=severity)
        moment = now + dice.choice([-2, -1, 0.4, 0.9, 3, 40]) * HOUR
        state = {"state": "broken", "settled_at": now, "broken_at": moment} if moment < now else {}
        due(complaint, moment, **state)
        if dice.random() < 0.5:
            asked(cast, complaint, now - 2 * HOUR)
        complaint.escalations.update(sign_by=now + dice.choice([0.2, 0.8, 6]) * HOUR)
        if dice.random() < 0.3:
            Complaint.objects.filter(pk=complaint.pk).update(handler=None)
    client.force_login(cast.supervisor)
    found, figures = lists(cast, now), board.figures(cast.supervisor, now)
    visible = Complaint.objects.visible_to(cast.supervisor)
    on_page = {
        "hour": len(found.now),
        "overdue": len(found.broken) + found.broken_above,
        "unassigned": len(found.nobodys) + found.nobodys_above,
    }

    for view in board.VIEWS:
        held = WORKLISTS[view].pick(visible, cast.supervisor, now)
        rows = client.get(QUEUE, {"view": view}).context["page"].rows
        assert {row.pk for row in rows} == {row.pk for row in held}
        assert figures[view] == len(held)
        assert on_page.get(view, figures[view]) == figures[view]
    everything = of(found.rows)
    assert len(everything) == len(set(everything))


def test_a_figure_links_to_the_view_that_it_counts(client, cast, now):
    client.force_login(cast.supervisor)
    page = shown(client, BOARD)
    for view in board.VIEWS:
        assert f"{QUEUE}?view={view}" in page
        assert client.get(QUEUE, {"view": view}).context["worklist"].key == view


class TestNaming:
    def test_nobody_or_a_name_stands_there_and_is_changed_in_place(self, client, cast, now):
        complaint = due(logged(cast, now - HOUR), now + 5 * HOUR)
        client.force_login(cast.supervisor)
        assert "nobody yet" in shown(client, BOARD)

        address = reverse("followups:name_verifier", args=[complaint.reference])
        answer = client.post(address, {"verifier": cast.colleague.pk, "next": BOARD})

        assert answer.url == BOARD
        assert f"{cast.colleague.label} verifies" in shown(client, BOARD)
        assert Notice.objects.get(event="to_verify").person == cast.colleague
        assert complaint in WORKLISTS["mine"].pick(Complaint.objects.all(), cast.colleague, now)

    def test_signing_and_naming_are_one_form(self, client, cast, now):
        complaint = logged(cast, now - HOUR, severity="danger")
        escalation = Escalation.objects.get(complaint=complaint)
        client.force_login(cast.supervisor)
        assert f'id="verifier-{complaint.pk}"' in shown(client, BOARD)

        given = {"note": "I drive there", "verifier": cast.frontline.pk, "next": BOARD}
        client.post(reverse("followups:sign", args=[escalation.pk]), given)

        escalation.refresh_from_db()
        assert (escalation.signed_by, escalation.signed_note) == (cast.supervisor, "I drive there")
        assert complaint.verifier.person == cast.frontline

    @pytest.mark.parametrize("choice", ["stranger", "", "0"])
    def test_who_cannot_verify_is_refused(self, client, cast, now, choice):
        complaint = logged(cast, now - HOUR)
        client.force_login(cast.supervisor)
        pk = getattr(cast, choice).pk if choice == "stranger" else choice
        answer = client.post(reverse("followups:name_verifier", args=[complaint.reference]), {"verifier": pk})
        assert answer.status_code == 422
        assert not naming.Verifier.objects.exists()

    @pytest.mark.parametrize(("who", "status"), [("handler", 403), ("stranger", 404), ("auditor", 403)])
    def test_only_a_supervisor_names(self, client, cast, now, who, status):
        complaint = logged(cast, now - HOUR)
        client.force_login(getattr(cast, who))
        address = reverse("followups:name_verifier", args=[complaint.reference])
        assert client.post(address, {"verifier": cast.colleague.pk}).status_code == status


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_cost_the_same_for_one_case_and_for_three(cast, now, rows, django_assert_num_queries):
    for _number in range(rows):
        due(logged(cast, now - HOUR, severity="danger"), now + 9 * MINUTE)
        broken(at_stage(cast, Status.ASSIGNED, now - HOUR), now)
        due(logged(cast, now - HOUR), now + 5 * HOUR)
    Escalation.objects.update(sign_by=now + MINUTE)
    Promise.objects.filter(state="open", due_at__lt=now).update(due_at=now + HOUR)
    # Roles; ids: to sign, to keep, broken, nobody's; cases, escalations, promises; who was told; who may verify.
    with django_assert_num_queries(11):
        lists(cast, now)
