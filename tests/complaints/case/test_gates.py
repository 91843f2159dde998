"""The rules of single gates that go beyond "this field is filled in"."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.errors import GateRefused, NotAllowedNow
from complaints.models import Complaint, Customer, Option
from complaints.steps import archive, lifecycle, options, verification
from tests.cases import (
    archive_data,
    assignment_data,
    at_stage,
    finish_callbacks,
    logged,
    resolution_data,
    verification_data,
)


def missing_of(complaint, action, actor, at, data):
    with pytest.raises(GateRefused) as refused:
        lifecycle.perform(complaint.pk, action, actor=actor, at=at, data=data)
    return {item.field for item in refused.value.missing}


def test_nobody_is_given_a_complaint_outside_their_team_or_one_that_names_them(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    complaint.named_people.add(cast.colleague)
    for wrong in (cast.stranger, cast.frontline, cast.colleague):
        with pytest.raises(GateRefused) as refused:
            lifecycle.perform(
                complaint.pk,
                "assign",
                actor=Actor.staff(cast.supervisor),
                at=at,
                data=assignment_data(cast) | {"handler": wrong, "override_reason": "no"},
            )
        assert [item.field for item in refused.value.missing] == ["handler"]


def test_an_unsatisfied_customer_is_worked_for_again_in_a_new_round_with_the_old_result_kept(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at, data={"solved": False, "rating": 1})
    with pytest.raises(GateRefused) as refused:
        lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.handler), at=at, data=archive_data(cast))
    assert "exception_reason" in {item.field for item in refused.value.missing}
    again = Complaint.objects.get(pk=complaint.pk)
    assert (again.status, again.round) == (Status.ASSIGNED, 2)
    assert again.resolutions.get(round=1).solution
    assert not again.points.exclude(finding="").exists()


def test_nothing_is_archived_out_of_hand_before_a_result_was_told(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    data = archive_data(cast) | {"exception_reason": "Nothing to be done", "cause": cast.drift}
    with pytest.raises(NotAllowedNow) as refused:
        lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.supervisor), at=at, data=data)
    assert "Possible now: Reassign, Resolve, Close early." in str(refused.value)


def test_whom_no_message_reaches_is_told_the_result_by_another_way(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    Customer.objects.filter(pk=complaint.customer_id).update(email_failed_at=at)
    data = resolution_data(cast) | {"told_how": "message", "reply": "Dear Mr Wang, it is done."}
    assert "told_how" in missing_of(complaint, "resolve", Actor.staff(cast.handler), at, data)
    done = lifecycle.perform(
        complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=resolution_data(cast)
    )
    assert done.status == Status.RESOLVED


def test_a_satisfied_customer_is_not_worked_on_again(cast, at):
    complaint = at_stage(cast, Status.FEEDBACK, at)
    with pytest.raises(GateRefused):
        lifecycle.perform(complaint.pk, "rework", actor=Actor.staff(cast.handler), at=at, data={"reason": "again"})


def test_only_a_supervisor_signs_the_exception_for_an_unsatisfied_customer(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at, data={"solved": False, "rating": 1})
    finish_callbacks(complaint)
    data = archive_data(cast) | {"exception_reason": "Asks for more than the law gives", "cause": cast.drift}
    with pytest.raises(GateRefused):
        lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.handler), at=at, data=data)
    done = lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.supervisor), at=at, data=data)
    assert (done.status, done.outcome) == (Status.ARCHIVED, "unsolved")


def test_closing_as_invalid_needs_a_second_person(cast, at):
    complaint = at_stage(cast, Status.RECEIVED, at)
    data = {"outcome": "invalid", "reason": "An advertisement"}
    with pytest.raises(GateRefused):
        lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)
    archive.propose_invalid(complaint.pk, reason="An advertisement", actor=Actor.staff(cast.handler), at=at)
    with pytest.raises(GateRefused):
        lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.handler), at=at, data=data)
    done = lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)
    assert done.outcome == "invalid"


def test_a_duplicate_points_at_the_first_original_and_never_at_itself(cast, at):
    first, second, third = (logged(cast, at) for _ in range(3))
    close = {"outcome": "duplicate", "reason": "Same event"}
    supervisor = Actor.staff(cast.supervisor)
    lifecycle.perform(second.pk, "close_early", actor=supervisor, at=at, data=close | {"duplicate_of": first})
    second.refresh_from_db()
    done = lifecycle.perform(third.pk, "close_early", actor=supervisor, at=at, data=close | {"duplicate_of": second})
    assert done.duplicate_of == first
    for wrong in (first, second, None):
        with pytest.raises(GateRefused):
            lifecycle.perform(first.pk, "close_early", actor=supervisor, at=at, data=close | {"duplicate_of": wrong})


def test_the_customer_reopens_within_the_window_and_not_after_it(cast, at):
    complaint = at_stage(cast, Status.FEEDBACK, at)
    finish_callbacks(complaint)
    lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.handler), at=at, data=archive_data(cast))
    late = Complaint.objects.get(pk=complaint.pk).reopen_until
    with pytest.raises(GateRefused):
        lifecycle.perform(complaint.pk, "reopen", actor=CUSTOMER, at=late, data={"reason": "It drips again"})
    again = lifecycle.perform(
        complaint.pk,
        "reopen",
        actor=CUSTOMER,
        at=late - timedelta(seconds=1),
        data={"reason": "It drips again"},
    )
    assert (again.status, again.round, again.outcome) == (Status.ASSIGNED, 2, "")


def test_where_it_happened_may_be_a_site_or_words(cast, at):
    complaint = logged(cast, at, site=None)
    data = verification_data(at)
    assert missing_of(complaint, "verify", Actor.staff(cast.frontline), at, data | {"place": ""}) == {"place"}
    lifecycle.perform(complaint.pk, "verify", actor=Actor.staff(cast.frontline), at=at, data=data)


def test_an_unconfirmed_identity_or_restatement_passes_with_its_reason(cast, at):
    complaint = logged(cast, at)
    data = verification_data(at) | {
        "identity_confirmed": False,
        "identity_reason": "Called three times, nobody answers",
        "confirmed_how": "not",
        "not_confirmed_reason": "Called three times, nobody answers",
    }
    done = lifecycle.perform(complaint.pk, "verify", actor=Actor.staff(cast.frontline), at=at, data=data)
    assert done.status == Status.VERIFIED
    assert done.verification.confirmed_at is None


def test_waiting_for_the_link_is_not_a_confirmation_until_the_customer_confirms(cast, at):
    complaint = logged(cast, at)
    data = verification_data(at) | {"confirmed_how": "link"}
    assert missing_of(complaint, "verify", Actor.staff(cast.frontline), at, data) == {"confirmed_how"}
    verification.save_progress(complaint.pk, actor=Actor.staff(cast.frontline), at=at, data=data)
    verification.confirm_restatement(complaint.pk, at=at)
    done = lifecycle.perform(complaint.pk, "verify", actor=Actor.staff(cast.frontline), at=at, data=data)
    assert done.verification.is_confirmed


def test_new_words_are_not_confirmed_words(cast, at):
    complaint = at_stage(cast, Status.RECEIVED, at)
    verification.save_progress(
        complaint.pk,
        actor=Actor.staff(cast.frontline),
        at=at,
        data=verification_data(at) | {"confirmed_how": "link"},
    )
    verification.confirm_restatement(complaint.pk, at=at)
    data = {"restatement": "Something else entirely"}
    assert "confirmed_how" in missing_of(complaint, "verify", Actor.staff(cast.frontline), at, data)


def test_a_customer_who_wishes_no_contact_need_not_be_told(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at, wishes_no_contact=True, phone="", email="", name="")
    data = {k: v for k, v in resolution_data(cast).items() if not k.startswith("told")}
    assert (
        lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=data).status
        == Status.RESOLVED
    )


def test_telling_by_message_sends_the_reply_of_the_step(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    data = resolution_data(cast) | {"told_how": "message", "told_note": ""}
    assert missing_of(complaint, "resolve", Actor.staff(cast.handler), at, data) == {"told_how"}
    done = lifecycle.perform(
        complaint.pk,
        "resolve",
        actor=Actor.staff(cast.handler),
        at=at,
        data=data | {"reply": "Dear Mr Wang, …"},
    )
    assert done.resolutions.get().told_at == at
    assert done.messages.get(kind="public").body == "Dear Mr Wang, …"


def test_nobody_was_told_in_the_future(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    data = resolution_data(cast) | {"told_at": at + timedelta(hours=1)}
    assert missing_of(complaint, "resolve", Actor.staff(cast.supervisor), at, data | {"override_reason": "x"}) == {
        "told_at"
    }


def test_of_several_solutions_the_customer_chooses_one(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    handler = Actor.staff(cast.handler)
    first = options.offer(complaint.pk, words="Money back", amount=Decimal(0), actor=handler, at=at)
    options.offer(complaint.pk, words="A free wash", amount=Decimal(0), actor=handler, at=at)
    assert missing_of(complaint, "resolve", handler, at, resolution_data(cast)) == {"option"}
    options.choose(first.pk, actor=CUSTOMER, at=at)
    assert lifecycle.perform(complaint.pk, "resolve", actor=handler, at=at, data=resolution_data(cast))


def test_a_solution_above_the_limit_waits_for_somebody_elses_approval_and_no_reason_overrides_that(cast, at):
    AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=200)
    AuthorityLimit.objects.create(team=cast.company, role=Role.SUPERVISOR, amount=1000)
    complaint = at_stage(cast, Status.ASSIGNED, at)
    option = options.offer(
        complaint.pk, words="480 yuan", amount=Decimal("480.00"), actor=Actor.staff(cast.handler), at=at
    )
    assert option.needs_approval
    data = resolution_data(cast) | {"override_reason": "He is waiting at the counter"}
    assert missing_of(complaint, "resolve", Actor.staff(cast.supervisor), at, data) == {"option"}
    options.decide(option.pk, approve=True, actor=Actor.staff(cast.supervisor), at=at)
    assert Option.objects.get().approved_by == cast.supervisor
    lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=resolution_data(cast))
