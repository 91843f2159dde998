import pytest

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Category, Complaint
from complaints.steps import assignment, lifecycle
from tests.cases import at_stage, logged


def test_hand_overs_are_counted_and_said_with_their_reason(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    for handler in (cast.colleague, cast.handler):
        lifecycle.perform(
            complaint.pk,
            "reassign",
            actor=Actor.staff(cast.supervisor),
            at=at,
            data={"handler": handler, "reason": "Shift change"},
        )
    complaint.refresh_from_db()
    assert complaint.handovers == 2
    assert [e.data["reason"] for e in complaint.events.filter(kind="reassigned")] == ["Shift change"] * 2


def test_a_complaint_goes_to_another_teams_queue(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    moved = lifecycle.perform(
        complaint.pk,
        "reassign",
        actor=Actor.staff(cast.supervisor),
        at=at,
        data={"team": cast.service, "handler": None, "reason": "The pump must be repaired"},
    )
    assert (moved.team, moved.handler) == (cast.service, None)


def test_severity_changes_with_a_reason_in_the_history(cast, at):
    complaint = logged(cast, at)
    actor = Actor.staff(cast.handler)
    assignment.change_severity(complaint.pk, severity="danger", reason="It drips on the exhaust", actor=actor, at=at)
    assignment.change_severity(complaint.pk, severity="danger", reason="again", actor=actor, at=at)
    assert Complaint.objects.get().severity == "danger"
    assert [e.data["reason"] for e in complaint.events.filter(kind="severity_changed")] == ["It drips on the exhaust"]
    with pytest.raises(NotAllowedNow):
        assignment.change_severity(complaint.pk, severity="apocalyptic", reason="", actor=actor, at=at)
    with pytest.raises(NotPermitted):
        assignment.change_severity(complaint.pk, severity="normal", reason="", actor=Actor.staff(cast.auditor), at=at)
    archived = at_stage(cast, Status.ARCHIVED, at)
    with pytest.raises(NotAllowedNow):
        assignment.change_severity(archived.pk, severity="danger", reason="", actor=actor, at=at)


def test_the_category_changes_with_a_reason_and_the_name_it_had(cast, at):
    manners = Category.objects.create(name="Manners", name_zh="态度")
    complaint, actor = logged(cast, at), Actor.staff(cast.frontline)
    for _twice in range(2):
        assignment.change_category(complaint.pk, category=manners, reason=" About manners ", actor=actor, at=at)
    assert Complaint.objects.get().category == manners
    event = complaint.events.get(kind="category_changed")
    names = {"name": "Manners", "name_zh": "态度"}
    assert event.data == {"from": None, "to": manners.pk, "reason": "About manners"} | names


def test_a_category_is_not_changed_by_anybody_nor_to_one_out_of_use_nor_when_archived(cast, at):
    complaint, actor = logged(cast, at), Actor.staff(cast.handler)
    old = Category.objects.create(name="Old", active=False)
    with pytest.raises(NotAllowedNow, match="not in use"):
        assignment.change_category(complaint.pk, category=old, reason="x", actor=actor, at=at)
    with pytest.raises(NotPermitted):
        assignment.change_category(
            complaint.pk, category=cast.metering, reason="x", actor=Actor.staff(cast.auditor), at=at
        )
    archived = at_stage(cast, Status.ARCHIVED, at)
    with pytest.raises(NotAllowedNow, match="read-only"):
        assignment.change_category(archived.pk, category=cast.metering, reason="x", actor=actor, at=at)
