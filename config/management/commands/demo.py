from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from config.demo import people, play


class Command(BaseCommand):
    help = (
        "Load an invented organisation to try the desk with: a company, its stations, people in every role, and "
        "sixty complaints. Loading it again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--force", action="store_true", help="load it although this is not a debug installation")
        parser.add_argument("--sign-ins", action="store_true", help="only print who can sign in, and the password")

    def handle(self, *args, force: bool, sign_ins: bool, **options):
        if not sign_ins:
            self.load(force)
        table = people.sign_ins()
        if not table:
            raise CommandError("The demo organisation is not loaded. Load it with: manage.py demo")
        self.stdout.write(table)

    def load(self, force: bool):
        if not settings.DEBUG and not force:
            raise CommandError(
                "The demo brings invented people, all with one password that everybody knows, and invented "
                "complaints. This is not a debug installation: add --force if that is what you want here."
            )
        new = play.load(timezone.now())
        self.stdout.write(f"{new} complaints loaded." if new else "The demo is loaded already; nothing was changed.")
