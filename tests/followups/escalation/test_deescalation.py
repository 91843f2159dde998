from datetime import timedelta

import pytest

from complaints.case.actors import Actor
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted
from followups.escalation import deescalation, escalations
from followups.models import Escalation, Promise
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.followups.due import history_is_whole

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SURE = frozenset({"hours", "record", "authority"})


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, "assigned", at)


@pytest.fixture
def escalation(complaint, at):
    return escalations.escalate(complaint, reason="customer", key="test", at=at + HOUR)


def person(escalation, cast, at, who=None, **given):
    fields = {"team": cast.hexi, "handler": cast.colleague, "reason": "They shout at each other"} | given
    return deescalation.change_person(escalation.pk, **fields, actor=Actor.staff(who or cast.supervisor), at=at)


def place(escalation, cast, at, **given):
    fields = {"words": "In our office, with tea", "due_at": at + DAY, "confirmed": SURE} | given
    return deescalation.change_place(escalation.pk, **fields, actor=Actor.staff(cast.supervisor), at=at)


def another_time(escalation, cast, at, **given):
    fields = {"promise_id": None, "words": "We talk when you have slept", "due_at": at + DAY, "confirmed": SURE}
    return deescalation.change_time(escalation.pk, **fields | given, actor=Actor.staff(cast.supervisor), at=at)


def signed(complaint) -> dict:
    assert history_is_whole(complaint)
    return complaint.events.get(kind="escalation_signed").data


class TestThePerson:
    def test_somebody_else_takes_over_and_it_is_signed_for(self, cast, complaint, escalation, at):
        answered = person(escalation, cast, at + 2 * HOUR)
        complaint.refresh_from_db()
        assert complaint.handler == cast.colleague
        assert (answered.signed_by, answered.signed_at) == (cast.supervisor, at + 2 * HOUR)
        assert signed(complaint)["move"] == "person"
        assert signed(complaint)["signed_note"] == "They shout at each other"

    def test_what_the_gate_refuses_leaves_it_unsigned(self, cast, complaint, escalation, at):
        with pytest.raises(GateRefused):
            person(escalation, cast, at + 2 * HOUR, reason="")
        escalation.refresh_from_db()
        complaint.refresh_from_db()
        assert (escalation.signed_at, complaint.handler) == (None, cast.handler)

    def test_of_a_case_nobody_works_on_yet_cannot_change(self, cast, at):
        escalation = escalations.escalate(logged(cast, at), reason="customer", key="early", at=at)
        with pytest.raises(NotAllowedNow):
            person(escalation, cast, at + HOUR)


class TestThePlace:
    def test_a_visit_is_promised_in_the_words_given(self, cast, complaint, escalation, at):
        place(escalation, cast, at + 2 * HOUR)
        visit = complaint.promises.get(kind="visit")
        assert (visit.words, visit.due_at, visit.to_customer) == ("In our office, with tea", at + 26 * HOUR, True)
        assert signed(complaint)["move"] == "place"


class TestTheTime:
    def test_a_promise_is_moved_and_the_customer_told_why(self, cast, complaint, escalation, at):
        promise = complaint.promises.get(kind="resolution", state="open")
        another_time(escalation, cast, at + 2 * HOUR, promise_id=promise.pk, due_at=promise.due_at + DAY)
        moved = Promise.objects.get(pk=promise.pk)
        assert (moved.due_at, moved.moved_reason) == (promise.due_at + DAY, "We talk when you have slept")
        assert signed(complaint)["move"] == "time"

    def test_without_one_a_new_appointment_is_made(self, cast, complaint, escalation, at):
        another_time(escalation, cast, at + 2 * HOUR)
        assert complaint.promises.get(kind="reply").words == "We talk when you have slept"
        assert signed(complaint)["move"] == "time"

    def test_a_promise_of_another_case_is_not_moved(self, cast, escalation, at):
        other = at_stage(cast, "assigned", at).promises.get(kind="resolution", state="open")
        with pytest.raises(Promise.DoesNotExist):
            another_time(escalation, cast, at + 2 * HOUR, promise_id=other.pk, due_at=other.due_at + DAY)

    def test_only_what_runs_and_is_not_due_can_be_moved(self, cast, complaint, at):
        late = promises.make(
            complaint.pk,
            kind="visit",
            words="We come",
            due_at=at + HOUR,
            actor=Actor.staff(cast.supervisor),
            at=at + timedelta(minutes=5),
            confirmed=SURE,
        )
        assert late in deescalation.movable(complaint, at=at + timedelta(minutes=30))
        assert late not in deescalation.movable(complaint, at=at + 2 * HOUR)


class TestAnswering:
    @pytest.mark.parametrize("move", [person, place, another_time])
    def test_the_same_move_twice_acts_once(self, cast, complaint, escalation, at, move):
        before = complaint.promises.count()
        due = {} if move is person else {"due_at": at + 3 * DAY}
        for hours in (2, 3):
            move(escalation, cast, at + hours * HOUR, **due)
        escalation.refresh_from_db()
        complaint.refresh_from_db()
        assert escalation.signed_at == at + 2 * HOUR
        assert complaint.handovers == (1 if move is person else 0)
        assert complaint.promises.count() == before + (0 if move is person else 1)

    @pytest.mark.parametrize(
        ("move", "other"),
        [(person, {"reason": "Other"}), (place, {"due_at": 4 * DAY}), (another_time, {"words": "Other"})],
    )
    def test_the_same_move_with_other_content_is_refused_and_not_said_to_be_done(
        self, cast, complaint, escalation, at, move, other
    ):
        due = {} if move is person else {"due_at": at + 3 * DAY}
        move(escalation, cast, at + 2 * HOUR, **due)
        before = complaint.promises.count()
        other = {name: at + value if name == "due_at" else value for name, value in other.items()}
        with pytest.raises(NotAllowedNow):
            move(escalation, cast, at + 3 * HOUR, **due | other)
        assert complaint.promises.count() == before

    def test_another_move_after_it_was_signed_for_does_nothing(self, cast, complaint, escalation, at):
        escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.supervisor), at=at + HOUR)
        with pytest.raises(NotAllowedNow):
            place(escalation, cast, at + 2 * HOUR)
        assert not complaint.promises.filter(kind="visit").exists()

    def test_is_for_those_who_may_sign(self, cast, complaint, escalation, at):
        for other in (cast.handler, cast.auditor, cast.stranger):
            with pytest.raises(NotPermitted):
                person(escalation, cast, at + 2 * HOUR, who=other)
        assert Escalation.objects.get(pk=escalation.pk).signed_at is None
