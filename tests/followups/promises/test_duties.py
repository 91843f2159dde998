"""No stage without a duty: what the audit finds, and what the desk owes itself where nothing else is left."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Membership, Person, Team
from complaints.case import events
from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.choices import Channel, Status
from complaints.conversation import messages
from complaints.importing import mapping, run
from complaints.intake import receiving, references
from complaints.models import Complaint, Customer
from complaints.steps import lifecycle
from followups.callbacks import callbacks
from followups.engine import sweep
from followups.escalation import escalations
from followups.models import Notice, Promise, PromisePolicy
from followups.models.promise import PromiseKind
from followups.promises import duties, promises
from tests.cases import IMPORTED, archive_data, at_stage, finish_callbacks, logged
from tests.followups.due import history_is_whole, make_due

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
State = Promise.State


def open_of(complaint, kind=None):
    found = complaint.promises.filter(state=State.OPEN)
    return found.filter(kind=kind) if kind else found


def lacks() -> list[str]:
    return [orphan.lacks for orphan in duties.audit()]


def imported(cast, at, status: str) -> Complaint:
    """As the importer writes one."""
    customer = Customer.objects.create(name="Wang", phone="139", created_at=at)
    given = receiving.Intake(narrative="Pump 4", channel=Channel.IMPORT, team=cast.hexi, customer=customer)
    complaint = receiving.build(given, received_at=at - 90 * DAY, created_at=at, logged_by=None)
    complaint.reference, complaint.status = references.next_references(at, 1)[0], status
    written = events.build(complaint, EventKind.IMPORTED, actor=SYSTEM, at=at, data=IMPORTED | {"to": status})
    complaint.save(force_insert=True)
    written.complaint = complaint
    events.append_many([written])
    return complaint


class TestAudit:
    def test_a_case_by_the_book_has_a_duty_at_every_stage(self, cast, at):
        for status in Status:
            at_stage(cast, status, at)
        assert duties.audit() == []

    def test_it_finds_the_case_without_one(self, cast, at):
        complaint, other = logged(cast, at), logged(cast, at)
        complaint.promises.update(state=State.WITHDRAWN, settled_at=at)
        assert duties.audit() == [duties.Orphan(complaint.reference, "no duty")]
        assert other.reference not in [orphan.reference for orphan in duties.audit()]

    def test_a_broken_promise_is_none_and_a_paused_one_without_a_long_stop_neither(self, cast, at):
        complaint = logged(cast, at)
        complaint.promises.exclude(kind="resolution").update(state=State.BROKEN, settled_at=at, broken_at=at)
        assert duties.audit() == []
        complaint.promises.filter(kind="resolution").update(paused_since=at, long_stop_at=None)
        assert lacks() == ["no duty"]

    def test_a_signature_that_is_asked_for_is_one_until_it_is_given(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        complaint.promises.update(state=State.WITHDRAWN, settled_at=at)
        actor = Actor.staff(cast.handler)
        asked = escalations.escalate_by_hand(complaint.pk, note="He shouts", tried="Talked", actor=actor, at=at + HOUR)
        assert duties.audit() == []
        asked.signed_at = at
        asked.save()
        assert lacks() == ["no duty"]

    def test_what_is_archived_needs_none(self, cast, at):
        complaint = at_stage(cast, Status.ARCHIVED, at)
        assert not open_of(complaint).exists()
        assert duties.audit() == []

    def test_it_finds_the_case_whose_handler_is_gone(self, cast, at):
        at_stage(cast, Status.ASSIGNED, at)
        Person.objects.filter(pk=cast.handler.pk).update(is_active=False)
        assert lacks() == ["no owner"]

    def test_it_finds_the_case_whose_handler_lost_the_role(self, cast, at):
        at_stage(cast, Status.ASSIGNED, at)
        Membership.objects.filter(person=cast.handler).update(team=cast.qujiang)
        assert lacks() == ["no owner"]

    def test_a_handler_who_supervises_above_owns_it(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        Complaint.objects.filter(pk=complaint.pk).update(handler=cast.director)
        assert duties.audit() == []

    def test_it_finds_the_case_of_a_closed_team(self, cast, at):
        logged(cast, at)
        Team.objects.filter(pk=cast.hexi.pk).update(active=False)
        assert lacks() == ["no owner"]

    def test_it_finds_the_case_that_nobody_could_take(self, cast, at):
        logged(cast, at)
        assert duties.audit() == []
        Membership.objects.all().delete()
        assert lacks() == ["no owner"]

    def test_an_administrator_is_somebody_who_can_appoint_one(self, cast, at):
        logged(cast, at)
        Membership.objects.exclude(role="administrator").delete()
        assert duties.audit() == []

    def test_it_names_no_more_than_it_is_asked_for(self, cast, at):
        for _number in range(3):
            logged(cast, at)
        Promise.objects.update(state=State.WITHDRAWN, settled_at=at)
        assert len(duties.audit(most=2)) == 2

    def test_the_command_says_which_and_fails(self, cast, at):
        complaint = logged(cast, at)
        said = StringIO()
        call_command("audit_duties", stdout=said)
        assert said.getvalue().startswith("Every open case has a duty")
        complaint.promises.update(state=State.WITHDRAWN, settled_at=at)
        said = StringIO()
        with pytest.raises(CommandError, match="1 open case"):
            call_command("audit_duties", stdout=said)
        assert f"{complaint.reference}: no duty" in said.getvalue()


class TestNextStep:
    """The decision that is owed where nothing else is left."""

    def only(self, cast, at) -> tuple[Complaint, Promise]:
        """A case with one promise that is not by policy, and nothing else."""
        complaint = at_stage(cast, Status.ASSIGNED, at)
        complaint.promises.all().delete()
        actor = Actor.staff(cast.supervisor)
        due_at = at + 2 * DAY
        given = {"kind": "visit", "words": "We come", "due_at": due_at, "confirmed": frozenset({"hours", "record"})}
        return complaint, promises.make(complaint.pk, **given, actor=actor, at=at + HOUR)

    def test_the_last_promise_withdrawn_leaves_a_decision_with_a_date(self, cast, at):
        complaint, last = self.only(cast, at)
        promises.withdraw(last.pk, reason="They moved", actor=Actor.staff(cast.supervisor), at=at + 2 * HOUR)
        owed = open_of(complaint).get()
        assert (owed.kind, owed.to_customer, owed.made_by) == (PromiseKind.NEXT_STEP, False, None)
        assert owed.due_at > at + 2 * HOUR
        assert Complaint.objects.get(pk=complaint.pk).next_due_at == owed.due_at
        assert duties.audit() == []
        assert history_is_whole(complaint)

    def test_so_does_the_last_promise_kept(self, cast, at):
        complaint, last = self.only(cast, at)
        promises.keep(last.pk, actor=Actor.staff(cast.handler), at=at + 2 * HOUR)
        assert open_of(complaint).get().kind == PromiseKind.NEXT_STEP

    def test_and_the_last_signature(self, cast, at):
        complaint, last = self.only(cast, at)
        actor = Actor.staff(cast.handler)
        asked = escalations.escalate_by_hand(complaint.pk, note="He shouts", tried="Talked", actor=actor, at=at + HOUR)
        promises.keep(last.pk, actor=actor, at=at + 2 * HOUR)
        assert not open_of(complaint).exists(), "the signature is the duty"
        escalations.sign(asked.pk, note="I call him", actor=Actor.staff(cast.supervisor), at=at + 3 * HOUR)
        assert open_of(complaint).get().kind == PromiseKind.NEXT_STEP

    def test_while_another_promise_stands_nothing_is_owed(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        before = open_of(complaint).count()
        actor = Actor.staff(cast.handler)
        messages.say(complaint.pk, kind="public", body="We come", spoken="phone", actor=actor, at=at + HOUR)
        assert not open_of(complaint, PromiseKind.NEXT_STEP).exists()
        assert open_of(complaint).count() <= before

    def test_a_new_promise_is_the_decision(self, cast, at):
        complaint, last = self.only(cast, at)
        supervisor = Actor.staff(cast.supervisor)
        promises.withdraw(last.pk, reason="They moved", actor=supervisor, at=at + 2 * HOUR)
        given = {"kind": "reply", "words": "We call", "due_at": at + 3 * DAY, "confirmed": frozenset({"hours"})}
        promises.make(complaint.pk, **given, actor=supervisor, at=at + 3 * HOUR)
        assert complaint.promises.get(kind=PromiseKind.NEXT_STEP).state == State.KEPT
        assert open_of(complaint).get().kind == PromiseKind.REPLY

    def test_nobody_keeps_or_withdraws_it_by_hand(self, cast, at):
        complaint, last = self.only(cast, at)
        supervisor = Actor.staff(cast.supervisor)
        promises.withdraw(last.pk, reason="They moved", actor=supervisor, at=at + 2 * HOUR)
        owed = open_of(complaint).get()
        for act in (
            lambda: promises.keep(owed.pk, actor=supervisor, at=at + 3 * HOUR),
            lambda: promises.withdraw(owed.pk, reason="No", actor=supervisor, at=at + 3 * HOUR),
        ):
            with pytest.raises(promises.NotAllowedNow):
                act()

    def test_one_that_broke_is_owed_again_and_somebody_signs(self, cast, now):
        complaint, last = self.only(cast, now)
        promises.keep(last.pk, actor=Actor.staff(cast.handler), at=now + 2 * HOUR)
        owed = open_of(complaint).get()
        make_due(owed)
        assert sweep.enforce_batch() == 1
        again = open_of(complaint).get()
        assert (again.kind, again.follows_id, again.times_broken) == (PromiseKind.NEXT_STEP, owed.pk, 1)
        assert complaint.escalations.get(promise=owed).signed_at is None
        assert not Notice.objects.filter(complaint=complaint, event="customer_promise_broken").exists()


class TestLookedAtOnce:
    def test_what_ends_just_before_the_next_begins_leaves_nothing_owed_between(self, cast, at):
        """Calling in vain withdraws one promise and makes the next."""
        complaint = at_stage(cast, Status.RESOLVED, at)
        actor = Actor.staff(cast.frontline)
        callbacks.record_attempt(complaint.callbacks.get().pk, outcome="no_answer", actor=actor, at=at + HOUR)
        assert not complaint.promises.filter(kind=PromiseKind.NEXT_STEP).exists()

    def test_inside_it_waits_until_all_is_done(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        ours = complaint.promises.filter(state=State.OPEN)
        with duties.looked_at_once():
            for promise in ours:
                promises.withdraw(promise.pk, reason="No", actor=Actor.staff(cast.director), at=at + HOUR)
            assert lacks() == ["no duty"]
        assert duties.audit() == []

    def test_what_fails_inside_is_not_looked_at_later(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        complaint.promises.update(state=State.WITHDRAWN, settled_at=at)

        def fail():
            with duties.looked_at_once():
                duties.note(complaint.events.filter(kind="promise_kept").first())
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with duties.looked_at_once():
            pass
        assert not complaint.promises.filter(kind=PromiseKind.NEXT_STEP).exists()
        assert duties._under.cases == {}


class TestArchiving:
    def rated(self, cast, at, **said) -> Complaint:
        complaint = at_stage(cast, Status.RESOLVED, at)
        lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR, data=said)
        complaint.refresh_from_db()
        return complaint

    def test_who_is_satisfied_is_archived_soon(self, cast, at):
        complaint = self.rated(cast, at, solved=True, rating=5)
        owed = open_of(complaint, PromiseKind.ARCHIVE).get()
        assert at + HOUR < owed.due_at < at + 10 * DAY
        assert not owed.to_customer

    def test_who_said_nothing_has_the_window_to_say_no(self, cast, at):
        complaint = at_stage(cast, Status.RESOLVED, at)
        for number in (1, 2, 3):
            owed = complaint.callbacks.get()
            actor = Actor.staff(cast.frontline)
            callbacks.record_attempt(owed.pk, outcome="no_answer", actor=actor, at=at + number * HOUR)
        complaint.refresh_from_db()
        assert complaint.status == Status.FEEDBACK
        owed = open_of(complaint, PromiseKind.ARCHIVE).get()
        assert complaint.reopen_until is None or owed.due_at > complaint.reopen_until

    def test_archiving_keeps_it(self, cast, at):
        complaint = self.rated(cast, at, solved=True, rating=5)
        finish_callbacks(complaint)
        actor = Actor.staff(cast.handler)
        lifecycle.perform(complaint.pk, "archive", actor=actor, at=at + 2 * HOUR, data=archive_data(cast))
        assert complaint.promises.get(kind=PromiseKind.ARCHIVE).state == State.KEPT

    def test_working_on_it_again_ends_it(self, cast, at):
        complaint = self.rated(cast, at, solved=True, rating=None)
        assert open_of(complaint, PromiseKind.ARCHIVE).exists()
        Complaint.objects.filter(pk=complaint.pk).update(reopen_until=at + 30 * DAY)
        complaint.feedback.update(solved=None, rating=3)
        given = {"actor": Actor.staff(cast.handler), "at": at + 2 * HOUR, "data": {"reason": "Measure again"}}
        lifecycle.perform(complaint.pk, "rework", **given)
        assert complaint.promises.get(kind=PromiseKind.ARCHIVE).state == State.WITHDRAWN
        assert open_of(complaint, PromiseKind.RESOLUTION).exists()


class TestWithoutPolicies:
    @pytest.mark.parametrize("status", [status for status in Status if status != Status.ARCHIVED])
    def test_every_stage_has_a_date(self, cast, at, status):
        PromisePolicy.objects.update(active=False)
        at_stage(cast, status, at)
        assert duties.audit() == []


class TestImported:
    @pytest.mark.parametrize("status", [status for status in Status if status != Status.ARCHIVED])
    def test_at_whatever_stage_it_has_a_duty_and_nothing_is_sent(self, cast, at, status):
        complaint = imported(cast, at, status)
        assert duties.audit() == []
        assert not Notice.objects.filter(complaint=complaint).exists()
        assert history_is_whole(complaint)
        kinds = set(open_of(complaint).values_list("kind", flat=True))
        assert kinds == {PromiseKind.NEXT_STEP} or status == Status.RECEIVED

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("file", "name"), [("cfpb_5000.csv.gz", "cfpb"), ("zh_complaints.csv.gz", "zh_complaints")]
    )
    def test_each_case_of_a_real_file_has_one(self, cast, at, tmp_path, file, name):
        path = settings.BASE_DIR.parent / "shared" / "data" / file
        if not path.exists():
            pytest.skip(f"{file} is not beside this checkout (shared/data)")
        totals = run.run(path, mapping.load(name), team=cast.company, at=at, rejects=tmp_path / "rejected.csv")
        open_ones = Complaint.objects.open().count()
        assert open_ones >= totals.created > 4000
        assert duties.audit() == []
        assert not Notice.objects.exists()
