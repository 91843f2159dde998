from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from complaints.models import Complaint


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
        # What was no longer true or allowed when its turn came; `dropped_because` says why, and so does the history.
        DROPPED = "dropped", _("Not sent any more")
        # To a customer whom no message reaches: somebody calls, says it, and notes that it was said.
        TO_SAY = "to_say", _("To be said by phone")
        SAID = "said", _("Said")

    class Dropped(models.TextChoices):
        OVER = "over", _("It was not so any more")
        INACTIVE = "inactive", _("The person no longer works with the desk")
        UNSEEN = "unseen", _("The person may not see the complaint any more")
        NOT_THEIRS = "not_theirs", _("It did not concern the person any more")
        NO_CONTACT = "no_contact", _("The customer does not want to be contacted any more")
        UNREACHED = "unreached", _("The customer could not be reached by phone")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("Text message")
        CALL = "call", _("Phone call")

    class Receipt(models.TextChoices):
        """What the provider of a text message said at last; nothing changes it any more."""

        DELIVERED = "delivered", _("On the phone")
        FAILED = "failed", _("Did not arrive")

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
    # What was sent to a customer, kept when it left; without the link, which is a key.
    subject = models.CharField(max_length=200, blank=True, default="", db_default="")
    words = models.TextField(blank=True, default="", db_default="")
    # Of a text message: in how many parts it was sent, and by which names it is known, ours and the provider's.
    parts = models.PositiveSmallIntegerField(null=True, blank=True)
    send_ref = models.CharField(max_length=32, blank=True, default="", db_default="")
    provider_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    receipt = models.CharField(max_length=9, choices=Receipt, blank=True, default="", db_default="")
    state = models.CharField(max_length=11, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # Of one that goes by letter: when its words were settled and printed. It is told when the letter is posted.
    prepared_at = models.DateTimeField(null=True, blank=True)
    # When the person read it in the page; nothing else counts as seen.
    seen_at = models.DateTimeField(null=True, blank=True)
    # Of one to a customer: when what became of it had its consequences (followups.telling.records).
    settled_at = models.DateTimeField(null=True, blank=True)
    # Whether the address is to blame for what could not be delivered, and nothing more is sent there.
    blames_address = models.BooleanField(default=True, db_default=True)
    last_error = models.CharField(max_length=300, blank=True)
    dropped_because = models.CharField(max_length=10, choices=Dropped, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="queued"), name="notice_ready"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["claimed", "sending"]), name="notice_leased"),
            models.Index(fields=["id"], condition=Q(state__in=["unconfirmed", "dead"]), name="notice_failed"),
            models.Index(fields=["not_before", "person"], condition=Q(state="gathered"), name="notice_gathered"),
            models.Index(
                fields=["id"],
                condition=Q(to_customer=True, settled_at__isnull=True, state__in=["sent", "dead", "unconfirmed"]),
                name="notice_unsettled",
            ),
            models.Index(fields=["send_ref"], condition=~Q(send_ref=""), name="notice_send_ref"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="notice_provider_id"),
            models.Index(fields=["complaint", "id"], condition=Q(state="to_say"), name="notice_to_say"),
            models.Index(fields=["person", "id"], condition=Q(person__isnull=False), name="notice_of_person"),
            # What the bell lists: of the last 90 days, not of all the years.
            models.Index(fields=["person", "created_at"], condition=Q(person__isnull=False), name="notice_lately"),
            models.Index(
                fields=["person", "id"],
                condition=Q(person__isnull=False, seen_at__isnull=True),
                name="notice_unseen",
            ),
        ]

    def __str__(self):
        return self.key

    @property
    def case(self) -> Complaint:
        """The complaint that it is about, of a summary the newest. Raises TypeError where the column is empty."""
        if self.complaint is None:
            raise TypeError(f"{self.key} is about no complaint")
        return self.complaint

    @property
    def case_id(self) -> int:
        """The same by its id; no query."""
        if self.complaint_id is None:
            raise TypeError(f"{self.key} is about no complaint")
        return self.complaint_id

    @property
    def reader(self) -> Person:
        """The person of the desk who is told. Raises TypeError for what is told to a customer."""
        if self.person is None:
            raise TypeError(f"{self.key} is told to a customer")
        return self.person
