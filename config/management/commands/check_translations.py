import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from config import catalogue


class Command(BaseCommand):
    help = "Fail when a text has no Chinese translation, or when the compiled catalogue is not up to date."
    requires_system_checks = []

    def handle(self, *args, **options):
        with tempfile.TemporaryDirectory(prefix="desk-texts-") as folder:
            try:
                catalogue.copy_sources(settings.BASE_DIR, Path(folder))
                catalogue.extract(Path(folder))
            except catalogue.CatalogueError as error:
                raise CommandError(str(error)) from error
            found = list(catalogue.problems(Path(folder), settings.BASE_DIR))
        for problem in found:
            self.stdout.write(problem)
        if found:
            raise CommandError(f"{len(found)} problems in {catalogue.CATALOGUE}")
        self.stdout.write("Every text is translated and the catalogue is compiled.")
