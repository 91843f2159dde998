"""What the database itself refuses of appeals, whoever writes: triggers and constraints of migration 0031."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Appeal
from complaints.steps import appeals, lifecycle
from tests.cases import archive_data, at_stage, finish_callbacks, resolution_data
from tests.complaints.steps.appealed import GROUNDS, HOUR, decided, made, reviewed

TOUCHED = {
    "wrote an event": lambda cast: cast.frontline,
    "handled it": lambda cast: cast.handler,
    "decided in it": lambda cast: cast.supervisor,
    "is named in it": lambda cast: cast.neighbour,
    "had it and did nothing": lambda cast: cast.technician,
}


@pytest.mark.parametrize("how", TOUCHED)
def test_the_database_itself_refuses_a_reviewer_who_had_a_part_in_it(cast, at, how):
    case = at_stage(cast, Status.ASSIGNED, at, named_people=[cast.neighbour])
    for team, handler in ((cast.service, cast.technician), (cast.hexi, cast.handler)):
        data = {"team": team, "handler": handler, "reason": "Knows it"}
        lifecycle.perform(case.pk, "reassign", actor=Actor.staff(cast.director), at=at + HOUR, data=data)
    done = [("resolve", resolution_data(cast)), ("record_feedback", {"solved": True}), ("archive", archive_data(cast))]
    for action, data in done:
        lifecycle.perform(case.pk, action, actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
        finish_callbacks(case)
    appeal = appeals.make(case.pk, points=[1], grounds=GROUNDS, actor=CUSTOMER, at=at + 2 * HOUR)
    wrong = TOUCHED[how](cast)
    with pytest.raises(IntegrityError, match="never reviews"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE complaints_appeal SET state = 'review', review_began_at = now(), reviewer_id = %s WHERE id = %s",
            [wrong.pk, appeal.pk],
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE complaints_appeal SET state = 'review', review_began_at = now(), reviewer_id = %s WHERE id = %s",
            [cast.reviewer.pk, appeal.pk],
        )


def test_the_database_itself_refuses_a_second_appeal_of_a_round(cast, at):
    appeal = made(cast, at)
    again = Appeal(complaint=appeal.complaint, round=1, channel="phone", grounds="Again", made_at=at)
    with pytest.raises(IntegrityError, match="appeal_one_a_round"), transaction.atomic():
        again.save()


LATER = "decided_at = now() + interval '1 h'"
REJECTED = f"UPDATE complaints_appeal SET state = 'rejected', {LATER}"
ANSWERED = "UPDATE complaints_appealpoint SET upheld = {right}, reason = 'So' WHERE appeal_id = {{id}};"
DECISIONS = {
    "a point without an answer": f"{REJECTED}, outside = '[1]' WHERE id = {{id}}",
    "rejected although right": ANSWERED.format(right=True) + f"{REJECTED}, outside = '[1]' WHERE id = {{id}}",
    "without help from outside": ANSWERED.format(right=False) + f"{REJECTED} WHERE id = {{id}}",
    "a decision without a reason": "UPDATE complaints_appealpoint SET upheld = true WHERE appeal_id = {id}",
    "another result": "UPDATE complaints_appeal SET round = 2 WHERE id = {id}",
}


@pytest.mark.parametrize("what", DECISIONS)
def test_the_database_itself_refuses_decisions_that_do_not_follow(cast, at, what):
    appeal = reviewed(cast, at)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DECISIONS[what].format(id=appeal.pk))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE complaints_appeal SET grounds = 'Other' WHERE id = {id}",
        "UPDATE complaints_appealpoint SET reason = 'Other' WHERE appeal_id = {id}",
        "DELETE FROM complaints_appealpoint WHERE appeal_id = {id}",
        "DELETE FROM complaints_appeal WHERE id = {id}",
    ],
)
def test_what_is_decided_is_never_changed_or_taken_away(cast, at, statement):
    appeal = decided(cast, at)
    with (
        pytest.raises(DatabaseError, match=r"never changed|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(id=appeal.pk))


def test_the_database_itself_lets_nobody_decide_who_is_named(cast, at):
    appeal = reviewed(cast, at)
    appeal.complaint.named_people.add(cast.reviewer)
    appeal.points.update(upheld=False, reason="So")
    with pytest.raises(IntegrityError, match="never decides"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(state="rejected", decided_at=at + 3 * HOUR, outside=[1])
