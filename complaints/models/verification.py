from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.choices import ConfirmedHow


class Verification(models.Model):
    """What we made sure of before anybody worked on it (SPEC, gate of "verify")."""

    complaint = models.OneToOneField("complaints.Complaint", on_delete=models.CASCADE, related_name="verification")
    identity_confirmed = models.BooleanField(_("identity and contact confirmed"), default=False)
    identity_reason = models.CharField(_("why they could not be confirmed"), max_length=300, blank=True)
    evidence_asked = models.BooleanField(_("evidence asked for"), default=False)
    tried_already = models.CharField(
        _("what the customer tried already, and what came of it"), max_length=1000, blank=True
    )
    restatement = models.TextField(_("in our words"), blank=True)
    confirmed_how = models.CharField(_("confirmed by the customer"), max_length=9, choices=ConfirmedHow, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    not_confirmed_reason = models.CharField(_("why it could not be confirmed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")

    def __str__(self):
        return f"{self.complaint_id}: {self.restatement[:40]}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.confirmed_how != ConfirmedHow.NOT


class Point(models.Model):
    """One thing the customer raised; each gets a finding before the case counts as resolved."""

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="points")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("point"), max_length=500)
    # The one of the present round; those of earlier ones are kept in Round.
    finding = models.TextField(_("finding"), blank=True)
    # In which round it was raised: later than 1 for what was still a problem.
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("point")
        verbose_name_plural = _("points")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="point_number_unique"),
        ]

    def __str__(self):
        return f"{self.number}. {self.text}"
