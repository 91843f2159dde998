"""Steps on the complaint page: done, refused with everything typed kept, overtaken by somebody else."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Role
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import ReplyTemplate, RootCause
from complaints.steps import resolution
from complaints.steps.forms import FORMS
from complaints.steps.lifecycle import TRANSITIONS
from tests.cases import archive_data, at_stage, logged, verification_data
from tests.cast import person
from tests.pages import VERIFIED, Desk, typed_resolution


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


def test_every_action_of_the_table_has_a_form():
    assert FORMS.keys() == {action for action, transition in TRANSITIONS.items() if transition.roles}


def test_what_only_the_desk_itself_does_has_no_page_for_anybody(cast, at):
    case = at_stage(cast, Status.RESOLVED, at)
    for who in (cast.handler, cast.supervisor):
        desk = Desk(who, case)
        assert desk.get("step", "untell").status_code == 403
        assert desk.post("step", "untell", reason="It was returned").status_code == 403
    assert desk.complaint.status == Status.RESOLVED


def test_a_whole_life_can_be_led_on_the_pages(cast, at):
    case = logged(cast, at)
    desk = {name: Desk(getattr(cast, name), case) for name in ("frontline", "supervisor", "handler")}
    assert desk["frontline"].post("step", "verify", **VERIFIED).status_code == 302
    given = {"category": cast.metering.pk, "severity": "urgent", "assignee": f"{cast.hexi.pk}-{cast.handler.pk}"}
    assert desk["supervisor"].post("step", "assign", **given).status_code == 302
    assert desk["handler"].post("step", "resolve", **typed_resolution(cast)).status_code == 302
    answer = {"solved": "yes", "rating": "4", "words": "Fine now", "channel": "phone"}
    assert desk["frontline"].post("step", "record_feedback", **answer).status_code == 302
    assert desk["supervisor"].complaint.status == Status.FEEDBACK
    case.callbacks.update(state="withdrawn")
    assert desk["handler"].post("step", "archive", **archive_data(cast)).status_code == 302
    complaint = desk["handler"].complaint
    assert (complaint.status, complaint.outcome, complaint.handler) == ("archived", "solved", cast.handler)
    assert [p.finding for p in complaint.points.all()] == [
        "Measured five times: +1.9 %",
        "The printer was out of paper",
    ]
    feedback = complaint.feedback.get()
    assert (feedback.solved, feedback.rating, feedback.words, feedback.channel) == (True, 4, "Fine now", "phone")


def test_a_refused_step_names_every_missing_item_beside_its_field_and_keeps_what_was_typed(cast, at):
    desk = Desk(cast.frontline, logged(cast, at))
    typed = {"site": cast.hexi.pk, "tried_already": "Called twice", "restatement": "One point."}
    response = desk.post("step", "verify", **typed)
    assert response.status_code == 422
    form = response.context["step"].form
    missing = {"identity_confirmed", "occurred_at", "evidence_asked", "desired_outcome", "confirmed_how"}
    assert form.errors.keys() == missing
    html = response.content.decode()
    assert "5 things to put right" in html
    assert "Called twice" in html
    assert "One point." in html
    assert 'href="#verify_occurred_at"' in html
    assert desk.complaint.status == Status.RECEIVED
    assert not desk.complaint.points.exists(), "a refused step stores nothing"


def test_a_refused_step_goes_through_when_the_rest_is_filled_in(cast, at):
    desk = Desk(cast.frontline, logged(cast, at))
    refused = desk.post("step", "verify", **VERIFIED | {"desired_outcome": " \u200b "})
    assert refused.context["step"].form.errors.keys() == {"desired_outcome"}
    again = {f.html_name: f.value() for f in refused.context["step"].form if f.value() not in (None, False)}
    assert desk.post("step", "verify", **again | {"desired_outcome": "Money back"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"occurred_at": "2026-11-19T10:00"}, "The date is in the future"),
        ({"occurred_at": "0001-01-01T00:00"}, "Is the year right?"),
        ({"occurred_at": "9999-12-31T23:59"}, "Is the year right?"),
        ({"occurred_at": "yesterday"}, "Enter a valid date/time."),
        ({"site": "999999"}, "This is not offered, or not any more."),
        ({"site": "1 OR 1=1"}, "This is not offered, or not any more."),
        ({"confirmed_how": "telepathy"}, "This is not offered, or not any more."),
        ({"place": "x" * 201}, "At most 200 characters (you wrote 201)"),
        ({"restatement": "x\0y"}, "There is a character in it that cannot be stored."),
    ],
)
def test_nonsense_is_answered_beside_the_field(cast, at, typed, words):
    desk = Desk(cast.frontline, logged(cast, at))
    response = desk.post("step", "verify", **VERIFIED | typed)
    assert response.status_code == 422
    assert response.context["step"].form.errors.keys() == typed.keys()
    assert words in response.content.decode()
    assert "Asked the shift leader twice" in response.content.decode()


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 5000])
def test_a_form_without_a_sensible_version_is_not_carried_out(cast, at, version):
    desk = Desk(cast.frontline, logged(cast, at))
    assert desk.post("step", "verify", **VERIFIED, version=version).status_code == 422
    assert desk.complaint.status == Status.RECEIVED


def test_saving_keeps_what_is_known_so_far_without_taking_the_step(cast, at):
    desk = Desk(cast.frontline, logged(cast, at))
    assert desk.post("save_step", "verify", tried_already="Called twice").status_code == 302
    assert desk.complaint.status == Status.RECEIVED
    form = desk.get("case").context["step"].form
    assert form["tried_already"].value() == "Called twice"


def test_a_reply_that_is_saved_unsent_is_still_there(cast, at):
    desk = Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at))
    typed = {"told_how": "message", "reply": "Dear Mr Wang, you get 186 yuan back.", "finding_1": "Measured"}
    assert desk.post("save_step", "resolve", **typed).status_code == 302
    form = desk.get("case").context["step"].form
    assert form["reply"].value() == "Dear Mr Wang, you get 186 yuan back."
    assert form["finding_1"].value() == "Measured"
    assert not desk.complaint.messages.exists()


def test_the_reply_of_the_step_is_sent_and_tells_the_customer(cast, at):
    desk = Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at))
    typed = typed_resolution(cast, told_how="message", reply="You get 186 yuan back.", told_note="", told_at="")
    assert desk.post("step", "resolve", **typed).status_code == 302
    assert desk.complaint.messages.get().body == "You get 186 yuan back."
    assert desk.complaint.resolutions.get().told_at == at + timedelta(hours=1)


def test_only_actions_with_something_to_keep_can_be_saved(cast, at):
    desk = Desk(cast.supervisor, at_stage(cast, Status.VERIFIED, at))
    assert desk.post("save_step", "assign", severity="urgent").status_code == 404


def test_reloading_the_address_that_saves_leads_to_the_complaint(cast, at):
    desk = Desk(cast.frontline, logged(cast, at))
    response = desk.get("save_step", "verify")
    assert (response.status_code, response["Location"]) == (302, f"/complaints/{desk.reference}/")


def test_saving_at_a_stage_that_is_over_is_answered_with_the_reason_and_both_texts(cast, at):
    desk = Desk(cast.frontline, at_stage(cast, Status.VERIFIED, at))
    response = desk.post("save_step", "verify", tried_already="Called twice", place="Pump 4")
    assert response.status_code == 409
    both = {one.label: (one.stored, one.typed) for one in response.context["shown"].refusal.stored}
    tried = "What the customer tried already, and what came of it"
    assert both[tried] == ("Asked the shift leader twice, no answer", "Called twice")
    assert "Where exactly" not in both, "it is the same"
    assert "Called twice" in response.content.decode()


def test_sending_the_same_step_twice_takes_it_once(cast, at):
    complaint = logged(cast, at)
    desk = Desk(cast.frontline, complaint)
    codes = [desk.post("step", "verify", **VERIFIED, version=complaint.version).status_code for _ in range(2)]
    assert codes == [302, 409]
    assert desk.complaint.events.filter(kind="verified").count() == 1


@pytest.mark.parametrize("action", sorted(TRANSITIONS))
def test_the_auditor_may_read_and_take_no_step(cast, at, action):
    desk = Desk(cast.auditor, at_stage(cast, Status.ASSIGNED, at))
    before = desk.complaint.version
    assert desk.get("case").status_code == 200
    assert desk.get("step", action).status_code == 403
    assert desk.post("step", action, reason="because").status_code == 403
    assert desk.complaint.version == before


@pytest.mark.parametrize("name", ["severity", "propose_invalid"])
def test_the_auditor_changes_nothing_else_either(cast, at, name):
    desk = Desk(cast.auditor, logged(cast, at))
    assert (desk.get(name).status_code, desk.post(name, reason="because").status_code) == (403, 403)


@pytest.mark.parametrize("action", sorted(TRANSITIONS))
def test_a_stranger_and_a_named_employee_get_404_on_every_step(cast, at, action):
    complaint = logged(cast, at, named_people=[cast.colleague])
    for somebody in (cast.stranger, cast.colleague):
        desk = Desk(somebody, complaint)
        assert (desk.get("step", action).status_code, desk.post("step", action).status_code) == (404, 404)
        assert desk.post("save_step", action).status_code == 404


def test_an_action_that_does_not_exist_is_404(cast, at):
    desk = Desk(cast.supervisor, logged(cast, at))
    assert (desk.get("step", "explode").status_code, desk.post("step", "explode").status_code) == (404, 404)


def test_a_step_that_the_stage_does_not_allow_is_409_with_the_reason(cast, at):
    desk = Desk(cast.supervisor, logged(cast, at))
    response = desk.post("step", "archive", lesson="Look twice", responsibility="Us")
    assert response.status_code == 409
    assert "not possible at the stage" in response.content.decode()
    assert "Look twice" in response.content.decode()


def test_looking_at_a_step_that_is_not_possible_leads_back(cast, at):
    desk = Desk(cast.supervisor, logged(cast, at))
    response = desk.get("step", "reopen")
    assert (response.status_code, response["Location"]) == (302, f"/complaints/{desk.reference}/")


@pytest.mark.parametrize("who", ["handler", "frontline"])
def test_only_supervisors_see_and_use_the_override(cast, at, who):
    desk = Desk(getattr(cast, who), logged(cast, at))
    page = desk.get("case")
    assert "override_reason" not in page.context["step"].form.fields
    assert "Ask a supervisor to override" in page.content.decode()
    response = desk.post("step", "verify", **VERIFIED | {"desired_outcome": ""}, override_reason="No time")
    assert response.status_code == 422


def test_a_supervisor_passes_a_gate_with_a_reason(cast, at):
    desk = Desk(cast.supervisor, logged(cast, at))
    assert "override_reason" in desk.get("case").context["step"].form.fields
    typed = VERIFIED | {"desired_outcome": "", "override_reason": "The customer went abroad"}
    assert desk.post("step", "verify", **typed).status_code == 302
    assert desk.complaint.events.get(kind="verified").data["overridden"] == ["desired_outcome"]


def test_a_cause_that_was_retired_can_stay_but_not_be_chosen_anew(cast, at):
    retired = RootCause.objects.create(name="Retired", active=False)
    desk = Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at))
    response = desk.post("step", "resolve", **typed_resolution(cast, cause=retired.pk))
    assert response.context["step"].form.errors.keys() == {"cause"}
    resolution.save_progress(desk.pk, actor=Actor.staff(cast.handler), at=at, data={"cause": retired})
    assert desk.post("step", "resolve", **typed_resolution(cast, cause=retired.pk)).status_code == 302


def test_a_template_fills_the_reply_and_stores_nothing(cast, at):
    template = ReplyTemplate.objects.create(name="Result", body="{salutation}, about {reference}: {x}", body_zh="x")
    desk = Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at))
    before = desk.complaint.version
    typed = {"do": "template", "template": template.pk, "reply": "Typed already", "solution": "Repaired"}
    response = desk.post("step", "resolve", **typed)
    assert response.status_code == 200
    form = response.context["step"].form
    assert form["reply"].value() == f"Typed already\n\nDear Wang Jianguo, about {desk.reference}: {{x}}"
    assert form["solution"].value() == "Repaired"
    assert desk.complaint.version == before


def test_a_reply_with_a_hole_is_not_sent(cast, at):
    desk = Desk(cast.handler, at_stage(cast, Status.ASSIGNED, at))
    typed = typed_resolution(cast, told_how="message", reply="We call you by {promised}.")
    response = desk.post("step", "resolve", **typed)
    assert response.context["step"].form.errors["reply"] == ["Write words for {promised}"]


def test_looking_at_steps_changes_nothing(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    desk = Desk(cast.supervisor, complaint)
    for _ in range(3):
        for action in ("reassign", "close_early", "resolve"):
            assert desk.get("step", action).status_code == 200
    assert (desk.complaint.version, desk.complaint.event_count) == (complaint.version, complaint.event_count)


def test_a_person_with_two_roles_gets_the_wider_one(cast, at):
    both = person("two.hats", (Role.AUDITOR, cast.west), (Role.HANDLER, cast.hexi))
    desk = Desk(both, logged(cast, at))
    assert desk.post("step", "verify", **VERIFIED).status_code == 302


def test_verification_data_of_the_verbs_and_of_the_form_are_the_same_fields(at):
    assert verification_data(at).keys() <= set(FORMS["verify"].base_fields)
