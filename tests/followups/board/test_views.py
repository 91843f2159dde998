"""The supervisor's board, signing, escalating, and what could not be delivered."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Absence, AuthorityLimit
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import options
from followups.escalation import escalations
from followups.models import Notice, Promise
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.flat import flat
from tests.followups.board.at_the_board import asked, dead, shown

pytestmark = pytest.mark.django_db
BOARD, NOTICES, WALL = (reverse(f"followups:{name}") for name in ("board", "notices", "wall"))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("supervisor", 200),
        ("director", 200),
        ("handler", 403),
        ("frontline", 403),
        ("auditor", 403),
        ("administrator", 403),
    ],
)
@pytest.mark.parametrize("address", [BOARD, NOTICES, WALL])
def test_the_board_is_for_supervisors(client, cast, who, status, address):
    client.force_login(getattr(cast, who))

    assert client.get(address).status_code == status


def test_an_empty_board_says_so(client, cast):
    client.force_login(cast.supervisor)

    page = shown(client, BOARD)

    assert "Region West" in page
    assert "Nothing has to be signed or saved within the hour." in page
    assert "No promise is broken." in page


def test_the_promise_that_breaks_first_stands_first(client, cast, now):
    later = logged(cast, now - HOUR, subject="Later one")
    sooner = logged(cast, now - HOUR, subject="Sooner one")
    Promise.objects.filter(complaint=later).update(due_at=now + HOUR / 2)
    Promise.objects.filter(complaint=sooner).update(due_at=now + HOUR / 4)
    client.force_login(cast.supervisor)

    page = shown(client, BOARD)

    assert page.index("Sooner one") < page.index("Later one")


def test_a_renewal_brings_what_changes_by_itself_and_keeps_what_is_typed(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR, subject="Pump four")
    Complaint.objects.filter(pk=complaint.pk).update(severity="danger")
    escalation = asked(cast, complaint, now)
    client.force_login(cast.supervisor)

    answer = client.get(BOARD, headers={"HX-Request": "true"})

    html = flat(answer.content.decode())
    assert "Pump four" in html
    assert "innerHTML:#board-figures" in html
    assert "<html" not in html
    assert f'id="note-{escalation.pk}" hx-preserve' in html
    assert 'reassign" hx-preserve' in html
    assert "Load per handler" not in html
    assert "HX-Request" in answer.headers["Vary"]


def test_an_assigned_case_can_be_reassigned_from_the_board(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    Promise.objects.update(due_at=now + HOUR / 2)
    client.force_login(cast.supervisor)

    assert reverse("complaints:step", args=[complaint.reference, "reassign"]) in shown(client, BOARD)


def test_what_changes_hands_can_be_ticked_and_nothing_else(client, cast, now):
    assigned = at_stage(cast, Status.ASSIGNED, now - HOUR)
    verified = at_stage(cast, Status.VERIFIED, now - HOUR)
    received = logged(cast, now - HOUR)
    client.force_login(cast.supervisor)

    Promise.objects.update(due_at=now + HOUR / 2)
    answer = client.get(BOARD)
    page = flat(answer.content.decode())

    assert {(row.complaint.pk, row.action) for row in answer.context["lists"].rows} == {
        (assigned.pk, "reassign"),
        (verified.pk, "assign"),
        (received.pk, ""),
    }
    assert f'name="row" value="{assigned.pk}" form="hand-over"' in page
    assert f'name="row" value="{received.pk}"' not in page
    assert 'value="reassign"' in page
    assert 'value="assign"' in page


def test_a_case_dropped_on_a_handler_comes_with_that_handler_filled_in(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.supervisor)
    page = shown(client, BOARD)
    seat = f"{cast.hexi.pk}-{cast.colleague.pk}"
    assert f'data-assignee="{seat}"' in page

    given = {"row": complaint.pk, "action": "reassign", "handler": seat, "next": BOARD}
    answer = client.post(reverse("complaints:bulk"), given, follow=True)

    assert f'value="{seat}" selected' in flat(answer.content.decode())


def test_handlers_with_nothing_open_stand_behind_the_others(client, cast, now):
    at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.supervisor)

    found = [(row.handler, row.total) for row in client.get(BOARD).context["loads"]]

    assert found == [(cast.handler, 1), (cast.colleague, 0), (cast.neighbour, 0)]


def test_who_is_away_is_named_with_the_deputy(client, cast, now):
    at_stage(cast, Status.ASSIGNED, now - HOUR)
    Promise.objects.update(due_at=now + HOUR / 2)
    Absence.objects.create(person=cast.handler, begins_at=now - HOUR, ends_at=now + 48 * HOUR, deputy=cast.colleague)
    client.force_login(cast.supervisor)

    for address in (BOARD, WALL):
        assert shown(client, address).count(f"deputy {cast.colleague.label}") >= 2


def test_the_load_leads_to_the_queue_of_that_handler(client, cast, now):
    mine, other = (at_stage(cast, Status.ASSIGNED, now - HOUR, subject=name) for name in ("Of Li", "Of nobody"))
    Complaint.objects.filter(pk=other.pk).update(handler=cast.colleague)
    client.force_login(cast.supervisor)

    address = f"{reverse('complaints:queue')}?view=team&handler={cast.handler.pk}"
    assert address.replace("&", "&amp;") in shown(client, BOARD)

    assert mine.reference in shown(client, address)
    assert other.reference not in shown(client, address)


def test_the_wall_names_cases_but_neither_customers_nor_their_words(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR, subject="Mr Wang is angry")
    promises.make(
        complaint.pk,
        kind="visit",
        words="We drive to Mr Wang",
        due_at=now + HOUR,
        actor=Actor.staff(cast.supervisor),
        at=now,
        confirmed=frozenset({"hours"}),
    )
    client.force_login(cast.supervisor)

    page = shown(client, WALL)

    assert complaint.reference in page
    assert "Visit" in page
    assert "Wang" not in page
    assert "4417" not in page


def test_the_wall_renews_itself_in_part(client, cast, now):
    logged(cast, now - HOUR)
    client.force_login(cast.supervisor)

    answer = client.get(WALL, headers={"HX-Request": "true"})

    assert "What is lost next" in answer.content.decode()
    assert "innerHTML:#wall-updated" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_cases_of_other_regions_are_not_on_the_board(client, cast, now):
    complaint = logged(cast, now, team=cast.qujiang, site=cast.qujiang, subject="Of the east")
    complaint.logged_by = cast.stranger
    complaint.save(update_fields=["logged_by"])
    asked_by = Actor.staff(cast.stranger)
    escalations.escalate_by_hand(complaint.pk, note="Help", tried="All", actor=asked_by, at=now)
    dead(complaint)
    client.force_login(cast.supervisor)

    assert "Of the east" not in shown(client, BOARD)
    assert "Of the east" not in shown(client, NOTICES)
    client.force_login(cast.director)
    assert "Of the east" in shown(client, BOARD)
    assert "Of the east" in shown(client, NOTICES)


def test_a_supervisor_named_in_a_case_does_not_see_it(client, cast, now):
    complaint = logged(cast, now - HOUR, named_people=[cast.supervisor], subject="About the boss")
    escalation = asked(cast, complaint, now)
    client.force_login(cast.supervisor)

    assert "About the boss" not in shown(client, BOARD)
    assert client.post(reverse("followups:sign", args=[escalation.pk])).status_code == 404


def test_the_load_counts_every_open_case_once(client, cast, now):
    for hours in (-1, 1, 72):
        complaint = at_stage(cast, Status.ASSIGNED, now - 3 * HOUR)
        complaint.next_due_at = now + hours * HOUR
        complaint.save(update_fields=["next_due_at"])
    at_stage(cast, Status.ARCHIVED, now - 3 * HOUR)
    client.force_login(cast.supervisor)

    load = [row for row in client.get(BOARD).context["loads"] if row.total]

    assert [(row.handler, row.total, row.broken) for row in load] == [(cast.handler, 3, 1)]
    assert sum((load[0].broken, load[0].today, load[0].later)) == 3


def test_what_waits_for_approval_is_listed_and_ones_own_is_not_to_be_approved(client, cast, now):
    AuthorityLimit.objects.create(team=cast.company, role="handler", amount=Decimal(100))
    AuthorityLimit.objects.create(team=cast.company, role="supervisor", amount=Decimal(1000))
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    for who, amount in ((cast.handler, 480), (cast.supervisor, 5000), (cast.handler, 50)):
        options.offer(complaint.pk, words=f"Pay {amount}", amount=Decimal(amount), actor=Actor.staff(who), at=now)
    client.force_login(cast.supervisor)

    page = shown(client, BOARD)

    assert "Pay 480" in page
    assert "¥5,000: Pay 5000" in page
    assert "Pay 50<" not in page
    assert page.count('value="yes"') == 1
    assert "Your own request: somebody else decides." in page


def test_undelivered_messages_are_counted_and_listed_with_the_reason(client, cast, now):
    complaint = logged(cast, now - HOUR)
    dead(complaint)
    dead(complaint, state=Notice.State.UNCONFIRMED, to_customer=False, person=cast.handler, address="li@desk.example")
    dead(complaint, state=Notice.State.SENT)
    client.force_login(cast.supervisor)

    assert "2 messages could not be delivered" in shown(client, BOARD)
    page = shown(client, NOTICES)
    assert page.count("Try again") == 2
    assert "550 no such mailbox" in page
    assert "li@desk.example" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_board_costs_the_same_for_one_case_and_for_three(client, cast, now, rows, django_assert_num_queries):
    AuthorityLimit.objects.create(team=cast.company, role="handler", amount=Decimal(0))
    for number in range(rows):
        complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
        asked(cast, complaint, now, note=f"Number {number}")
        dead(complaint)
        options.offer(complaint.pk, words="Pay", amount=Decimal(5), actor=Actor.staff(cast.handler), at=now)
        logged(cast, now - HOUR)
        late = at_stage(cast, Status.ASSIGNED, now - HOUR)
        late.promises.update(state="broken", settled_at=now, broken_at=now)
        Complaint.objects.filter(pk=late.pk).update(next_due_at=now - HOUR)
    client.force_login(cast.supervisor)

    # Session, person, roles, who is away; figures; ten for the lists; teams, approvals, loads, desks.
    with django_assert_num_queries(19):
        client.get(BOARD)
    with django_assert_num_queries(15):
        client.get(BOARD, headers={"HX-Request": "true"})
    with django_assert_num_queries(17):
        client.get(WALL)
    with django_assert_num_queries(4):
        client.get(NOTICES)
