import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Team
from complaints.importing import mapping, run
from complaints.importing.errors import FileRefused


class Command(BaseCommand):
    help = (
        "Imports complaints from a CSV (also .csv.gz) or XLSX file. Run it again to go on after a stop: "
        "rows that are in already are left alone. Nothing is sent to anybody."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping",
            help=f"one of: {', '.join(mapping.shipped_names())}; or a YAML file. Default: the file's name.",
        )
        parser.add_argument("--team", help="name of the team that gets the cases; default: the company")
        parser.add_argument("--rejects", type=Path, help="where rejected rows are written, with line and reason")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, store nothing")

    def handle(self, *args, file: Path, dry_run: bool, **options):
        began = time.monotonic()
        rejects = options["rejects"] or settings.DATA_DIR / "imports" / f"{file.name}.rejected.csv"
        try:
            how = mapping.load(options["mapping"] or self.mapping_for(file))
            totals = run.run(
                file,
                how,
                team=self.team(options["team"]),
                at=timezone.now(),
                rejects=rejects,
                dry_run=dry_run,
                progress=self.show,
            )
        except FileRefused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"The rejected rows cannot be written to {rejects}: {error.strerror}") from error
        seconds = max(time.monotonic() - began, 0.001)
        self.stderr.write("")
        created = "would be created" if dry_run else "created"
        self.stdout.write(
            f"{totals.read} rows read: {totals.created} {created}, {totals.known} known already, "
            f"{totals.rejected} rejected. {totals.read / seconds:.0f} rows a second."
        )
        if totals.rejected:
            self.stdout.write(f"Rejected rows with line and reason: {rejects}")

    def mapping_for(self, file: Path) -> str:
        for name in mapping.shipped_names():
            if file.name.startswith(name):
                return name
        raise CommandError(f"Name a mapping: --mapping {' | '.join(mapping.shipped_names())} | FILE.yaml")

    def team(self, name: str | None) -> Team:
        teams = Team.objects.active()
        found = teams.filter(name=name) | teams.filter(name_zh=name) if name else teams.filter(parent=None)
        team = found.first()
        if team is None and name:
            raise CommandError(f'There is no team "{name}".')
        if team is None:
            raise CommandError("There is no team yet. Create the company first, or load the demo: manage.py demo")
        return team

    def show(self, read: int):
        """A line that counts up, on a terminal only."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r  {read} rows …", ending="")
            self.stderr.flush()
