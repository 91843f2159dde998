"""Right and truth are asked at delivery: who reads it, whether it is still so, and the address of today."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from accounts.models import Membership, Person, Role
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import Complaint, Customer
from complaints.steps import archive
from followups import clock
from followups.engine import sweep
from followups.escalation import escalations
from followups.models import Escalation, Notice, Promise
from followups.notices import appeal_rules, bell, truth
from followups.promises import promises
from tests.cases import at_stage, logged, resolution_data
from tests.followups.due import make_due, make_near
from tests.followups.posted import deliver, dropped, go, switch_off, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EMAILS = Path(settings.BASE_DIR) / "templates" / "emails"
KINDS = sorted(folder.name for folder in EMAILS.iterdir() if folder.is_dir())


@pytest.fixture
def complaint(cast, at) -> Complaint:
    complaint = at_stage(cast, "assigned", at, subject="Pump four")
    Notice.objects.all().delete()
    return complaint


def reassign(complaint, cast, at, handler, team=None) -> Complaint:
    return go(complaint, "reassign", cast.supervisor, at, team=team or cast.hexi, handler=handler, reason="SECRET")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_notice_has_a_rule(kind):
    assert kind in truth.RULES | appeal_rules.RULES


def test_every_rule_is_for_a_kind_that_has_words():
    assert set(truth.RULES) | set(appeal_rules.RULES) == set(KINDS)


class TestWhoReadsIt:
    @pytest.fixture
    def written(self, complaint, at) -> Complaint:
        """The customer wrote; the handler's mail has not left yet."""
        messages.customer_says(complaint.pk, body="Well?", at=at + HOUR)
        return complaint

    def test_it_goes_out_while_nothing_changed(self, cast, written):
        assert deliver()["sent"] >= 1
        assert told("reply_received") == {cast.handler.email}

    def test_who_was_switched_off_reads_nothing_and_the_supervisor_does(self, cast, written):
        switch_off(cast.handler)
        deliver()
        assert dropped() == {"reply_received": "inactive"}
        assert told("reply_received") == {cast.supervisor.email}
        assert "does not work in this team any more" in mail.outbox[-1].body

    def test_who_was_named_in_the_case_reads_nothing(self, cast, written):
        written.named_people.add(cast.handler)
        deliver()
        assert dropped() == {"reply_received": "unseen"}
        assert cast.handler.email not in {message.to[0] for message in mail.outbox}

    def test_who_lost_the_role_reads_nothing(self, cast, written):
        cast.handler.memberships.all().delete()
        deliver()
        assert dropped() == {"reply_received": "unseen"}
        assert told("reply_received") == {cast.supervisor.email}

    def test_after_a_hand_over_the_new_handler_reads_that_the_customer_wrote(self, cast, written, at):
        reassign(written, cast, at + 2 * HOUR, cast.colleague)
        deliver()
        assert dropped() == {"reply_received": "not_theirs"}
        assert told("reply_received") == {cast.colleague.email}
        assert told("assigned") == {cast.colleague.email}

    def test_the_mail_goes_to_the_address_of_today(self, cast, written):
        Person.objects.filter(pk=cast.handler.pk).update(email="li.today@desk.example")
        deliver()
        assert told("reply_received") == {"li.today@desk.example"}

    def test_who_has_no_address_any_more_reads_it_in_the_desk(self, cast, written):
        Person.objects.filter(pk=cast.handler.pk).update(email="")
        deliver()
        assert Notice.objects.get(event="reply_received").state == Notice.State.SHOWN
        assert bell.unseen(cast.handler) == 1


class TestWhatIsNotSoAnyMore:
    def test_it_is_yours_after_it_went_on(self, cast, complaint, at):
        reassign(complaint, cast, at + HOUR, cast.colleague)
        reassign(complaint, cast, at + 2 * HOUR, cast.handler)
        deliver()
        assert told("assigned") == {cast.handler.email}
        assert ("assigned", "not_theirs") in dropped().items()

    def test_please_sign_for_a_case_that_ended(self, cast, complaint, at):
        escalations.escalate_by_hand(
            complaint.pk, note="Help", tried="All", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        data = {"outcome": "withdrawn", "reason": "The customer said so"}
        go(complaint, "close_early", cast.supervisor, at + 2 * HOUR, **data)
        deliver()
        assert told("escalated") == set()
        assert dropped()["escalated"] == "over"

    def test_please_sign_to_who_supervises_no_more_goes_to_who_does(self, cast, complaint, at):
        escalations.escalate_by_hand(
            complaint.pk, note="Help", tried="All", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        cast.supervisor.memberships.all().delete()
        deliver()
        assert told("escalated") == {cast.director.email}

    def test_please_sign_after_it_climbed(self, cast, complaint, at):
        escalation = escalations.escalate_by_hand(
            complaint.pk, note="Help", tried="All", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        Escalation.objects.filter(pk=escalation.pk).update(level=1, team=cast.company)
        deliver()
        assert dropped() == {"escalated": "over"}

    def test_a_warning_of_what_was_kept_meanwhile(self, cast, complaint, at):
        promise = complaint.promises.get(kind="resolution", state="open")
        make_near(promise)
        sweep.warn_batch()
        promises.keep(promise.pk, actor=Actor.staff(cast.handler), at=clock.now())
        deliver()
        assert dropped()["promise_warned"] == "over"

    def test_a_broken_promise_that_was_made_good(self, cast, complaint, at):
        promise = complaint.promises.get(kind="resolution", state="open")
        make_due(promise)
        sweep.enforce_batch()
        Promise.objects.filter(pk=promise.pk).update(kept_at=clock.now())
        deliver()
        assert told("promise_broken") == set()
        # The customer's apology stays true, and says that it was done.
        assert told("customer_promise_broken") == {"wang@customer.example"}
        (said,) = [message.body for message in mail.outbox if "late with" in message.subject]
        assert "We did it late" in said

    def test_a_proposal_that_was_taken_back(self, cast, complaint, at):
        archive.propose_invalid(complaint.pk, reason="No complaint", actor=Actor.staff(cast.handler), at=at + HOUR)
        Complaint.objects.filter(pk=complaint.pk).update(invalid_proposed_by=None)
        deliver()
        assert dropped() == {"invalid_proposed": "over"}


class TestWhoMaySeeNoMore:
    def test_that_it_went_away_is_told_without_a_word_of_the_case(self, cast, complaint, at):
        Membership.objects.filter(person=cast.handler).update(team=cast.qujiang)
        Complaint.objects.filter(pk=complaint.pk).update(site=cast.weiyang)
        reassign(complaint, cast, at + HOUR, cast.neighbour, cast.weiyang)
        deliver()
        (message,) = [message for message in mail.outbox if message.to == [cast.handler.email]]
        assert complaint.reference in message.subject
        for words in ("Pump four", "SECRET", "/complaints/", cast.neighbour.name):
            assert words not in message.subject + message.body

    def test_who_still_sees_it_reads_the_reason(self, cast, complaint, at):
        reassign(complaint, cast, at + HOUR, cast.colleague)
        deliver()
        (message,) = [message for message in mail.outbox if message.to == [cast.handler.email]]
        assert "SECRET" in message.body
        assert "Pump four" in message.subject


class TestAdministrators:
    """Where everybody above is named in the case, they hear that somebody is missing, and nothing of the case."""

    @pytest.fixture
    def asked(self, cast, complaint, at) -> Escalation:
        complaint.named_people.set([cast.supervisor, cast.director])
        return escalations.escalate_by_hand(
            complaint.pk, note="SECRET", tried="SECRET", actor=Actor.staff(cast.handler), at=at + HOUR
        )

    def test_the_mail_has_reference_and_team_and_no_words(self, cast, complaint, asked):
        deliver()
        (message,) = [message for message in mail.outbox if message.to == [cast.administrator.email]]
        text = message.subject + message.body
        assert complaint.reference in text
        assert "Hexi Road station" in text
        for words in ("SECRET", "Pump four", "52.3", "/complaints/"):
            assert words not in text

    def test_the_bell_says_the_same_without_a_link(self, cast, complaint, asked, at):
        (line,) = bell.lines(list(bell.notices_of(cast.administrator, at)), cast.administrator, at)
        assert line.words == "A complaint has nobody above who may sign: name a supervisor for Hexi Road station."
        assert (line.reference, line.subject) == (complaint.reference, "")

    def test_once_somebody_supervises_it_is_over(self, cast, complaint, asked):
        Membership.objects.create(person=cast.colleague, team=cast.hexi, role=Role.SUPERVISOR)
        deliver()
        assert dropped()["nobody_there"] == "over"

    def test_who_administers_no_more_is_not_told(self, cast, asked):
        cast.administrator.memberships.all().delete()
        deliver()
        assert dropped()["nobody_there"] == "not_theirs"


class TestCustomers:
    @pytest.fixture
    def acknowledged(self, cast, at) -> Complaint:
        return logged(cast, at)

    def change(self, complaint, **fields):
        Customer.objects.filter(pk=complaint.customer_id).update(**fields)

    def test_the_address_of_today_is_used(self, acknowledged):
        self.change(acknowledged, email="new@customer.example")
        deliver()
        assert told("customer_acknowledged") == {"new@customer.example"}

    def test_without_an_address_supervisors_see_that_it_did_not_arrive(self, acknowledged):
        self.change(acknowledged, email="")
        deliver()
        notice, instead = Notice.objects.filter(event="customer_acknowledged").order_by("id")
        assert (notice.state, notice.last_error) == (Notice.State.DEAD, "There is no address that works.")
        assert (instead.state, instead.channel) == (Notice.State.TO_SAY, Notice.Channel.CALL)
        assert acknowledged.escalations.get().reason == "untold"
        assert acknowledged.promises.get(kind="tell").state == "open"

    def test_who_does_not_want_to_hear_from_us_any_more_does_not(self, acknowledged):
        Complaint.objects.filter(pk=acknowledged.pk).update(wishes_no_contact=True)
        deliver()
        assert dropped() == {"customer_acknowledged": "no_contact"}

    def test_the_acknowledgement_of_a_case_that_ended_promises_nothing(self, cast, acknowledged, at):
        data = {"outcome": "withdrawn", "reason": "The customer said so"}
        go(acknowledged, "close_early", cast.handler, at + HOUR, **data)
        deliver()
        # The second says that the dates named before do not hold any more.
        message, *_dates = [message for message in mail.outbox if message.to == ["wang@customer.example"]]
        assert acknowledged.reference in message.subject
        assert "looks after it" not in message.body

    def test_a_new_date_that_was_moved_again_is_not_told(self, cast, complaint, at):
        promise = complaint.promises.get(kind="resolution", state="open")
        make_near(promise)
        now = clock.now()
        for days in (2, 3):
            promises.move(
                promise.pk, due_at=now + days * DAY, reason=f"{days}", actor=Actor.staff(cast.handler), at=now
            )
        deliver()
        assert [
            notice.data["reason"] for notice in Notice.objects.filter(event="customer_promise_moved", state="sent")
        ] == ["3"]
        assert dropped()["customer_promise_moved"] == "over"

    def test_the_question_whether_it_is_solved_is_not_asked_after_the_answer(self, cast, complaint, at):
        go(complaint, "resolve", cast.handler, at + HOUR, **resolution_data(cast))
        data = {"solved": True, "rating": 5, "channel": "callback"}
        go(complaint, "record_feedback", cast.handler, at + 2 * HOUR, **data)
        deliver()
        assert dropped() == {"customer_resolved": "over"}

    def test_that_we_work_on_it_again_is_not_told_after_it_was_finished_again(self, cast, complaint, at):
        go(complaint, "resolve", cast.handler, at + HOUR, **resolution_data(cast))
        go(complaint, "record_feedback", cast.handler, at + 2 * HOUR, solved=False, rating=1, channel="callback")
        assert Notice.objects.filter(event="customer_reopened").count() == 1
        Complaint.objects.filter(pk=complaint.pk).update(status="resolved")
        deliver()
        assert dropped()["customer_reopened"] == "over"


class TestTheBell:
    def lines(self, who, at) -> list[str]:
        return [line.words for line in bell.lines(list(bell.notices_of(who, at).order_by("pk")), who, at)]

    def test_what_went_on_is_told_as_past(self, cast, complaint, at):
        reassign(complaint, cast, at + HOUR, cast.colleague)
        assert self.lines(cast.colleague, at) == ["This complaint is yours now."]
        reassign(complaint, cast, at + 2 * HOUR, cast.handler)
        assert self.lines(cast.colleague, at)[0] == "This complaint was yours; it went on."

    def test_what_was_dropped_is_not_counted(self, cast, complaint, at):
        messages.customer_says(complaint.pk, body="Well?", at=at + HOUR)
        complaint.named_people.add(cast.handler)
        assert bell.unseen(cast.handler) == 1
        deliver()
        assert bell.unseen(cast.handler) == 0
        assert self.lines(cast.handler, at) == []
