import sys

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from demo import people, play
from demo.material import gather

# What run.py says once the tables are there.
GO = "go"


class Command(BaseCommand):
    help = (
        "Load an invented organisation to try the desk with: a company, its stations, people in every role, and "
        "sixty complaints. Loading it again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--force", action="store_true", help="load it although this is not a debug installation")
        parser.add_argument(
            "--when-told", action="store_true", help="get ready and load it when the input says so (go)"
        )
        parser.add_argument("--sign-ins", action="store_true", help="only print who can sign in, and the password")

    def handle(self, *args, force: bool, when_told: bool, sign_ins: bool, verbosity: int, **options):
        if not sign_ins:
            self.load(force, when_told, verbosity)
        table = people.sign_ins()
        if not table:
            raise CommandError("The demo organisation is not loaded. Load it with: manage.py demo")
        self.stdout.write(table)

    def load(self, force: bool, when_told: bool, verbosity: int):
        if not settings.DEBUG and not force:
            raise CommandError(
                "The demo brings invented people, all with one password that everybody knows, and invented "
                "complaints. This is not a debug installation: add --force if that is what you want here."
            )
        material = gather()
        if when_told and sys.stdin.read().strip() != GO:
            raise CommandError("Nobody said that the tables are there.")
        new = play.load(timezone.now(), material)
        if verbosity:
            said = f"{new} complaints loaded." if new else "The demo is loaded already; nothing was changed."
            self.stdout.write(said)
