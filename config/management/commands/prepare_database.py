from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection

from config import owner

# Any number that nobody else uses: two preparations at the same time wait for each other.
LOCK = 5_206_311


class Command(BaseCommand):
    help = (
        "Bring the database up to date: as the owner (DATABASE_OWNER_URL) create the application's role "
        "(named by DATABASE_URL), migrate, and let that role add to the history but never change it. "
        "Run it before every start of a new version."
    )
    requires_system_checks = []

    def handle(self, *args, verbosity: int, **options):
        application = connection.settings_dict
        try:
            if settings.DATABASE_OWNER is None:
                self.migrate(verbosity)
            else:
                with owner.connected_as(settings.DATABASE_OWNER):
                    self.prepare_as_owner(str(application["USER"]), str(application["PASSWORD"]), verbosity)
            self.warn_unprotected()
            # A backup finds the folder before the first file is there.
            Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
        except DatabaseError as error:
            raise CommandError(f"The database could not be prepared: {str(error).strip()}") from error

    def migrate(self, verbosity: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        call_command("migrate", interactive=False, verbosity=verbosity, stdout=self.stdout)

    def prepare_as_owner(self, role: str, password: str, verbosity: int) -> None:
        if role == connection.settings_dict["USER"]:
            self.migrate(verbosity)
            return
        try:
            created = owner.make_role(role, password)
        except DatabaseError as error:
            raise CommandError(
                f"The owner of the database may not create the role {role}: create it by hand, "
                f"CREATE ROLE {role} LOGIN PASSWORD '…', and run this again. ({str(error).strip()})"
            ) from error
        if created and verbosity:
            self.stdout.write(f"Created the role {role}.")
        self.migrate(verbosity)
        owner.grant_to(role, settings.APPEND_ONLY_TABLES)
        if verbosity:
            self.stdout.write(f"The role {role} may add to the history and cannot change it.")

    def warn_unprotected(self) -> None:
        """As the application's own role, say when the history is protected by triggers only."""
        for problem in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
            self.stderr.write(str(problem.msg))
