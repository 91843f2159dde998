"""Dates that the desk itself changes: counted, told, capped; and nothing that is due escapes."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Calendar
from complaints.case.actors import Actor
from complaints.choices import Severity
from complaints.conversation import messages
from complaints.errors import GateRefused, NotPermitted
from complaints.models import BulkRow, Complaint
from complaints.queue import bulk
from complaints.steps import assignment, lifecycle
from complaints.writing.reply_templates import Unfilled
from followups.callbacks import callbacks
from followups.models import Escalation, Notice, Promise, PromisePolicy
from followups.notices import mails
from followups.promises import promises
from followups.promises.dates_told import EVENT
from tests.cases import archive_data, assignment_data, at_stage, finish_callbacks, logged
from tests.followups.due import history_is_whole

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Promise.State


def change(complaint, severity, person, at, reason="The pump has to be opened"):
    return assignment.change_severity(complaint.pk, severity=severity, reason=reason, actor=Actor.staff(person), at=at)


def result_of(complaint) -> Promise:
    return complaint.promises.get(kind="resolution", state=State.OPEN)


def told(complaint) -> list[dict]:
    """What the customer was told of changed dates: kind, hours until the old and the new one, and why."""
    rows = Notice.objects.filter(complaint=complaint, event=EVENT).order_by("id")
    return [row.data for row in rows]


def dates(data) -> dict[str, tuple]:
    return {
        one["kind"]: (
            datetime.fromisoformat(one["before_at"]),
            datetime.fromisoformat(one["after_at"]) if one["after_at"] else None,
        )
        for one in data["changes"]
    }


def body_of(complaint, at) -> str:
    return mails.compose(Notice.objects.filter(complaint=complaint, event=EVENT).latest("id"), now=at).body


class TestReclassified:
    def test_a_later_date_is_an_extension_counted_and_told_with_its_reason(self, cast, at):
        complaint = logged(cast, at)
        change(complaint, Severity.COMPLEX, cast.handler, at + MINUTE)
        promise = result_of(complaint)
        assert (promise.moves, promise.moved_reason) == (1, "The pump has to be opened")
        (data,) = told(complaint)
        assert dates(data) == {
            "verification": (at + 16 * HOUR, at + 24 * HOUR),
            "resolution": (at + 7 * DAY, at + 15 * DAY),
        }
        written = body_of(complaint, at + MINUTE)
        assert "New date: Thu 3 Dec, 10:00, instead of Wed 25 Nov, 10:00" in written
        assert "Why: The pump has to be opened" in written
        assert "You have to wait longer, and we are sorry." in written
        assert promise.explanation["moves"][0]["reason"] == "The pump has to be opened"

    def test_a_sooner_date_is_told_and_what_staff_wrote_about_it_is_not(self, cast, at):
        complaint = logged(cast, at)
        change(complaint, Severity.URGENT, cast.handler, at + MINUTE, reason="SECRET: this one shouts")
        assert result_of(complaint).moves == 0
        (data,) = told(complaint)
        assert dates(data) == {
            "verification": (at + 16 * HOUR, at + 4 * HOUR),
            "resolution": (at + 7 * DAY, at + DAY),
        }
        written = body_of(complaint, at + MINUTE)
        assert "We see now how urgent this is." in written
        assert "SECRET" not in written
        assert "sorry" not in written

    def test_changing_back_and_forth_keeps_the_count_until_only_a_supervisor_may(self, cast, at):
        complaint = logged(cast, at)
        for minute, severity in enumerate(["complex", "normal", "complex", "normal"], start=1):
            change(complaint, severity, cast.handler, at + minute * MINUTE)
        assert (result_of(complaint).moves, result_of(complaint).due_at) == (2, at + 7 * DAY)

        change(complaint, Severity.COMPLEX, cast.handler, at + 5 * MINUTE)
        complaint.refresh_from_db()
        assert complaint.severity == Severity.COMPLEX
        assert (result_of(complaint).moves, result_of(complaint).due_at) == (2, at + 7 * DAY)
        stood = complaint.events.filter(kind="promise_stands").order_by("number")
        assert [event.data["kind"] for event in stood] == ["verification", "resolution"]
        assert len(told(complaint)) == 4

        with pytest.raises(NotPermitted, match="twice"):
            promises.move(
                result_of(complaint).pk, due_at=at + 9 * DAY, reason="x", actor=Actor.staff(cast.handler), at=at + HOUR
            )

    def test_a_supervisor_makes_it_later_after_two_extensions_too(self, cast, at):
        complaint = logged(cast, at)
        complaint.promises.filter(kind="resolution").update(moves=2)
        change(complaint, Severity.COMPLEX, cast.supervisor, at + MINUTE)
        assert (result_of(complaint).moves, result_of(complaint).due_at) == (3, at + 15 * DAY)

    def test_a_person_who_moved_it_before_has_one_extension_less(self, cast, at):
        complaint = logged(cast, at)
        promises.move(
            result_of(complaint).pk,
            due_at=at + 8 * DAY,
            reason="Parts",
            actor=Actor.staff(cast.handler),
            at=at + MINUTE,
        )
        change(complaint, Severity.COMPLEX, cast.handler, at + 2 * MINUTE)
        assert result_of(complaint).moves == 2

    def test_without_a_reason_a_later_date_is_refused_and_nothing_changes(self, cast, at):
        complaint = logged(cast, at)
        with pytest.raises(GateRefused) as refused:
            change(complaint, Severity.COMPLEX, cast.handler, at + MINUTE, reason="")
        assert [item.field for item in refused.value.missing] == ["reason"]
        complaint.refresh_from_db()
        assert (complaint.severity, result_of(complaint).due_at) == (Severity.NORMAL, at + 7 * DAY)
        with pytest.raises(Unfilled):
            change(complaint, Severity.COMPLEX, cast.handler, at + MINUTE, reason="We wait until {promised}")

    def test_what_is_due_cannot_become_replaced_one_second_before_the_sweep(self, cast, at):
        complaint = logged(cast, at, severity="urgent")
        change(complaint, Severity.COMPLEX, cast.handler, at + DAY)
        assert result_of(complaint).due_at == at + DAY
        assert not complaint.promises.filter(state=State.REPLACED).exists()

    def test_a_minute_before_it_is_due_it_is_an_extension_not_an_escape(self, cast, at):
        complaint = logged(cast, at, severity="urgent")
        change(complaint, Severity.COMPLEX, cast.handler, at + DAY - MINUTE)
        assert result_of(complaint).moves == 1
        assert [dates(data)["resolution"] for data in told(complaint)] == [(at + DAY, at + 15 * DAY)]

    def test_a_graver_case_whose_shorter_time_is_over_never_gets_more_time_than_was_told(self, cast, at):
        complaint = logged(cast, at)
        contact = complaint.promises.get(kind="first_contact")
        change(complaint, Severity.DANGER, cast.handler, at + 59 * MINUTE)
        contact.refresh_from_db()
        assert (contact.state, contact.due_at) == (State.OPEN, at + HOUR)
        assert contact.policy.severity == Severity.DANGER

    def test_nothing_is_told_of_a_date_that_stays_nor_to_whom_nothing_was_promised(self, cast, at):
        complaint = logged(cast, at, wishes_no_contact=True)
        change(complaint, Severity.COMPLEX, cast.handler, at + MINUTE)
        assert told(complaint) == []

    def test_another_category_is_told_like_another_severity(self, cast, at):
        PromisePolicy.objects.create(
            category=cast.metering, severity="normal", kind="resolution", minutes=10 * 24 * 60
        )
        complaint = logged(cast, at)
        assignment.change_category(
            complaint.pk,
            category=cast.metering,
            reason="It is the pump",
            actor=Actor.staff(cast.handler),
            at=at + MINUTE,
        )
        (data,) = told(complaint)
        assert (data["because"], data["reason"]) == ("category", "It is the pump")
        assert result_of(complaint).moves == 1

    def test_many_at_once_are_told_each_and_the_cap_holds_for_them(self, cast, at):
        PromisePolicy.objects.create(
            category=cast.metering, severity="normal", kind="resolution", minutes=10 * 24 * 60
        )
        fresh, moved_twice = logged(cast, at), logged(cast, at, phone="139 0000 4419", email="li@customer.example")
        moved_twice.promises.filter(kind="resolution").update(moves=2)
        run = bulk.choose(cast.handler, "category", Complaint.objects.all(), at=at)
        bulk.start(run.pk, person=cast.handler, values={"category": cast.metering.pk, "reason": "Pumps"}, at=at)
        bulk.work(run.pk, clock=lambda: at + MINUTE)
        assert {row.state for row in run.rows.all()} == {BulkRow.State.DONE}
        assert (result_of(fresh).due_at, len(told(fresh))) == (at + 10 * DAY, 1)
        assert (result_of(moved_twice).due_at, told(moved_twice)) == (at + 7 * DAY, [])

    def test_assigning_settles_the_severity_and_tells_what_follows_in_the_desks_own_words(self, cast, at):
        complaint = at_stage(cast, "verified", at)
        data = assignment_data(cast) | {"severity": "complex", "team": cast.qujiang, "handler": None}
        lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at + HOUR, data=data)
        (said,) = told(complaint)
        assert (said["because"], said["reason"]) == ("assigned", "")
        promise = result_of(complaint)
        assert promise.moved_reason == "It is settled now who looks after this and how urgent it is."

    def test_the_reason_of_the_desk_is_kept_in_the_customers_language(self, cast, at):
        complaint = at_stage(cast, "verified", at, language="zh-hans")
        data = assignment_data(cast) | {"severity": "complex"}
        lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at + HOUR, data=data)
        assert result_of(complaint).moved_reason.endswith("。")

    def test_a_rule_that_is_gone_takes_its_promise_back_aloud(self, cast, at):
        complaint = logged(cast, at)
        PromisePolicy.objects.filter(severity="urgent", kind="first_contact").delete()
        change(complaint, Severity.URGENT, cast.handler, at + MINUTE)
        (data,) = told(complaint)
        assert dates(data)["first_contact"] == (at + HOUR, None)
        assert "that is over now" in body_of(complaint, at + MINUTE)

    def test_a_team_with_other_hours_changes_no_date_that_was_told(self, cast, at):
        cast.qujiang.calendar = Calendar.objects.create(name="Tashkent", time_zone="Asia/Tashkent")
        cast.qujiang.save(update_fields=["calendar"])
        complaint = at_stage(cast, "assigned", at)
        before = {p.pk: p.due_at for p in complaint.promises.filter(state=State.OPEN)}
        data = {"team": cast.qujiang, "handler": None, "reason": "Theirs"}
        lifecycle.perform(complaint.pk, "reassign", actor=Actor.staff(cast.director), at=at + HOUR, data=data)
        assert {p.pk: p.due_at for p in complaint.promises.filter(state=State.OPEN)} == before


class TestOtherEnds:
    def test_when_the_customer_answers_the_new_date_is_told_and_is_no_extension(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        before = result_of(complaint).due_at
        messages.say(
            complaint.pk,
            kind="public",
            body="?",
            actor=Actor.staff(cast.handler),
            at=at + HOUR,
            wait_for_customer=True,
        )
        messages.customer_says(complaint.pk, body="!", at=at + 4 * HOUR)
        (data,) = [data for data in told(complaint) if data["because"] == "answered"]
        assert dates(data) == {"resolution": (before, before + 3 * HOUR)}
        assert result_of(complaint).moves == 0
        assert "We waited for your answer." in body_of(complaint, at + 4 * HOUR)

    def test_closing_early_is_one_message_that_says_what_ends_with_it(self, cast, at):
        complaint = logged(cast, at)
        data = {"outcome": "withdrawn", "reason": "You said that the pump is right after all."}
        lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.handler), at=at + MINUTE, data=data)
        assert told(complaint) == []
        said = Notice.objects.get(complaint=complaint, event="customer_closed").data
        assert {ended["kind"] for ended in said["ended"]} == {"first_contact", "verification", "resolution"}
        assert history_is_whole(complaint)

    def test_what_was_due_is_broken_by_closing_not_withdrawn(self, cast, at):
        complaint = logged(cast, at)
        data = {"outcome": "withdrawn", "reason": "Gave up"}
        lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
        contact = complaint.promises.get(kind="first_contact")
        assert (contact.state, contact.broken_at) == (State.BROKEN, at + HOUR)
        said = Notice.objects.get(complaint=complaint, event="customer_closed").data
        assert {ended["kind"] for ended in said["ended"]} == {"verification", "resolution"}
        assert Notice.objects.filter(complaint=complaint, event="customer_promise_broken").count() == 1
        assert not Escalation.objects.filter(complaint=complaint, signed_at=None).exists()
        assert history_is_whole(complaint)

    def test_archiving_tells_of_a_visit_that_nobody_makes_any_more(self, cast, at):
        complaint = at_stage(cast, "feedback", at)
        finish_callbacks(complaint)
        promises.make(
            complaint.pk, kind="visit", words="The technician comes", due_at=at + DAY,
            actor=Actor.staff(cast.handler), at=at + HOUR,
        )  # fmt: skip
        lifecycle.perform(
            complaint.pk, "archive", actor=Actor.staff(cast.handler), at=at + 2 * HOUR, data=archive_data(cast)
        )
        (said,) = [data for data in told(complaint) if data["because"] == "archived"]
        assert dates(said) == {"visit": (at + DAY, None)}

    def test_a_call_in_vain_is_told_with_the_next_one_and_with_the_last(self, cast, at):
        complaint = at_stage(cast, "resolved", at)
        callback = complaint.callbacks.get()
        for number, day in enumerate((2, 3, 4), start=1):
            callbacks.record_attempt(
                callback.pk, outcome="no_answer", actor=Actor.staff(cast.handler), at=at + day * DAY, number=number
            )
        said = told(complaint)
        assert [data["because"] for data in said][-3:] == ["no_answer", "no_answer", "calls_over"]
        assert said[-1]["changes"][0]["after_at"] is None

    def test_who_does_not_want_to_talk_is_written_nothing_about_it(self, cast, at):
        complaint = at_stage(cast, "resolved", at)
        before = len(told(complaint))
        callbacks.record_attempt(
            complaint.callbacks.get().pk, outcome="refused", actor=Actor.staff(cast.handler), at=at + HOUR, number=1
        )
        assert len(told(complaint)) == before

    def test_moved_twice_it_cannot_be_withdrawn_to_promise_it_anew(self, cast, at):
        complaint = logged(cast, at)
        visit = promises.make(
            complaint.pk, kind="visit", words="We come", due_at=at + DAY, actor=Actor.staff(cast.handler), at=at
        )
        Promise.objects.filter(pk=visit.pk).update(moves=2)
        with pytest.raises(NotPermitted, match="supervisor"):
            promises.withdraw(visit.pk, reason="x", actor=Actor.staff(cast.handler), at=at + MINUTE)
        promises.withdraw(visit.pk, reason="x", actor=Actor.staff(cast.supervisor), at=at + MINUTE)
