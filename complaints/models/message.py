from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.bilingual import BilingualName
from complaints.choices import Channel

BODY_LIMIT = 20_000


class Message(models.Model):
    """One entry of the conversation."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("To the customer")
        INTERNAL = "internal", _("Internal note")
        INBOUND = "inbound", _("From the customer")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.INTERNAL)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of one from the customer: the representative who wrote it for them, by the name the customer gave.
    written_by = models.CharField(max_length=120, blank=True, default="", db_default="", editable=False)
    body = models.TextField(_("text"), validators=[MaxLengthValidator(BODY_LIMIT)])
    at = models.DateTimeField()
    # The form's own key: the same form sent twice is one message.
    submission_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    # What was sent with that key; "" where nobody keeps it (imported, or older than this column).
    submission_digest = models.CharField(max_length=64, default="", blank=True, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["complaint", "at", "id"], name="message_of_complaint")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.body[:40]}"

    @property
    def is_public(self) -> bool:
        """Whether the customer may read it."""
        return self.kind != self.Kind.INTERNAL


class ReplyTemplate(BilingualName):
    """A text to start a reply from, in both languages; its variables and holes: complaints.writing.reply_templates."""

    body = models.TextField(_("text in English"), validators=[MaxLengthValidator(BODY_LIMIT)])
    body_zh = models.TextField(_("text in Chinese"), validators=[MaxLengthValidator(BODY_LIMIT)])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["position", "name"]
