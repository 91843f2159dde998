from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, gettext_lazy as _

from accounts.models.bilingual import BilingualName
from complaints.choices import Channel

GROUNDS_LIMIT = 4_000
WANTED_LIMIT = 500
REASON_LIMIT = 2_000


class Appeal(models.Model):
    """A second look at the result of one round, by somebody who had no part in the case.

    The database itself refuses a second one of a round, a reviewer who took part, a decision that leaves a point
    unanswered or that does not follow from the points, and any change of what is decided (migration 0031).
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        UNDER_REVIEW = "review", _("Under review")
        UPHELD = "upheld", _("Upheld")
        PARTLY = "partly", _("Upheld in part")
        REJECTED = "rejected", _("Rejected")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="appeals")
    # The round whose result is appealed.
    round = models.PositiveSmallIntegerField()
    state = models.CharField(_("appeal"), max_length=8, choices=State, default=State.ACCEPTED)
    channel = models.CharField(_("how it reached us"), max_length=10, choices=Channel)
    grounds = models.TextField(_("why the customer does not agree"))
    wanted = models.CharField(_("what would be right"), max_length=WANTED_LIMIT, blank=True)
    made_at = models.DateTimeField()
    # Who took it down; nobody where the customer made it on the link.
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="appeals"
    )
    review_began_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Where the customer was told to go outside, as the texts were then (OutsideHelp.said()).
    outside = models.JSONField(default=list, blank=True)
    submission_key = models.CharField(max_length=100, unique=True, null=True, editable=False)
    submission_digest = models.CharField(max_length=64, default="", blank=True, editable=False)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["round"]
        indexes = [
            models.Index(fields=["complaint", "reviewer"], condition=Q(decided_at__isnull=True), name="appeal_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round"], name="appeal_one_a_round"),
            models.CheckConstraint(
                condition=Q(state="accepted", reviewer__isnull=True, review_began_at__isnull=True)
                | Q(
                    state__in=["review", "upheld", "partly", "rejected"],
                    reviewer__isnull=False,
                    review_began_at__isnull=False,
                ),
                name="appeal_reviewed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "review"], decided_at__isnull=True)
                | Q(state__in=["upheld", "partly", "rejected"], decided_at__gte=F("review_began_at")),
                name="appeal_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(outside=[]), name="appeal_rejected_names_outside_help"
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.round} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided."""
        return self.decided_at is None

    @property
    def is_upheld(self) -> bool:
        """Whether the customer was right in at least one point, so that the case was opened again."""
        return self.state in (self.State.UPHELD, self.State.PARTLY)

    @property
    def outside_named(self) -> list[dict[str, str]]:
        """Whom the customer was told to turn to outside, in the active language: name, text, phone."""
        return [outside_words(there) for there in self.outside]


def outside_words(said: dict[str, str]) -> dict[str, str]:
    """Of OutsideHelp.said(): name, text and phone in the active language, else the English ones."""
    chinese = (get_language() or "").startswith("zh")
    words = {name: (said[f"{name}_zh"] if chinese else "") or said[name] for name in ("name", "text")}
    return words | {"phone": said["phone"]}


class AppealPoint(models.Model):
    """One thing that the customer does not agree with, as it stood in the case then, and what was decided of it."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="points")
    # The number of the point in the case; 0 for what is none of them ("how I was treated").
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("point"), max_length=500, blank=True)
    # What was found of it in the round appealed: written among us.
    finding = models.TextField(_("finding"), blank=True)
    upheld = models.BooleanField(_("decision"), null=True, blank=True)
    # Told to the customer, so written for them.
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("point of an appeal")
        verbose_name_plural = _("points of an appeal")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "number"], name="appeal_point_once"),
            models.CheckConstraint(
                condition=Q(upheld__isnull=True, reason="") | Q(upheld__isnull=False) & ~Q(reason=""),
                name="appeal_point_answered_with_reason",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.text}"


class OutsideHelp(BilingualName):
    """Whom a customer may turn to outside: named where an appeal is rejected, and in the dossier."""

    text = models.CharField(_("what for, in one sentence"), max_length=200, blank=True)
    text_zh = models.CharField(_("the same in Chinese"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("help from outside")
        verbose_name_plural = _("help from outside")
        ordering = ["position", "name"]

    def said(self) -> dict[str, str]:
        """Its words in both languages, as an appeal keeps them."""
        return {
            "name": self.name,
            "name_zh": self.name_zh,
            "text": self.text,
            "text_zh": self.text_zh,
            "phone": self.phone,
        }
