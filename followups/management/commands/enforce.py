"""The sweep without Celery: sends replies that waited, breaks what is due, warns, lets unsigned escalations climb."""

from functools import partial

from django.core.management.base import BaseCommand

from followups.engine import heartbeat, loop, sweep as enforcement

LONGEST_SINGLE_RUN_S = 3600


class Command(BaseCommand):
    help = "Breaks promises that are due, warns and escalates, every second; with --once a single time."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="stop when nothing is due any more")

    def handle(self, *args, once, **options):
        if once:
            self.say(self.sweep(budget_seconds=LONGEST_SINGLE_RUN_S))
        else:
            loop.every_second(self.sweep_and_tell, loop.stop_on_signals())

    def sweep(self, *, budget_seconds: int) -> dict[str, int]:
        return enforcement.run(budget_seconds=budget_seconds, pulse=partial(heartbeat.beat, "sweep"))

    def sweep_and_tell(self):
        """One round of the loop; silent when there was nothing to do."""
        done = self.sweep(budget_seconds=20)
        if any(done.values()):
            self.say(done)

    def say(self, done: dict[str, int]):
        self.stdout.write(
            f"{done['sent']} replies sent, {done['broken']} broken, {done['warned']} warned, "
            f"{done['climbed']} escalations climbed, {done['stuck']} looked at for being stuck"
        )
