from django.conf import settings
from django.core.management import BaseCommand, CommandError

from config import source_rules


class Command(BaseCommand):
    help = "Fail when a risky call has no written reason on its line or a source file is too long."
    requires_system_checks = []

    def handle(self, *args, **options):
        found = list(source_rules.problems(settings.BASE_DIR))
        for problem in found:
            self.stdout.write(problem)
        if found:
            raise CommandError(f"{len(found)} problems in the source")
        self.stdout.write("The source keeps the rules.")
