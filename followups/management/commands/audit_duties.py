from django.core.management.base import BaseCommand, CommandError

from followups.promises import duties


class Command(BaseCommand):
    help = "Count the open cases that nothing with a date moves on, or nobody owns: there should be none."

    def add_arguments(self, parser):
        parser.add_argument("--most", type=int, default=20, help="how many of them are named (20)")

    def handle(self, *, most, **options):
        found = duties.audit()
        for orphan in found[:most]:
            self.stdout.write(f"{orphan.reference}: {orphan.lacks}")
        if found:
            raise CommandError(f"{len(found)} open cases stand without a duty or an owner.")
        self.stdout.write("Every open case has a duty with a date, and somebody who owns it.")
