"""The three moves beside "Sign for it", as pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from followups.escalation import escalations
from followups.models import Escalation
from tests.cases import at_stage, logged

pytestmark = pytest.mark.django_db
BOARD = reverse("followups:board")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOVES = ["person", "place", "time"]


@pytest.fixture
def complaint(cast, now):
    return at_stage(cast, "assigned", now - HOUR)


@pytest.fixture
def escalation(complaint, now) -> Escalation:
    return escalations.escalate(complaint, reason="customer", key="test", at=now, note="He wants the boss")


def address(move, escalation) -> str:
    return reverse(f"followups:change_{move}", args=[escalation.pk])


def typed(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def given(move, cast, now) -> dict:
    fields = {
        "person": {"assignee": f"{cast.hexi.pk}-{cast.colleague.pk}", "reason": "They know each other"},
        "place": {"words": "In our office", "due_at": typed(now + 3 * DAY)},
        "time": {"promise": "new", "words": "We call on the third day", "due_at": typed(now + 3 * DAY)},
    }
    return fields[move] | {"next": BOARD}


def confirmed(client, where, fields):
    """Post; where the desk asks whether that can be kept, confirm it."""
    answer = client.post(where, fields)
    if answer.status_code == 422 and answer.context.get("confirming"):
        answer = client.post(where, fields | {"confirmed": answer.context["confirming"]})
    return answer


@pytest.mark.parametrize("move", MOVES)
def test_a_move_opens_its_form_with_the_reason_and_doing_it_signs(client, cast, escalation, now, move):
    client.force_login(cast.supervisor)
    where = address(move, escalation)
    assert "He wants the boss" in client.get(where).content.decode()

    answer = confirmed(client, where, given(move, cast, now))

    assert (answer.status_code, answer.url) == (302, BOARD)
    assert Escalation.objects.get(pk=escalation.pk).signed_by == cast.supervisor
    history = client.get(reverse("complaints:history", args=[escalation.complaint.reference]))
    assert "Escalation answered" in history.content.decode()


@pytest.mark.parametrize("move", MOVES)
def test_an_empty_form_is_refused_beside_its_fields(client, cast, escalation, move):
    client.force_login(cast.supervisor)
    answer = client.post(address(move, escalation), {})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert Escalation.objects.get(pk=escalation.pk).signed_at is None


def test_a_promise_that_fell_due_meanwhile_cannot_be_chosen(client, cast, escalation, complaint, now):
    promise = complaint.promises.get(kind="resolution", state="open")
    client.force_login(cast.supervisor)
    assert f'value="{promise.pk}"' in client.get(address("time", escalation)).content.decode()
    complaint.promises.filter(pk=promise.pk).update(made_at=now - 2 * HOUR, due_at=now - HOUR)

    fields = given("time", cast, now) | {"promise": promise.pk}
    answer = client.post(address("time", escalation), fields)

    assert answer.status_code == 422
    assert "It is due already" in answer.content.decode()


def test_a_case_that_leaves_for_another_region_leads_back_to_the_board(client, cast, escalation, now):
    client.force_login(cast.supervisor)
    escalation.complaint.__class__.objects.filter(pk=escalation.complaint_id).update(site=cast.qujiang)
    seat = f"{cast.qujiang.pk}-{cast.stranger.pk}"
    fields = given("person", cast, now) | {"assignee": seat, "next": ""}

    answer = client.post(address("person", escalation), fields, follow=True)

    assert answer.redirect_chain == [(BOARD, 302)]
    assert "Reassigned. You signed for" in answer.content.decode()


def test_what_somebody_else_signed_meanwhile_is_said_and_nothing_lost(client, cast, escalation, now):
    escalation.signed_by, escalation.signed_at = cast.director, now
    escalation.save(update_fields=["signed_by", "signed_at"])
    client.force_login(cast.supervisor)

    answer = confirmed(client, address("place", escalation), given("place", cast, now))

    assert answer.status_code == 409
    assert "In our office" in answer.content.decode()


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(("who", "status"), [("handler", 403), ("auditor", 403), ("stranger", 404)])
def test_the_moves_are_for_those_who_may_sign(client, cast, escalation, who, status, move):
    client.force_login(getattr(cast, who))
    assert client.get(address(move, escalation)).status_code == status


def test_the_board_offers_another_person_only_while_somebody_works_on_it(client, cast, escalation, now):
    early = escalations.escalate(logged(cast, now - HOUR), reason="customer", key="early", at=now)
    client.force_login(cast.supervisor)

    page = client.get(BOARD).content.decode()

    assert address("person", escalation) in page
    assert address("person", early) not in page
    assert address("place", early) in page
