from django.db import models

from complaints.models.evidence import Evidence


class StagedFile(models.Model):
    """A file of the customer's form before the form is sent: it was uploaded by itself, as soon as it was chosen.

    The form takes it along by `form_key`; what no form took is removed after a day (complaints.webform.staging).
    """

    # Random, made by the page for each form and each file: who does not have the page does not know them.
    form_key = models.UUIDField(db_index=True)
    file_key = models.UUIDField(unique=True)
    type = models.CharField(max_length=5, choices=Evidence.Type)
    content_type = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    # Names in the store of evidence (complaints.evidence.filestore).
    file = models.CharField(max_length=120)
    preview = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    # Which complaint took it: then its file is evidence, and stays.
    complaint = models.ForeignKey(
        "complaints.Complaint", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.label
