"""Two people at the same case: the second sees what is new, both versions of it, and loses nothing."""

from datetime import timedelta

import pytest
import time_machine

from complaints.case.actors import Actor
from complaints.choices import Outcome, Status
from complaints.conversation import messages
from complaints.steps import lifecycle, resolution
from tests.cases import at_stage, logged
from tests.pages import Desk, typed_resolution


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


def test_choices_and_moments_are_shown_in_both_versions_too(cast, at):
    complaint = logged(cast, at)
    first, second = Desk(cast.frontline, complaint), Desk(cast.handler, complaint)
    seen = complaint.version
    saved = {"identity_confirmed": "on", "occurred_at": "2026-11-17T18:40", "confirmed_how": "phone"}
    assert first.post("save_step", "verify", **saved, version=seen).status_code == 302
    typed = {"occurred_at": "2026-11-17T19:00", "confirmed_how": "not", "version": seen}
    response = second.post("save_step", "verify", **typed)
    assert response.status_code == 409
    both = {one.label: (one.stored, one.typed) for one in response.context["shown"].refusal.stored}
    assert both["Identity and contact are confirmed"] == ("Yes", "")
    assert both["When it happened"] == ("Tue 17 Nov, 18:40", "Tue 17 Nov, 19:00")
    assert both["The customer confirms our words"] == ("On the phone", "Not confirmed")


def test_two_supervisors_who_assign_at_once_see_whom_the_other_chose(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    first, second = Desk(cast.supervisor, complaint), Desk(cast.director, complaint)
    given = {"category": cast.metering.pk, "severity": "urgent", "version": complaint.version}
    assert first.post("step", "assign", **given, assignee=f"{cast.hexi.pk}-{cast.handler.pk}").status_code == 302
    given["severity"] = "normal"
    response = second.post("step", "assign", **given, assignee=f"{cast.hexi.pk}-{cast.colleague.pk}")
    assert response.status_code == 409
    both = {one.label: (one.stored, one.typed) for one in response.context["shown"].refusal.stored}
    assert both == {"Severity": ("Urgent", "Normal"), "Who works on it": ("Li Min", "Sun Yue")}


def test_two_who_reassign_at_once_see_both_names_and_whom_it_went_to(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    first, second = Desk(cast.supervisor, complaint), Desk(cast.director, complaint)
    given = {"reason": "Holiday", "version": complaint.version}
    assert first.post("step", "reassign", **given, assignee=f"{cast.hexi.pk}-{cast.colleague.pk}").status_code == 302
    response = second.post("step", "reassign", **given, assignee=f"{cast.hexi.pk}-")
    assert response.status_code == 409
    refusal = response.context["refusal"]
    assert [line.words for line in refusal.news] == ["Reassigned to Sun Yue"]
    (difference,) = refusal.stored
    assert difference.stored == "Sun Yue"
    assert difference.typed == "Hexi Road station: whoever is free"


def test_the_second_of_two_sees_what_is_new_and_loses_nothing(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    seen = complaint.version
    resolution.save_progress(
        complaint.pk, actor=Actor.staff(cast.colleague), at=at, data={"solution": "Pump closed off"}
    )
    messages.customer_says(complaint.pk, body="Any news?", at=at)
    desk = Desk(cast.handler, complaint)
    typed = typed_resolution(cast, solution="Pump repaired", version=seen)
    response = desk.post("step", "resolve", **typed)
    assert response.status_code == 409
    refusal = response.context["shown"].refusal
    assert [(line.who, line.words) for line in refusal.news] == [
        ("Sun Yue", "Result: progress saved"),
        ("Customer", "Message from the customer"),
    ]
    both = [(one.label, one.stored, one.typed) for one in refusal.stored]
    assert both == [("What was done", "Pump closed off", "Pump repaired")]
    form = response.context["step"].form
    assert form["solution"].value() == "Pump repaired"
    assert form["version"].value() == desk.complaint.version
    again = {f.html_name: f.value() for f in form if f.value() is not None}
    assert desk.post("step", "resolve", **again).status_code == 302
    assert desk.complaint.resolutions.get().solution == "Pump repaired"


def test_saving_over_somebody_elses_save_is_refused_as_well(cast, at):
    complaint = logged(cast, at)
    first, second = Desk(cast.frontline, complaint), Desk(cast.handler, complaint)
    seen = complaint.version
    assert first.post("save_step", "verify", place="Pump 4", version=seen).status_code == 302
    response = second.post("save_step", "verify", place="Pump 5", version=seen)
    assert response.status_code == 409
    assert second.complaint.place == "Pump 4"
    assert response.context["step"].form["place"].value() == "Pump 5"


def test_when_the_case_was_closed_meanwhile_the_texts_are_kept_to_copy(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    seen = complaint.version
    withdrawn = {"outcome": Outcome.WITHDRAWN, "reason": "He called"}
    lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.colleague), at=at, data=withdrawn)
    response = Desk(cast.handler, complaint).post("step", "resolve", **typed_resolution(cast, version=seen))
    assert response.status_code == 409
    kept = [text for _label, text in response.context["shown"].refusal.kept]
    assert "Pump closed off, 186 yuan paid back" in kept
    assert "Closed early: Withdrawn by the customer" in response.content.decode()
