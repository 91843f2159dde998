"""Signing for an escalation, and asking a supervisor for help."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.choices import Status
from followups.escalation import escalations
from followups.models import Escalation
from tests.cases import at_stage
from tests.followups.board.at_the_board import asked, shown

pytestmark = pytest.mark.django_db
BOARD = reverse("followups:board")
HOUR = timedelta(hours=1)
ASKED = {"reason": "manual", "note": "He shouts", "tried": "Talked to him"}


def test_signing_ends_the_wait(client, cast, now):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    client.force_login(cast.supervisor)
    assert "The customer shouts" in shown(client, BOARD)
    case = reverse("complaints:case", args=[escalation.complaint.reference])
    assert "Talked to him twice" in shown(client, case)

    address = reverse("followups:sign", args=[escalation.pk])
    for _time in range(2):
        answer = client.post(address, {"note": "I call him today", "next": BOARD})
        assert answer.url == BOARD

    escalation.refresh_from_db()
    assert (escalation.signed_by, escalation.signed_note) == (cast.supervisor, "I call him today")
    assert "The customer shouts" not in shown(client, BOARD)


@pytest.mark.parametrize("wanted", ["2", "?x", "followups:board", "https://elsewhere.example/"])
def test_what_is_done_is_not_answered_by_a_failure_because_of_a_way_back_that_is_none(client, cast, now, wanted):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, now - HOUR), now)
    client.force_login(cast.supervisor)

    answer = client.post(reverse("followups:sign", args=[escalation.pk]), {"note": "", "next": wanted})

    assert answer.url == reverse("complaints:case", args=[escalation.complaint.reference])
    escalation.refresh_from_db()
    assert escalation.signed_by == cast.supervisor


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
    assert "At most 500 characters (you wrote 501)" in answer.content.decode()
    assert f'value="{BOARD}"' in answer.content.decode()


def test_staff_ask_a_supervisor_and_say_what_they_tried(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    address = reverse("followups:escalate", args=[complaint.reference])
    client.force_login(cast.handler)
    assert client.get(address).status_code == 200

    refused = client.post(address, ASKED | {"tried": " "})
    assert refused.status_code == 422
    assert "He shouts" in refused.content.decode()
    assert not Escalation.objects.exists()

    for _time in range(2):
        assert client.post(address, ASKED).status_code == 302
    assert Escalation.objects.get().raised_by == cast.handler


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("stranger", 404)])
def test_readers_and_strangers_do_not_escalate(client, cast, now, who, status):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(getattr(cast, who))

    answer = client.post(reverse("followups:escalate", args=[complaint.reference]), ASKED)

    assert answer.status_code == status
    assert not Escalation.objects.exists()


@pytest.mark.parametrize("reason", ["authority", "competence", "customer"])
def test_staff_say_by_name_why_they_ask(client, cast, now, reason):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.handler)

    client.post(reverse("followups:escalate", args=[complaint.reference]), ASKED | {"reason": reason})

    assert Escalation.objects.get().reason == reason
    client.force_login(cast.supervisor)
    assert str(Escalation.Reason(reason).label) in shown(client, BOARD)


@pytest.mark.parametrize("reason", ["", "overdue", "nonsense"])
def test_the_desks_own_reasons_are_not_offered(client, cast, now, reason):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.handler)

    answer = client.post(reverse("followups:escalate", args=[complaint.reference]), ASKED | {"reason": reason})

    assert answer.status_code == 422
    assert not Escalation.objects.exists()
