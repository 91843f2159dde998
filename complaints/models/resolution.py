from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.choices import Channel, ToldHow


class Option(models.Model):
    """A solution offered to the customer, in the exact words offered."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="options")
    round = models.PositiveSmallIntegerField()
    words = models.CharField(_("what we offer"), max_length=500)
    amount = models.DecimalField(
        _("worth in yuan"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("offer stands until"), null=True, blank=True)
    needs_approval = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    declined_reason = models.CharField(_("why it was declined"), max_length=300, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    chosen_how = models.CharField(max_length=10, choices=Channel, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # When the case went on without a choice: it stands no more (complaints.case.closing).
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="option_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("offered_by")),
                name="option_not_approved_by_its_author",
            ),
            models.UniqueConstraint(
                fields=["complaint", "round"], condition=Q(chosen_at__isnull=False), name="option_one_chosen_a_round"
            ),
        ]

    def __str__(self):
        return self.words

    @property
    def is_open(self) -> bool:
        return self.withdrawn_at is None and self.ended_at is None and not self.declined_reason

    @property
    def waits_for_approval(self) -> bool:
        return self.is_open and self.needs_approval and self.approved_at is None

    @property
    def may_be_shown(self) -> bool:
        """Whether the customer may see it: above the limit only once approved."""
        return self.is_open and not self.waits_for_approval


class Resolution(models.Model):
    """The result of one round: why it happened, what was done, and that the customer was told."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="resolutions")
    round = models.PositiveSmallIntegerField()
    cause = models.ForeignKey(
        "complaints.RootCause", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of a suggestion only; `solution` then says why.
    adopted = models.BooleanField(_("adopted"), null=True, blank=True)
    solution = models.TextField(_("what was done"), blank=True)
    told_how = models.CharField(_("the customer was told the result"), max_length=9, choices=ToldHow, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    # Since it is written for the customer they read it on the link; what is older was written among us.
    told_note = models.TextField(_("what was said"), blank=True)
    told_note_readable = models.BooleanField(default=False, editable=False)
    # What the customers of its duplicates are told: nothing of who complained first (complaints.case.followers).
    others_told = models.TextField(_("what the others are told"), blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round"], name="resolution_one_a_round"),
        ]

    def __str__(self):
        return self.solution[:60]


class Feedback(models.Model):
    """What the customer says of the result of one round."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="feedback")
    round = models.PositiveSmallIntegerField()
    solved = models.BooleanField(_("solved"), null=True, blank=True)
    rating = models.PositiveSmallIntegerField(
        _("satisfied"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    words = models.TextField(_("in the customer’s words"), blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round"], name="feedback_one_a_round"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="feedback_rating_1_to_5"
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id}: {self.rating or '–'}"

    @property
    def is_satisfied(self) -> bool:
        """Solved, and 3 or better where a rating was given."""
        return bool(self.solved) and (self.rating is None or self.rating >= 3)

    @property
    def is_unsatisfied(self) -> bool:
        return self.solved is False or (self.rating is not None and self.rating < 3)
