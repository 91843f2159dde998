"""manage.py remove_stray_files: files of evidence that no row names, listed or taken away."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from complaints.evidence import filestore
from complaints.models import Evidence, StagedFile

# A question to the database for so many files: it reads the whole table each time.
CHUNK = 5_000
MOST_HOURS = 100 * 365 * 24


class Command(BaseCommand):
    help = (
        "Lists the files in the evidence store that no complaint knows: those of work that was given up half-way. "
        "Changes nothing without --delete."
    )

    def add_arguments(self, parser):
        parser.add_argument("--delete", action="store_true", help="remove them; without it they are only listed")
        parser.add_argument(
            "--older-than-hours",
            type=int,
            default=24,
            metavar="HOURS",
            help="leave alone what was written within so many hours (default: 24)",
        )

    def handle(self, *args, delete: bool, older_than_hours: int, **options):
        if not 1 <= older_than_hours <= MOST_HOURS:
            # A file is on disk before its row can be seen.
            raise CommandError(f"--older-than-hours must be between 1 and {MOST_HOURS}.")
        if delete and not Evidence.objects.exists():
            raise CommandError("This database knows no evidence at all. Is it the right one? Nothing was removed.")
        count = size = failed = 0
        for name, length in strays(timezone.now() - timedelta(hours=older_than_hours)):
            self.stdout.write(f"{name} {length:,} bytes")
            count, size = count + 1, size + length
            if delete and not self._removed(name):
                failed += 1
        files = f"{count:,} stray {'file' if count == 1 else 'files'}, {size:,} bytes"
        if failed:
            raise CommandError(f"{files}; {failed:,} could not be removed.")
        if delete or not count:
            self.stdout.write(self.style.SUCCESS(f"{files}{' removed' if delete and count else ''}."))
        else:
            self.stdout.write(f"{files}. Nothing was removed: add --delete.")

    def _removed(self, name: str) -> bool:
        try:
            filestore.remove([name])
        except OSError as error:
            self.stderr.write(f"{name}: {error.strerror}")
            return False
        return True


def strays(before: datetime) -> Iterator[tuple[str, int]]:
    """Yield name and size in bytes of the files written before `before` (aware) that no row of evidence names."""
    files = filestore.written_before(before)
    while chunk := dict(islice(files, CHUNK)):
        for name in known(chunk):
            chunk.pop(name, None)
        yield from chunk.items()


def known(names: Collection[str]) -> set[str]:
    """Those of the names that rows have, as originals or as previews (and what else the same rows have).

    Files of forms that are not sent yet have rows as well, and are removed with them.
    """
    asked = Q(file__in=names) | Q(preview__in=names)
    rows = [model.objects.filter(asked).order_by().values_list("file", "preview") for model in (Evidence, StagedFile)]
    return {name for each in rows for row in each for name in row}
