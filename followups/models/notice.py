from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One message to one recipient, written in the transaction that causes it, delivered after commit.

    What a person is told also stands under the bell of their pages until they have seen it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Being prepared")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        UNCONFIRMED = "unconfirmed", _("Outcome unknown")
        DEAD = "dead", _("Could not be delivered")
        # No mail of their own: told in the page alone, or gathered for the daily summary.
        GATHERED = "gathered", _("Waits for the daily summary")
        SHOWN = "shown", _("Shown in the desk")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")

    # Who is told what, once: "ack:12", "promise:7:1:broken:person:3".
    key = models.CharField(max_length=120, unique=True)
    complaint = models.ForeignKey(
        "complaints.Complaint", on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    # Found by the index over person and id.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        db_index=False,
    )
    to_customer = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    address = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    event = models.CharField(max_length=40)
    data = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=11, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # When the person read it in the page; nothing else counts as seen.
    seen_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="queued"), name="notice_ready"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["claimed", "sending"]), name="notice_leased"),
            models.Index(fields=["id"], condition=Q(state__in=["unconfirmed", "dead"]), name="notice_failed"),
            models.Index(fields=["not_before", "person"], condition=Q(state="gathered"), name="notice_gathered"),
            models.Index(fields=["person", "id"], condition=Q(person__isnull=False), name="notice_of_person"),
            models.Index(
                fields=["person", "id"],
                condition=Q(person__isnull=False, seen_at__isnull=True),
                name="notice_unseen",
            ),
        ]

    def __str__(self):
        return self.key
