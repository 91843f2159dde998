import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import Team
from complaints.importing import mapping, run
from complaints.importing.errors import FileRefused
from complaints.importing.sniff import shown

# Rows between two lines of progress where nobody looks at a terminal.
LINE_EVERY = 5_000
STOPPED_BY_KEY = 130


class Command(BaseCommand):
    help = (
        "Imports complaints from a CSV (also gzipped) or XLSX file. The whole file is looked through first, and one "
        "that is broken stores nothing. Run it again to go on after a stop: rows that are in already are left alone. "
        "Nothing is sent to anybody. Mappings are explained in docs/importing.md."
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
        parser.add_argument(
            "--note-changes",
            action="store_true",
            help="rows whose key is known and that changed at their source: note it on their case, do not reject them",
        )
        parser.add_argument("--encoding", default="", help="of this file, such as gb18030; default: UTF-8")
        parser.add_argument("--delimiter", default="", help="between the cells of this file: , ; tab |")
        parser.add_argument("--sheet", default="", help="name of the sheet of this workbook")

    def handle(self, *args, file: Path, **options):
        began, totals = time.monotonic(), run.Totals()
        rejects = options["rejects"] or settings.DATA_DIR / "imports" / f"{shown(file)}.rejected.csv"
        try:
            how = mapping.load(options["mapping"] or self.mapping_for(file))
            run.run(
                file,
                how.for_file(**{name: options[name] for name in ("encoding", "delimiter", "sheet")}),
                team=self.team(options["team"]),
                at=timezone.now(),
                rejects=rejects,
                dry_run=options["dry_run"],
                note_changes=options["note_changes"],
                totals=totals,
                progress=self.show,
            )
        except FileRefused as refused:
            raise CommandError(f"{refused} {so_far(totals, options)}") from refused
        except DatabaseError as error:
            said = str(error).partition("\n")[0]
            raise CommandError(f"The database did not go on: {said}. {so_far(totals, options)}") from error
        except KeyboardInterrupt as stop:
            raise CommandError(f"Stopped. {so_far(totals, options)}", returncode=STOPPED_BY_KEY) from stop
        seconds = max(time.monotonic() - began, 0.001)
        self.say(f"{in_words(totals, options)} {totals.read / seconds:.0f} rows a second.")
        if totals.rejected:
            self.say(f"Rejected rows with line and reason: {rejects}")

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

    def show(self, read: int, of: int):
        """How far it is: a line that counts up on a terminal, a line now and then elsewhere."""
        try:
            if sys.stderr.isatty():
                self.stderr.write(f"\r  {read:,} of {of:,} rows …", ending="\n" if read == of else "")
                self.stderr.flush()
            elif read == of or read // LINE_EVERY > (read - run.BATCH) // LINE_EVERY:
                self.stderr.write(f"{read:,} of {of:,} rows …")
        except BrokenPipeError:
            _nobody_reads(sys.stderr)

    def say(self, words: str):
        """Everything is stored when something is said: nobody reading it is no fault of the import."""
        try:
            self.stdout.write(words)
            self.stdout.flush()
        except BrokenPipeError:
            _nobody_reads(sys.stdout)


def in_words(totals: run.Totals, options: dict) -> str:
    created = "would be created" if options["dry_run"] else "created"
    noted = f"{totals.noted} changed and noted, " if options["note_changes"] else ""
    return (
        f"{totals.read} rows read: {totals.created} {created}, {totals.known} known already, {noted}"
        f"{totals.rejected} rejected."
    )


def so_far(totals: run.Totals, options: dict) -> str:
    """What was done before a stop, and how to go on."""
    if not totals.read or options["dry_run"]:
        return "Nothing was stored."
    return (
        f"Stored so far, to line {totals.line}: {in_words(totals, options)} "
        "Run it again to go on: rows that are in are left alone."
    )


def _nobody_reads(stream):
    """Python's own advice against a second error at its end: what is still to be written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
