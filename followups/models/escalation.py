from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# What the keys of escalations begin with that ask for the approval of a solution.
APPROVAL = "authority:"


class Escalation(models.Model):
    """Something a supervisor must sign for; unsigned, it climbs to the team above."""

    class Reason(models.TextChoices):
        OVERDUE = "overdue", _("Promise broken")
        SEVERITY = "severity", _("Danger to people")
        AUTHORITY = "authority", _("Beyond authority")
        COMPETENCE = "competence", _("Beyond competence")
        REPEAT = "repeat", _("Third complaint or reminder")
        BOUNCED = "bounced", _("Third hand-over")
        STUCK = "stuck", _("Nothing happened for too long")
        CUSTOMER = "customer", _("The customer asks for a supervisor")
        UNSATISFIED = "unsatisfied", _("The customer is not satisfied")
        UNTOLD = "untold", _("The customer could not be told")
        NO_REVIEWER = "no_reviewer", _("Nobody may decide an appeal")
        MANUAL = "manual", _("Asked for by staff")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="escalations")
    promise = models.ForeignKey(
        "followups.Promise", on_delete=models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    # What makes it the same escalation: "promise:12:1", "event:99". One row for it, whatever runs twice.
    key = models.CharField(max_length=80, unique=True)
    reason = models.CharField(_("reason"), max_length=11, choices=Reason)
    note = models.CharField(_("why"), max_length=500, blank=True)
    tried = models.CharField(_("tried already"), max_length=500, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    raised_at = models.DateTimeField()
    # The team whose supervisors must sign now; `level` counts how often it climbed.
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="escalations")
    level = models.PositiveSmallIntegerField(default=0)
    at_top = models.BooleanField(default=False)
    # How often those at the top were told again.
    reminders = models.PositiveSmallIntegerField(default=0)
    sign_by = models.DateTimeField()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Set without signed_by when the case ended before anybody signed: nothing is left to look after.
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_note = models.CharField(_("what you do about it"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["sign_by", "id"]
        indexes = [
            models.Index(fields=["sign_by", "id"], condition=Q(signed_at__isnull=True), name="escalation_unsigned"),
            models.Index(
                fields=["team", "sign_by"], condition=Q(signed_at__isnull=True), name="escalation_team_unsigned"
            ),
            # Whether a case waits for a signature, and whose.
            models.Index(
                fields=["complaint"],
                include=["team", "sign_by"],
                condition=Q(signed_at__isnull=True),
                name="escalation_case_unsigned",
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.reason}"

    @property
    def reason_label(self) -> str:
        """The reason in words; get_reason_display would put every reason into words each time."""
        return str(self.Reason(self.reason).label)

    @property
    def not_for(self) -> frozenset[int]:
        """The ids of those who must not sign: "Nobody approves their own request"."""
        if self.raised_by_id is None or not self.key.startswith(APPROVAL):
            return frozenset()
        return frozenset({self.raised_by_id})
