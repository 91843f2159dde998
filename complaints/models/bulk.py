from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class BulkRun(models.Model):
    """One thing done to many complaints: chosen first, then filled in, then worked through row by row."""

    class Action(models.TextChoices):
        ASSIGN = "assign", _("Assign")
        REASSIGN = "reassign", _("Reassign")
        CATEGORY = "category", _("Change category")
        DUPLICATE = "duplicate", _("Close as duplicates")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_runs")
    action = models.CharField(max_length=10, choices=Action)
    # What the form gave, as ids and words, so that any worker can do it.
    data = models.JSONField(default=dict, blank=True)
    chosen_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    # How many of its rows are in each state, where queue.bulk.counted() brings them along.
    waiting: int
    done: int
    refused: int

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(started_at__isnull=False, finished_at__isnull=True),
                name="bulk_run_under_way",
            ),
        ]

    def __str__(self):
        return f"{self.get_action_display()} {self.pk}"


class BulkRow(models.Model):
    """One complaint of a bulk action and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("row of a bulk action", "Waiting")
        DONE = "done", pgettext_lazy("row of a bulk action", "Done")
        REFUSED = "refused", pgettext_lazy("row of a bulk action", "Refused")

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="rows")
    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    # Why it was refused: everything that is missing, in the language of the person.
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("row of a bulk action")
        verbose_name_plural = _("rows of bulk actions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "complaint"], name="bulk_row_once")]
        indexes = [models.Index(fields=["run", "id"], condition=Q(state="waiting"), name="bulk_row_waiting")]

    def __str__(self):
        return f"{self.run_id}: {self.complaint_id} {self.state}"
