from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Verifier(models.Model):
    """Who was named to verify a complaint; it counts until the complaint is verified, and stays as a record."""

    complaint = models.OneToOneField(
        "complaints.Complaint", on_delete=models.PROTECT, primary_key=True, related_name="verifier"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        verbose_name = _("who verifies")
        verbose_name_plural = _("who verifies")

    def __str__(self):
        return f"{self.complaint_id}: {self.person_id}"
