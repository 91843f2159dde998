"""Feedback, rework, archive, closing early and reopening on the pages."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.choices import Outcome, Status
from complaints.models import Complaint
from complaints.steps import archive, lifecycle
from tests.cases import archive_data, at_stage, logged
from tests.pages import Desk, typed_resolution


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


def test_a_duplicate_names_an_original_that_the_person_sees(cast, at):
    original, case = logged(cast, at), logged(cast, at)
    desk = Desk(cast.handler, case)
    typed = {"outcome": "duplicate", "reason": "Logged twice", "duplicate_of": original.reference.lower()}
    assert desk.post("step", "close_early", **typed).status_code == 302
    assert desk.complaint.duplicate_of == original


def test_an_original_out_of_sight_is_answered_like_one_that_does_not_exist(cast, at):
    hidden = logged(cast, at, team=cast.qujiang, site=cast.qujiang)
    Complaint.objects.filter(pk=hidden.pk).update(logged_by=None)
    desk = Desk(cast.handler, logged(cast, at))
    answers = []
    for reference in (hidden.reference, "C-2026-999999"):
        typed = {"outcome": "duplicate", "reason": "Logged twice", "duplicate_of": reference}
        response = desk.post("step", "close_early", **typed)
        answers.append((response.status_code, response.context["form"].errors["duplicate_of"]))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


def test_a_complaint_is_not_its_own_duplicate(cast, at):
    desk = Desk(cast.handler, logged(cast, at))
    typed = {"outcome": "duplicate", "reason": "Logged twice", "duplicate_of": desk.reference}
    response = desk.post("step", "close_early", **typed)
    assert response.context["form"].errors["duplicate_of"] == ["This is the complaint itself."]


def test_not_a_complaint_needs_two_people(cast, at):
    case = logged(cast, at)
    proposer, second = Desk(cast.handler, case), Desk(cast.colleague, case)
    assert second.post("step", "close_early", outcome="invalid", reason="A joke").status_code == 422
    assert proposer.post("propose_invalid", reason="").status_code == 422
    assert proposer.post("propose_invalid", reason="A joke").status_code == 302
    assert proposer.post("step", "close_early", outcome="invalid", reason="A joke").status_code == 422
    assert second.post("step", "close_early", outcome="invalid").status_code == 422
    assert second.complaint.invalid_reason == "A joke"
    assert second.post("step", "close_early", outcome="invalid", reason="You wrote a joke.").status_code == 302
    assert second.complaint.closing_reason == "You wrote a joke."
    assert second.complaint.outcome == Outcome.INVALID


def test_what_cannot_be_proposed_any_more_says_so(cast, at):
    desk = Desk(cast.handler, at_stage(cast, Status.RESOLVED, at))
    response = desk.post("propose_invalid", reason="A joke")
    assert response.status_code == 409
    assert "A joke" in response.content.decode()


def test_archiving_asks_for_the_cause_only_where_there_is_none(cast, at):
    case = at_stage(cast, Status.FEEDBACK, at)
    assert "cause" not in Desk(cast.handler, case).get("case").context["step"].form.fields
    case.resolutions.update(cause=None)
    desk = Desk(cast.handler, case)
    assert "cause" in desk.get("case").context["step"].form.fields
    case.callbacks.update(state="withdrawn")
    assert desk.post("step", "archive", **archive_data(cast), cause=cast.drift.pk).status_code == 302
    assert desk.complaint.resolutions.get().cause == cast.drift


def test_only_a_supervisor_signs_the_exception(cast, at):
    case = at_stage(cast, Status.RESOLVED, at)
    lifecycle.perform(case.pk, "record_feedback", actor=CUSTOMER, at=at, data={"solved": False, "rating": 2})
    case.callbacks.update(state="withdrawn")
    handler, supervisor = Desk(cast.handler, case), Desk(cast.supervisor, case)
    typed = archive_data(cast) | {"exception_reason": "Nothing more can be done", "cause": cast.drift.pk}
    assert handler.post("step", "archive", **typed).status_code == 422
    assert supervisor.post("step", "archive", **typed).status_code == 302
    assert supervisor.complaint.outcome == Outcome.UNSOLVED


def test_working_again_needs_to_say_what_changes(cast, at):
    case = at_stage(cast, Status.RESOLVED, at)
    case.callbacks.update(state="done")
    lifecycle.perform(case.pk, "record_feedback", actor=SYSTEM, at=at, data={"no_answer": True})
    desk = Desk(cast.handler, case)
    assert desk.post("step", "rework").context["form"].errors.keys() == {"reason"}
    assert desk.post("step", "rework", reason="Measure again").status_code == 302
    assert (desk.complaint.status, desk.complaint.round) == (Status.ASSIGNED, 2)


def test_still_a_problem_opens_it_again_and_reviewers_decide_appeals_instead(cast, at):
    case = at_stage(cast, Status.ARCHIVED, at)
    desk = Desk(cast.handler, case)
    assert "basis" not in desk.get("step", "reopen").context["form"].fields
    assert Desk(cast.reviewer, case).get("step", "reopen").status_code == 403
    assert desk.post("step", "reopen").context["form"].errors.keys() == {"reason"}
    assert desk.post("step", "reopen", reason="It leaks again").status_code == 302
    assert desk.complaint.status == Status.ASSIGNED


def test_feedback_needs_an_answer_and_takes_only_one_to_five(cast, at):
    desk = Desk(cast.frontline, at_stage(cast, Status.RESOLVED, at))
    assert desk.post("step", "record_feedback", words="Hm").context["step"].form.errors.keys() == {"solved"}
    response = desk.post("step", "record_feedback", solved="yes", rating="6", words="Hm")
    assert response.context["step"].form.errors.keys() == {"rating"}
    assert "Hm" in response.content.decode()


def test_a_customer_who_wishes_no_contact_is_neither_told_nor_asked(cast, at):
    desk = Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at, wishes_no_contact=True))
    assert "told_how" not in desk.get("case").context["step"].form.fields
    typed = {name: value for name, value in typed_resolution(cast).items() if not name.startswith("told")}
    assert desk.post("step", "resolve", **typed).status_code == 302
    assert desk.post("step", "record_feedback").status_code == 302


def test_the_second_proposal_shows_in_the_menu_only_while_there_is_none(cast, at):
    complaint = logged(cast, at)
    address = reverse("complaints:propose_invalid", args=[complaint.reference])
    desk = Desk(cast.frontline, complaint)
    assert address in desk.get("case").content.decode()
    archive.propose_invalid(complaint.pk, reason="A joke", actor=Actor.staff(cast.handler), at=at)
    assert address not in desk.get("case").content.decode()
