"""manage.py rebuild_search: what the worker does after an upgrade, at once."""

from django.core.management.base import BaseCommand

from complaints.search import rebuild

BUDGET_S = 10


class Command(BaseCommand):
    help = (
        "Makes the search documents of older rules anew. A worker does the same by itself, a few seconds at a time; "
        "this does it without a pause. The desk may run, and it may be stopped and started again at any time."
    )

    def handle(self, *args, **options):
        left = rebuild.outdated()
        while left and rebuild.work(budget_seconds=BUDGET_S):
            left = rebuild.outdated()
            self.stdout.write(f"{left} left")
        if left:
            self.stdout.write(f"{left} documents belong to cases that are being worked on: run this again.")
        else:
            self.stdout.write("All up to date.")
