import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def evidence_path(evidence, _name: str) -> str:
    """Where the file lies: a random name that owes nothing to the uploaded one."""
    return f"{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}"


class Evidence(models.Model):
    """A photo, video, sound or PDF that belongs to a complaint."""

    class Type(models.TextChoices):
        IMAGE = "image", _("Photo")
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Sound")
        PDF = "pdf", _("PDF")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="evidence")
    message = models.ForeignKey(
        "complaints.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="evidence"
    )
    type = models.CharField(max_length=5, choices=Type)
    content_type = models.CharField(max_length=60)
    label = models.CharField(_("name"), max_length=120)
    file = models.FileField(upload_to=evidence_path, max_length=120)
    # A re-encoded copy without EXIF and GPS, for showing; images only.
    preview = models.FileField(upload_to=evidence_path, max_length=120, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What the customer gave, or was sent: shown on the customer's page.
    public = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["id"]

    def __str__(self):
        return self.label
