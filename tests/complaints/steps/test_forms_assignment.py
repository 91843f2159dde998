"""Assigning, reassigning and severity on the pages: who is offered, and what is refused beside its field."""

from datetime import timedelta

import pytest
import time_machine

from complaints.choices import Severity, Status
from complaints.models import Complaint
from tests.cases import at_stage, logged
from tests.pages import Desk


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


def test_handlers_are_offered_in_their_teams(cast, at):
    desk = Desk(cast.supervisor, at_stage(cast, Status.VERIFIED, at, named_people=[cast.colleague]))
    groups = desk.get("case").context["step"].form.fields["assignee"].choices
    values = {value for _label, options in groups[1:] for value, _text in options}
    assert {f"{cast.hexi.pk}-", f"{cast.hexi.pk}-{cast.handler.pk}", f"{cast.service.pk}-"} <= values
    assert f"{cast.hexi.pk}-{cast.colleague.pk}" not in values, "named in the complaint"
    assert f"{cast.hexi.pk}-{cast.frontline.pk}" not in values, "does not handle complaints"


@pytest.mark.parametrize("assignee", ["", "x", "0-0", "1-1-1", "999999-"])
def test_somebody_who_is_not_offered_is_refused_beside_the_field(cast, at, assignee):
    desk = Desk(cast.supervisor, at_stage(cast, Status.VERIFIED, at))
    typed = {"category": cast.metering.pk, "severity": "urgent", "assignee": assignee}
    response = desk.post("step", "assign", **typed)
    assert response.status_code == 422
    assert response.context["step"].form.errors.keys() == {"assignee"}
    assert response.context["step"].form["category"].value() == str(cast.metering.pk)


def test_a_person_of_another_team_is_refused(cast, at):
    desk = Desk(cast.supervisor, at_stage(cast, Status.VERIFIED, at))
    typed = {"category": cast.metering.pk, "severity": "urgent"}
    assert desk.post("step", "assign", **typed, assignee=f"{cast.hexi.pk}-{cast.technician.pk}").status_code == 422
    assert desk.complaint.status == Status.VERIFIED


def test_a_queue_is_taken_by_a_handler(cast, at):
    case = at_stage(cast, Status.VERIFIED, at)
    typed = {"category": cast.metering.pk, "severity": "normal", "assignee": f"{cast.hexi.pk}-"}
    assert Desk(cast.supervisor, case).post("step", "assign", **typed).status_code == 302
    desk = Desk(cast.handler, case)
    assert desk.post("step", "take").status_code == 302
    assert desk.complaint.handler == cast.handler
    assert Desk(cast.colleague, case).post("step", "take").status_code == 422


def test_reassigning_needs_a_person_and_a_reason(cast, at):
    desk = Desk(cast.supervisor, at_stage(cast, Status.ASSIGNED, at))
    assert desk.get("step", "reassign").status_code == 200
    response = desk.post("step", "reassign", reason="")
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"assignee"}
    typed = {"assignee": f"{cast.hexi.pk}-{cast.colleague.pk}"}
    assert desk.post("step", "reassign", **typed).context["form"].errors.keys() == {"reason"}
    assert desk.post("step", "reassign", **typed, reason="On leave").status_code == 302
    assert desk.complaint.handler == cast.colleague


def test_who_hands_it_out_of_sight_is_led_to_the_queue(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    Complaint.objects.filter(pk=complaint.pk).update(site=None)
    desk = Desk(cast.supervisor, complaint)
    typed = {"assignee": f"{cast.service.pk}-{cast.technician.pk}", "reason": "Needs a technician"}
    response = desk.post("step", "reassign", **typed)
    assert (response.status_code, response["Location"]) == (302, "/queue/")
    assert desk.complaint.team == cast.service


def test_another_severity_needs_a_reason(cast, at):
    desk = Desk(cast.frontline, logged(cast, at))
    assert desk.get("severity").status_code == 200
    assert desk.post("severity", severity="danger").context["form"].errors.keys() == {"reason"}
    assert desk.post("severity", severity="danger", reason="It leaks").status_code == 302
    assert desk.complaint.severity == Severity.DANGER


@pytest.mark.parametrize("severity", ["", "normal", "apocalypse"])
def test_nothing_or_the_same_or_nonsense_is_refused_beside_the_field(cast, at, severity):
    desk = Desk(cast.frontline, logged(cast, at))
    response = desk.post("severity", severity=severity, reason="It leaks")
    assert (response.status_code, response.context["form"].errors.keys()) == (422, {"severity"})


def test_an_archived_complaint_is_read_only(cast, at):
    desk = Desk(cast.supervisor, at_stage(cast, Status.ARCHIVED, at))
    response = desk.post("severity", severity="danger", reason="It leaks")
    assert response.status_code == 409
    assert "read-only" in response.content.decode()


def test_two_who_change_the_severity_at_once_see_both(cast, at):
    complaint = logged(cast, at)
    first, second = Desk(cast.frontline, complaint), Desk(cast.handler, complaint)
    given = {"reason": "It leaks", "version": complaint.version}
    assert first.post("severity", severity="urgent", **given).status_code == 302
    response = second.post("severity", severity="danger", **given)
    assert response.status_code == 409
    (difference,) = response.context["refusal"].stored
    assert (difference.stored, difference.typed) == ("Urgent", "Danger")
    again = {f.html_name: f.value() for f in response.context["form"]}
    assert second.post("severity", **again).status_code == 302
    assert second.complaint.severity == Severity.DANGER
