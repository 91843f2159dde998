from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ComplaintEvent(models.Model):
    """One thing that happened to a complaint. Append-only: triggers refuse update, delete and truncate.

    Written by complaints.case.events.record() only; `hash` covers the content and the previous event's
    hash, so that any later change of the past is found by `manage.py verify_history`.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person", _("Person")
        CUSTOMER = "customer", _("Customer")
        SYSTEM = "system", _("The desk")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    data = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["complaint", "number"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="event_number_unique"),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.number} {self.kind}"
