"""Where there is much, the queue counts and reads otherwise: it must be what the plain way gives."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Role
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.db.keyset_paging import page_of
from complaints.models import Complaint
from complaints.queue import counting, views as queue, worklists
from complaints.queue.counting import bounded_counts, counts
from complaints.queue.worklists import ORDERS, WORKLISTS, rows_of, worklists_of
from followups import clock
from followups.escalation import escalations, naming
from followups.models import Promise
from tests.cases import at_stage
from tests.cast import person

STAGES = (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED, Status.RESOLVED, Status.ARCHIVED)
LOOKING = ("frontline", "handler", "colleague", "neighbour", "lead", "supervisor", "director", "auditor", "reviewer")
# In hours from now, as what falls due and what must be signed lies.
MOMENTS = (-30, -1, 0.5, 3, None, 40)
IN_PARTS = ("sign", "hour")
numbers = count()


@pytest.fixture
def at():
    """Now: views of the queue are asked at the moment of the page."""
    return clock.now()


@pytest.fixture
def desk(cast, at):
    """Twenty-four cases: stages, teams, sites, moments, what waits, is to be signed, and who is named in disorder."""
    cast.lead = person("lead", (Role.SUPERVISOR, cast.hexi))
    past = at - timedelta(days=2)
    for number in range(24):
        team = (cast.hexi, cast.hexi, cast.weiyang, cast.qujiang, cast.service)[number % 5]
        site = (cast.hexi, cast.weiyang, cast.qujiang)[number % 3]
        stage = STAGES[number % 4 if number % 7 else 4]
        case = at_stage(cast, stage, past, phone=f"1390000{number:04}", email="", name=f"Customer {number}")
        hours = MOMENTS[number % 6]
        Complaint.objects.filter(pk=case.pk).update(
            team=team,
            site=None if number % 8 == 1 else site,
            severity=("danger", "urgent", "normal", "complex")[number % 4],
            received_at=past + timedelta(minutes=number * 7 % 11),
            next_due_at=None if hours is None else at + timedelta(hours=hours),
            waiting_since=past if number % 6 == 5 else None,
        )
        case.refresh_from_db()
        due = {"due_at": at + timedelta(hours=MOMENTS[(number + 2) % 6] or 9)}
        Promise.objects.filter(complaint=case).update(**due)
        Promise.objects.filter(complaint=case, kind="resolution").update(
            paused_since=past if number % 6 == 5 else None
        )
        for again in range(number % 3):
            key = f"{next(numbers)}"
            made = escalations.escalate(case, reason="manual", key=key, at=past, at_once_to_top=number % 4 == 3)
            signed = past if (number + again) % 5 == 0 else None
            sign_by = at + timedelta(hours=(-5, 0.2, 30)[(number + again) % 3])
            type(made).objects.filter(pk=made.pk).update(sign_by=sign_by, signed_at=signed)
        if number % 6 == 0:
            case.named_people.add((cast.handler, cast.supervisor, cast.director)[number // 6 % 3])
    received = Complaint.objects.filter(status=Status.RECEIVED, team=cast.hexi).exclude(named_people=cast.supervisor)
    naming.name_verifier(received[0].pk, person=cast.colleague, actor=Actor.staff(cast.supervisor), at=at)
    return cast


def plain(key: str, somebody, at) -> set[int]:
    held = WORKLISTS[key].pick(Complaint.objects.visible_to(somebody), somebody, at)
    return set(held.values_list("pk", flat=True))


def test_the_ways_to_see_a_case_hold_together_what_is_visible(desk):
    for name in (*LOOKING, "stranger", "administrator"):
        ways = [set(way) for way in Complaint.objects.ways_visible_to(getattr(desk, name))]
        assert set().union(*ways) == set(Complaint.objects.visible_to(getattr(desk, name))), name


@pytest.mark.parametrize("most", [2, 1000])
def test_each_view_is_counted_as_the_plain_way_counts(desk, at, most, monkeypatch):
    monkeypatch.setattr(worklists, "MOST_COUNTED", most)
    # What is written once for a person has the bound in it.
    monkeypatch.setattr(counting, "_parts", counting._parts.__wrapped__)
    urgent = Complaint.objects.filter(severity="urgent")
    for name in LOOKING:
        somebody = getattr(desk, name)
        held = {key: plain(key, somebody, at) for key in worklists_of(somebody)}
        mosts = {key: view.most or most for key, view in worklists_of(somebody).items()}
        expected = {key: min(len(held[key]), mosts[key] + 1) for key in held}
        assert counts(Complaint.objects.all(), somebody, at) == expected, name
        among = set(urgent.values_list("pk", flat=True))
        expected = {key: min(len(held[key] & among), mosts[key] + 1) for key in held}
        assert counts(urgent, somebody, at) == expected, name


def test_what_is_read_in_parts_is_the_same_in_the_same_order(desk, at):
    for somebody in (desk.lead, desk.supervisor, desk.director):
        for key in IN_PARTS:
            compare(somebody, WORKLISTS[key], at)


def compare(somebody, view, at):
    """All pages of a view, read in parts, beside the whole of it, in each order."""
    visible = Complaint.objects.visible_to(somebody)
    parts = view.parted(visible, somebody, at)
    assert view.parts, "this view has no parts"
    assert bounded_counts([parts]) == [len(plain(view.key, somebody, at))]
    rows = rows_of(Complaint.objects.all(), at)
    for order in ORDERS.values():
        whole = page_of(rows_of(view.pick(visible, somebody, at), at), order, size=50).rows
        found, after = [], ""
        while page := page_of(rows, order, after=after, size=2, parts=parts):
            found += page.rows
            if not (after := page.next):
                break
        assert found == whole
        assert len(whole) > 2


def test_the_page_of_a_view_that_holds_much_shows_the_same(desk, monkeypatch):
    client = Client()
    client.force_login(desk.director)
    usual = [client.get(f"/queue/?view={key}").context["page"].rows for key in IN_PARTS]
    joined = []

    def look_and_send(execute, sql, *rest):
        joined.append("EXISTS" in sql and "next_due_at" in sql and "LEAST" not in sql)
        return execute(sql, *rest)

    monkeypatch.setattr(queue, "MOST_COUNTED", 1)
    with connection.execute_wrapper(look_and_send):
        much = [client.get(f"/queue/?view={key}").context["page"].rows for key in IN_PARTS]
    assert joined.count(True) == len(IN_PARTS), "it was read the usual way"
    assert much == usual
    assert all(len(rows) > 2 for rows in much)
