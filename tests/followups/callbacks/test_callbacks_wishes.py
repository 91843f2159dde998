"""Calls are planned for the hours that the customer wished for, where the wish is understood."""

from datetime import timedelta

from complaints.case.actors import Actor
from complaints.choices import Status
from followups.callbacks import callbacks
from followups.models import Callback
from tests.cases import at_stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def owed(cast, at, **given) -> Callback:
    """The call that is owed to a customer who was told the result at `at`."""
    return at_stage(cast, Status.RESOLVED, at - timedelta(minutes=3), **given).callbacks.get()


def test_the_plan_keeps_the_hours_that_the_customer_wished_for(cast, at):
    call = owed(cast, at, call_hours="after 18:00", phone="139 0000 4450")
    assert call.next_at == call.promise.due_at == at + DAY + 11 * HOUR
    callbacks.record_attempt(
        call.pk, outcome="no_answer", actor=Actor.staff(cast.handler), at=at + DAY + 10 * HOUR, number=1
    )
    call.refresh_from_db()
    assert call.next_at == at + 2 * DAY + 11 * HOUR


def test_a_wish_that_nobody_understands_changes_no_plan(cast, at):
    plain = owed(cast, at, phone="139 0000 4451")
    odd = owed(cast, at, call_hours="when my shift is over", phone="139 0000 4452")
    assert odd.next_at == plain.next_at
