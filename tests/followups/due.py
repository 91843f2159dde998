"""Promises and escalations whose moment has come, by the database's clock."""

from datetime import datetime, timedelta

from complaints.case.actors import Actor
from complaints.case.events import broken_links
from complaints.models import Complaint
from followups import clock
from followups.models import Escalation, Notice, Promise
from followups.promises import promises
from tests.cases import logged
from tests.cast import Cast


def make_due(*promises: Promise, ago: timedelta = timedelta(seconds=5)):
    """Let the promises have become due `ago`; they were made two hours before."""
    due_at = clock.now() - ago
    rows = Promise.objects.filter(pk__in=[promise.pk for promise in promises])
    rows.update(made_at=due_at - timedelta(hours=2), due_at=due_at, warn_at=None)


def make_near(*promises: Promise):
    """Let the promises be due in ten minutes, their warning a moment ago."""
    now = clock.now()
    rows = Promise.objects.filter(pk__in=[promise.pk for promise in promises])
    rows.update(
        made_at=now - timedelta(hours=2), due_at=now + timedelta(minutes=10), warn_at=now - timedelta(seconds=1)
    )


def leave_unsigned(*escalations: Escalation):
    """Let the time to sign be over."""
    rows = Escalation.objects.filter(pk__in=[escalation.pk for escalation in escalations])
    rows.update(sign_by=clock.now() - timedelta(seconds=1))


def due_visit(cast: Cast, now: datetime, **given) -> Promise:
    """A promise that has just become due, the only one of its complaint."""
    complaint = logged(cast, now, **given)
    complaint.promises.all().delete()
    complaint.escalations.all().delete()
    Notice.objects.all().delete()
    promise = promises.make(
        complaint.pk,
        kind="visit",
        words="The technician comes",
        due_at=now + timedelta(days=1),
        actor=Actor.staff(cast.frontline),
        at=now + timedelta(seconds=1),
    )
    # That it was promised is told, and not what is asked for here.
    Notice.objects.all().delete()
    make_due(promise)
    promise.refresh_from_db()
    return promise


def history_is_whole(complaint: Complaint) -> bool:
    """Whether the stored events of the complaint form one unbroken chain."""
    complaint = Complaint.objects.get(pk=complaint.pk)
    return not list(broken_links(complaint, list(complaint.events.order_by("number"))))
