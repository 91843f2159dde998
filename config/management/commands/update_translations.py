from django.conf import settings
from django.core.management import BaseCommand, CommandError

from config import catalogue


class Command(BaseCommand):
    help = "Bring the Chinese catalogue up to date with the texts in the source and compile it."
    requires_system_checks = []

    def handle(self, *args, **options):
        try:
            catalogue.extract(settings.BASE_DIR)
        except catalogue.CatalogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Compiled {catalogue.compile_catalogue(settings.BASE_DIR)}")
