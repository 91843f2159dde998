from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.message import BODY_LIMIT


class WaitingReply(models.Model):
    """A reply to the customer that can still be taken back: sent at `send_at` unless its author undoes it."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="waiting_replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_("text"), validators=[MaxLengthValidator(BODY_LIMIT)])
    wait_for_customer = models.BooleanField(default=False)
    # The form's own key: the same form sent twice is one reply, waiting or sent.
    submission_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    # What was sent with that key; "" where nobody keeps it (imported, or older than this column).
    submission_digest = models.CharField(max_length=64, default="", blank=True, editable=False)
    # Ids of the evidence that came with it: inside until it is sent, public and part of the message then.
    files = models.JSONField(default=list, editable=False)
    written_at = models.DateTimeField()
    send_at = models.DateTimeField()
    # Why it could not be sent; its author sees it with the text until they take it back.
    refused = models.TextField(blank=True)

    class Meta:
        verbose_name = _("waiting reply")
        verbose_name_plural = _("waiting replies")
        ordering = ["send_at", "id"]
        indexes = [models.Index(fields=["send_at", "id"], condition=Q(refused=""), name="reply_to_send")]

    def __str__(self):
        return self.body[:40]
