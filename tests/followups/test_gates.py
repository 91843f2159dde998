from datetime import timedelta

import pytest

from complaints.case.actors import SYSTEM, Actor
from complaints.errors import GateRefused
from complaints.steps import lifecycle
from followups.models import Callback
from tests.cases import archive_data, at_stage

HOUR = timedelta(hours=1)


def missing(refused) -> list[str]:
    return [item.field for item in refused.value.missing]


@pytest.fixture
def resolved(cast, at):
    return at_stage(cast, "resolved", at)


def give_up(complaint):
    Callback.objects.filter(complaint=complaint).update(state="given_up")


def test_no_answer_counts_only_once_the_attempts_are_used_up(cast, resolved, at):
    def go_on():
        return lifecycle.perform(resolved.pk, "record_feedback", actor=SYSTEM, at=at + HOUR, data={"no_answer": True})

    with pytest.raises(GateRefused) as refused:
        go_on()
    assert missing(refused) == ["no_answer"]
    give_up(resolved)
    assert go_on().status == "feedback"


def test_nobody_has_to_be_tried_who_wishes_no_contact(cast, at):
    quiet = at_stage(cast, "resolved", at, wishes_no_contact=True)
    done = lifecycle.perform(quiet.pk, "record_feedback", actor=SYSTEM, at=at + HOUR, data={"no_answer": True})
    assert done.status == "feedback"


def test_archiving_asks_for_the_call(cast, at):
    complaint = at_stage(cast, "feedback", at)
    Callback.objects.filter(complaint=complaint).update(state="open")
    data = archive_data(cast)
    with pytest.raises(GateRefused) as refused:
        lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
    assert missing(refused) == ["callback"]
    give_up(complaint)
    done = lifecycle.perform(complaint.pk, "archive", actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
    assert done.status == "archived"
