"""manage.py verify_history: recompute every hash of every complaint's history."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from complaints.case.events import broken_links
from complaints.case.locking import lock
from complaints.models import Complaint, ComplaintEvent, ReferenceCounter

BATCH = 500
MISSING = """
    SELECT given.reference
      FROM generate_series(1, %(last)s) AS number,
           LATERAL (SELECT format('C-%%s-%%s', %(year)s, lpad(number::text, greatest(6, length(number::text)), '0'))
                           AS reference) AS given
      LEFT JOIN complaints_complaint USING (reference)
     WHERE complaints_complaint.id IS NULL
       AND NOT EXISTS (SELECT FROM complaints_referenceblock AS reserved
                        WHERE reserved.year = %(year)s AND number BETWEEN reserved.first AND reserved.last)
     ORDER BY number
"""


class Command(BaseCommand):
    help = (
        "Recomputes the hashes of the history of all complaints (or of those named) and says what was changed, "
        "removed or put in. Ends with an error when something was."
    )

    def add_arguments(self, parser):
        parser.add_argument("references", nargs="*", metavar="REFERENCE", help="only these complaints")

    def handle(self, *args, references, **options):
        complaints = Complaint.objects.order_by("id")
        found = []
        if references:
            complaints = complaints.filter(reference__in=references)
            known = set(complaints.values_list("reference", flat=True))
            found += [f"{reference}: there is no such complaint" for reference in references if reference not in known]
        else:
            found += missing_complaints()
        checked = events = 0
        for ids in batches(complaints):
            count, broken = verify(ids)
            checked, events = checked + len(ids), events + count
            found += broken
        for line in found:
            self.stderr.write(line)
        self.stdout.write(f"{checked} complaints with {events} events checked.")
        if found:
            raise CommandError(f"The history was changed in {len(found)} places.")
        self.stdout.write(self.style.SUCCESS("Nothing was changed."))


def batches(complaints) -> Iterator[list[int]]:
    """The ids of the complaints, BATCH at a time."""
    last = 0
    while ids := list(complaints.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def verify(ids: list[int]) -> tuple[int, list[str]]:
    """Check the complaints with these ids; returns how many events they have, and what is wrong."""
    complaints = Complaint.objects.only("reference", "event_count", "last_event_hash").in_bulk(ids)
    events: dict[int, list[ComplaintEvent]] = {pk: [] for pk in complaints}
    for event in ComplaintEvent.objects.filter(complaint__in=complaints).order_by("complaint_id", "number"):
        events[event.complaint_id].append(event)
    found = []
    for pk, complaint in complaints.items():
        if any(broken_links(complaint, events[pk])):
            found += [f"{complaint.reference}: {fault}" for fault in certain_faults(pk)]
    return sum(map(len, events.values())), found


def certain_faults(pk: int) -> list[str]:
    """Look once more with the complaint's row locked: between two reads somebody may have worked on it."""
    with transaction.atomic():
        complaint = lock(pk)
        return list(broken_links(complaint, list(complaint.events.order_by("number"))))


def missing_complaints() -> Iterator[str]:
    """References are given out without gaps: name every number that was given out and that no complaint has.

    But for those reserved for an import that is under way, or failed.
    """
    for counter in ReferenceCounter.objects.order_by("year"):
        with connection.cursor() as cursor:
            cursor.execute(MISSING, {"year": counter.year, "last": counter.last})
            for (reference,) in cursor.fetchall():
                yield f"{reference}: the whole complaint is missing"
