import time

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from demo.bulk.organisation import NobodyThere
from demo.bulk.run import fill, has_real_cases


class Command(BaseCommand):
    help = (
        "Fill the database with invented complaints of two years, for measuring: most archived, some open, with "
        "customers, conversations, promises, history and search. Nothing is sent to anybody."
    )

    def add_arguments(self, parser):
        parser.add_argument("--complaints", type=int, required=True, help="how many")
        parser.add_argument(
            "--open", type=int, default=0, help="so many of the newest are not archived (default: as it comes)"
        )
        parser.add_argument("--seed", type=int, default=1, help="another number makes other cases (default: 1)")
        parser.add_argument("--force", action="store_true", help="even if the database holds real complaints")

    def handle(self, *args, complaints: int, open: int, seed: int, force: bool, verbosity: int, **options):
        if complaints < 1:
            raise CommandError("--complaints must be at least 1.")
        if not 0 <= open <= complaints:
            raise CommandError("--open must lie between 0 and --complaints.")
        if has_real_cases() and not force:
            raise CommandError(
                "This database holds complaints that were not invented here, and nothing is ever deleted. "
                "Choose an empty database, or add --force."
            )
        began = time.monotonic()
        try:
            for stored in fill(complaints, seed=seed, at=timezone.now(), still_open=open):
                if verbosity:
                    seconds = time.monotonic() - began
                    self.stdout.write(f"{stored:,} of {complaints:,} complaints after {seconds:.0f} s")
        except NobodyThere as error:
            raise CommandError(
                "There are teams, but no site where somebody handles complaints and a supervisor signs. "
                "Give people these roles, or choose an empty database."
            ) from error
