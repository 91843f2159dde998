"""What the outbox does with the notices that wait, whatever their hour; and what became of them."""

from datetime import timedelta

from accounts.models import Person
from complaints.case.actors import Actor
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups import clock
from followups.delivery import delivery
from followups.models import Notice

State = Notice.State


def deliver() -> dict:
    """Send what waits, as if it were time."""
    Notice.objects.filter(state=State.QUEUED).update(not_before=clock.now() - timedelta(minutes=1))
    return dict(delivery.run(budget_seconds=30))


def told(event: str) -> set[str]:
    """To whom that notice was mailed."""
    return set(Notice.objects.filter(event=event, state=State.SENT).values_list("address", flat=True))


def dropped() -> dict[str, str]:
    """Why those of each kind were dropped."""
    return dict(Notice.objects.filter(state=State.DROPPED).values_list("event", "dropped_because"))


def switch_off(who: Person):
    """As some script does it: no signal tells of it."""
    Person.objects.filter(pk=who.pk).update(is_active=False)


def go(complaint, action, who, at, **data) -> Complaint:
    return lifecycle.perform(complaint.pk, action, actor=Actor.staff(who), at=at, data=data)
