"""The daily summary: what people did not want mailed at once, in one mail a day.

Such notices wait as GATHERED until their moment (followups.outbox.notices). Then one transaction writes the summary,
a notice like any other, and lets go of them. Its key names the person and the day, so that it is written once
by any number of workers. Part of every delivery: where Celery is gone, the guard writes summaries too.
"""

from datetime import datetime

from django.db import OperationalError, transaction

from accounts.models import Person
from complaints.db.row_claims import no_rows_fault
from followups import clock
from followups.delivery import dropping
from followups.models import Notice
from followups.notices import truth
from followups.notices.bell import DIGEST
from followups.notices.facts import Facts
from followups.outbox.notices import next_digest_at

State = Notice.State
# People whose summaries are written before the next delivery.
BATCH = 50


def write_due() -> int:
    """Write the summaries that are due by the database's clock, for some people; returns how many were written."""
    now = clock.now()
    due = Notice.objects.filter(state=State.GATHERED, not_before__lte=now)
    people = list(due.order_by("person").values_list("person", flat=True).distinct()[:BATCH])
    return sum(_write_for(person, now) for person in Person.objects.filter(pk__in=people))


def _write_for(person: Person, now: datetime) -> bool:
    """One summary of everything that waits and is still so; the rest ends here, with its reason.

    None where all was seen in the desk, or no such mail is wanted now.
    """
    try:
        _drop_what_is_over(person, now)
    except OperationalError as error:
        if no_rows_fault(error):
            raise
        # Somebody works on one of the cases this very moment; the next round comes in a second.
        return False
    return _sum_up(person, now)


def _drop_what_is_over(person: Person, now: datetime) -> None:
    waiting = Notice.objects.filter(person=person, state=State.GATHERED)
    facts = Facts(waiting.order_by("pk"), person, now)
    for notice in facts.notices:
        why = truth.why_not(notice, facts)
        if why:
            dropping.drop(notice, why, now=now)


@transaction.atomic
def _sum_up(person: Person, now: datetime) -> bool:
    waiting = Notice.objects.filter(person=person, state=State.GATHERED)
    rows = list(waiting.select_for_update(skip_locked=True, no_key=True).order_by("pk").only("complaint", "seen_at"))
    gathered = Notice.objects.filter(pk__in=[row.pk for row in rows])
    new = [row for row in rows if row.seen_at is None]
    wanted = person.is_active and person.email and person.notify_by_mail != Person.Mail.URGENT
    if new and wanted and not _store(person, new, now):
        # Today's is written already: these came a moment later.
        gathered.update(not_before=next_digest_at(person, now))
        return False
    gathered.update(state=State.SHOWN)
    return bool(new and wanted)


def _store(person: Person, new: list[Notice], now: datetime) -> bool:
    """Put the summary into the outbox; returns whether it is the first of the person's day."""
    _digest, is_first = Notice.objects.get_or_create(
        key=f"{DIGEST}:{person.pk}:{now.astimezone(person.zone):%Y-%m-%d}",
        defaults={
            # A mail about many cases hangs on the newest: who supervises it sees when it cannot be delivered.
            "complaint_id": new[-1].complaint_id,
            "person": person,
            "address": person.email,
            "language": person.language,
            "event": DIGEST,
            "data": {"notices": [row.pk for row in new]},
            "created_at": now,
            "not_before": now,
            "seen_at": now,
        },
    )
    return is_first
