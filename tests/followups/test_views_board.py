"""The supervisor's board, signing, escalating, and what could not be delivered."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthorityLimit
from complaints import solutions
from complaints.actors import Actor
from complaints.choices import Status
from followups import escalations
from followups.models import Escalation, Notice, Promise
from tests.cases import at_stage, logged

pytestmark = pytest.mark.django_db
BOARD, NOTICES = reverse("followups:board"), reverse("followups:notices")
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


def shown(client, address=BOARD) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def asked(cast, complaint, at, note="The customer shouts") -> Escalation:
    """An escalation by hand, which the supervisor of the west must sign."""
    return escalations.manual(
        complaint.pk, note=note, tried="Talked to him twice", actor=Actor.staff(cast.handler), at=at
    )


def dead(complaint, **given) -> Notice:
    fields = {
        "key": f"test:{Notice.objects.count()}",
        "complaint": complaint,
        "to_customer": True,
        "address": "wang@customer.example",
        "event": "customer_acknowledged",
        "state": Notice.State.DEAD,
        "created_at": timezone.now(),
        "not_before": timezone.now(),
        "attempts": 5,
        "last_error": "550 no such mailbox",
    }
    return Notice.objects.create(**(fields | given))


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
@pytest.mark.parametrize("address", [BOARD, NOTICES])
def test_the_board_is_for_supervisors(client, cast, who, status, address):
    client.force_login(getattr(cast, who))

    assert client.get(address).status_code == status


def test_an_empty_board_says_so(client, cast):
    client.force_login(cast.supervisor)

    page = shown(client)

    assert "Region West" in page
    assert "No promise is open." in page
    assert "Nothing waits for your signature." in page


def test_the_promise_that_breaks_first_stands_first(client, cast, now):
    later = logged(cast, now - HOUR, subject="Later one")
    sooner = logged(cast, now - HOUR, subject="Sooner one")
    Promise.objects.filter(complaint=later).update(due_at=now + 5 * HOUR)
    Promise.objects.filter(complaint=sooner).update(due_at=now + HOUR)
    client.force_login(cast.supervisor)

    page = shown(client)

    assert page.index("Sooner one") < page.index("Later one")


def test_a_renewal_brings_the_figures_and_what_breaks_next_and_nothing_else(client, cast, now):
    asked(cast, logged(cast, now - HOUR, subject="Pump four"), now)
    client.force_login(cast.supervisor)

    answer = client.get(BOARD, headers={"HX-Request": "true"})

    assert "Pump four" in answer.content.decode()
    assert "innerHTML:#board-figures" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert "Sign for it" not in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_an_assigned_case_can_be_reassigned_from_the_board(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.supervisor)

    assert reverse("complaints:step", args=[complaint.reference, "reassign"]) in shown(client)


def test_cases_of_other_regions_are_not_on_the_board(client, cast, now):
    complaint = logged(cast, now, team=cast.qujiang, site=cast.qujiang, subject="Of the east")
    complaint.logged_by = cast.stranger
    complaint.save(update_fields=["logged_by"])
    asked_by = Actor.staff(cast.stranger)
    escalations.manual(complaint.pk, note="Help", tried="All", actor=asked_by, at=now)
    dead(complaint)
    client.force_login(cast.supervisor)

    assert "Of the east" not in shown(client)
    assert "Of the east" not in shown(client, NOTICES)
    client.force_login(cast.director)
    assert "Of the east" in shown(client)
    assert "Of the east" in shown(client, NOTICES)


def test_a_supervisor_named_in_a_case_does_not_see_it(client, cast, now):
    complaint = logged(cast, now - HOUR, named_people=[cast.supervisor], subject="About the boss")
    escalation = asked(cast, complaint, now)
    client.force_login(cast.supervisor)

    assert "About the boss" not in shown(client)
    assert client.post(reverse("followups:sign", args=[escalation.pk])).status_code == 404


def test_the_load_counts_every_open_case_once(client, cast, now):
    for hours in (-1, 1, 72):
        complaint = at_stage(cast, Status.ASSIGNED, now - 3 * HOUR)
        complaint.next_due_at = now + hours * HOUR
        complaint.save(update_fields=["next_due_at"])
    at_stage(cast, Status.ARCHIVED, now - 3 * HOUR)
    client.force_login(cast.supervisor)

    load = client.get(BOARD).context["loads"]

    assert [(row.handler, row.total, row.broken) for row in load] == [(cast.handler, 3, 1)]
    assert sum((load[0].broken, load[0].today, load[0].later)) == 3


def test_signing_ends_the_wait(client, cast, now):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    client.force_login(cast.supervisor)
    assert "The customer shouts" in shown(client)
    assert "Talked to him twice" in shown(client)

    address = reverse("followups:sign", args=[escalation.pk])
    for _time in range(2):
        answer = client.post(address, {"note": "I call him today", "next": BOARD})
        assert answer.url == BOARD

    escalation.refresh_from_db()
    assert (escalation.signed_by, escalation.signed_note) == (cast.supervisor, "I call him today")
    assert "The customer shouts" not in shown(client)


def test_what_somebody_else_signed_is_said(client, cast, now):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.director), at=now)
    client.force_login(cast.supervisor)

    answer = client.post(reverse("followups:sign", args=[escalation.pk]), {"note": "Mine too"})

    assert answer.status_code == 409
    assert "Somebody else signed" in answer.content.decode()
    assert "Mine too" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("handler", 403), ("auditor", 403), ("stranger", 404), ("administrator", 404)]
)
def test_only_supervisors_sign(client, cast, now, who, status):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    client.force_login(getattr(cast, who))

    assert client.post(reverse("followups:sign", args=[escalation.pk])).status_code == status
    escalation.refresh_from_db()
    assert escalation.signed_at is None


def test_a_note_that_is_too_long_stands_beside_its_field(client, cast, now):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    client.force_login(cast.supervisor)

    answer = client.post(reverse("followups:sign", args=[escalation.pk]), {"note": "x" * 501, "next": BOARD})

    assert answer.status_code == 422
    assert "at most 500 characters (it has 501)" in answer.content.decode()
    assert f'value="{BOARD}"' in answer.content.decode()


def test_staff_ask_a_supervisor_and_say_what_they_tried(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    address = reverse("followups:escalate", args=[complaint.reference])
    client.force_login(cast.handler)
    assert client.get(address).status_code == 200

    refused = client.post(address, {"note": "He shouts", "tried": " "})
    assert refused.status_code == 422
    assert "He shouts" in refused.content.decode()
    assert not Escalation.objects.exists()

    for _time in range(2):
        assert client.post(address, {"note": "He shouts", "tried": "Talked to him"}).status_code == 302
    assert Escalation.objects.get().raised_by == cast.handler


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("stranger", 404)])
def test_readers_and_strangers_do_not_escalate(client, cast, now, who, status):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(getattr(cast, who))

    answer = client.post(reverse("followups:escalate", args=[complaint.reference]), {"note": "a", "tried": "b"})

    assert answer.status_code == status
    assert not Escalation.objects.exists()


def test_what_waits_for_approval_is_listed_and_ones_own_is_not_to_be_approved(client, cast, now):
    AuthorityLimit.objects.create(team=cast.company, role="handler", amount=Decimal(100))
    AuthorityLimit.objects.create(team=cast.company, role="supervisor", amount=Decimal(1000))
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    for who, amount in ((cast.handler, 480), (cast.supervisor, 5000), (cast.handler, 50)):
        solutions.offer(complaint.pk, words=f"Pay {amount}", amount=Decimal(amount), actor=Actor.staff(who), at=now)
    client.force_login(cast.supervisor)

    page = shown(client)

    assert "Pay 480" in page
    assert "Pay 5000" in page
    assert "Pay 50<" not in page
    assert page.count('value="yes"') == 1
    assert "Your own request: somebody else decides." in page


def test_undelivered_messages_are_counted_and_listed_with_the_reason(client, cast, now):
    complaint = logged(cast, now - HOUR)
    dead(complaint)
    dead(complaint, state=Notice.State.UNCONFIRMED, to_customer=False, person=cast.handler, address="li@desk.example")
    dead(complaint, state=Notice.State.SENT)
    client.force_login(cast.supervisor)

    assert "2 messages could not be delivered" in shown(client)
    page = shown(client, NOTICES)
    assert page.count("Try again") == 2
    assert "550 no such mailbox" in page
    assert "li@desk.example" in page


def test_a_supervisor_tries_again(client, cast, now):
    notice = dead(logged(cast, now - HOUR))
    client.force_login(cast.supervisor)

    answer = client.post(reverse("followups:retry_notice", args=[notice.pk]))

    notice.refresh_from_db()
    assert answer.url == NOTICES
    assert notice.state == Notice.State.QUEUED


def test_trying_again_twice_says_so_and_changes_nothing(client, cast, now):
    notice = dead(logged(cast, now - HOUR))
    client.force_login(cast.supervisor)
    client.post(reverse("followups:retry_notice", args=[notice.pk]))

    answer = client.post(reverse("followups:retry_notice", args=[notice.pk]))

    assert answer.status_code == 409
    assert "not among those that failed" in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("handler", 403), ("auditor", 403), ("administrator", 403)])
def test_others_do_not_try_again(client, cast, now, who, status):
    notice = dead(logged(cast, now - HOUR))
    client.force_login(getattr(cast, who))

    assert client.post(reverse("followups:retry_notice", args=[notice.pk])).status_code == status
    notice.refresh_from_db()
    assert notice.state == Notice.State.DEAD


def test_notices_about_invisible_cases_cannot_be_retried(client, cast, now):
    complaint = logged(cast, now, named_people=[cast.supervisor])
    notice = dead(complaint)
    client.force_login(cast.supervisor)

    assert client.post(reverse("followups:retry_notice", args=[notice.pk])).status_code == 404


def test_the_list_of_notices_pages_by_key(client, cast, now):
    complaint = logged(cast, now - HOUR)
    for _number in range(31):
        dead(complaint)
    client.force_login(cast.supervisor)

    page = client.get(NOTICES).context["page"]
    following = client.get(NOTICES, {"after": page.next}).context["page"]

    assert (len(page.rows), len(following.rows)) == (30, 1)
    assert "no longer fits" in shown(client, f"{NOTICES}?after=notice.x")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_board_costs_the_same_for_one_case_and_for_three(client, cast, now, rows, django_assert_num_queries):
    AuthorityLimit.objects.create(team=cast.company, role="handler", amount=Decimal(0))
    for number in range(rows):
        complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
        asked(cast, complaint, now, note=f"Number {number}")
        dead(complaint)
        solutions.offer(complaint.pk, words="Pay", amount=Decimal(5), actor=Actor.staff(cast.handler), at=now)
    client.force_login(cast.supervisor)

    with django_assert_num_queries(9):
        client.get(BOARD)
    with django_assert_num_queries(4):
        client.get(NOTICES)
