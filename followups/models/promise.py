from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.choices import Severity

FIVE_YEARS_IN_MINUTES = 5 * 366 * 24 * 60


class PromiseKind(models.TextChoices):
    FIRST_CONTACT = "first_contact", _("First contact")
    VERIFICATION = "verification", _("Verification")
    RESOLUTION = "resolution", _("Result told to the customer")
    REPLY = "reply", _("Reply")
    VISIT = "visit", _("Visit")
    CALLBACK = "callback", _("Callback")
    APPEAL = "appeal", _("Appeal decision")
    CORRECTIVE = "corrective", _("Corrective action")


class Clock(models.TextChoices):
    CALENDAR = "calendar", _("Day and night")
    WORKING = "working", _("Working time of the team")


class PromisePolicy(models.Model):
    """What the organisation promises for every complaint of a severity (and category)."""

    category = models.ForeignKey(
        "complaints.Category",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Empty: every category without a policy of its own."),
    )
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    kind = models.CharField(_("promise"), max_length=13, choices=PromiseKind)
    minutes = models.PositiveIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(FIVE_YEARS_IN_MINUTES)]
    )
    clock = models.CharField(_("counted in"), max_length=8, choices=Clock, default=Clock.CALENDAR)
    warn_minutes = models.PositiveIntegerField(
        _("warn before (minutes)"), default=30, validators=[MaxValueValidator(FIVE_YEARS_IN_MINUTES)]
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("promise policy")
        verbose_name_plural = _("promise policies")
        ordering = ["severity", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "severity", "kind"],
                nulls_distinct=False,
                name="policy_unique",
                violation_error_message=_("There is a policy for this category, severity and promise already."),
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="policy_minutes_positive"),
            models.CheckConstraint(
                condition=Q(warn_minutes__lt=F("minutes")),
                name="policy_warns_before_due",
                violation_error_message=_("The warning must come before the promise is due, and after it was made."),
            ),
        ]

    def __str__(self):
        return f"{self.get_severity_display()} · {self.get_kind_display()} · {self.minutes}"


class Promise(models.Model):
    """Something we said we would do by a moment. Rows are the truth; the sweep acts on open ones that are due."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        REPLACED = "replaced", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="promises")
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("promise"), max_length=13, choices=PromiseKind)
    words = models.CharField(_("what we promise"), max_length=300, blank=True)
    # Promises to the customer are told to the customer when they break.
    to_customer = models.BooleanField(default=True)
    policy = models.ForeignKey(PromisePolicy, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due"))
    warn_at = models.DateTimeField(null=True, blank=True)
    # How due_at came about: {"clock", "minutes", "start", "calendar", "zone", "steps"}; shown to staff.
    explanation = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    # Grows when the moment moves, so that (promise, cycle) names one firing for ever.
    cycle = models.PositiveIntegerField(default=1)
    moves = models.PositiveSmallIntegerField(default=0)
    moved_reason = models.CharField(max_length=300, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # A row whose handling raises is put off with back-off and reported; it never blocks the others.
    failures = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="promise_open_due"),
            models.Index(
                fields=["warn_at", "id"], condition=Q(state="open", warned_at__isnull=True), name="promise_open_warn"
            ),
            models.Index(fields=["complaint", "state"], name="promise_of_complaint"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | Q(settled_at__isnull=False), name="promise_settled_has_moment"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("made_at")), name="promise_due_after_made"),
        ]

    def __str__(self):
        return f"{self.label} {self.due_at:%Y-%m-%d %H:%M} {self.state}"

    @property
    def label(self) -> str:
        return self.words or self.get_kind_display()
