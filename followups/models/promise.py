from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, GeneratedField, Q, When
from django.db.models.functions import Greatest
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
    # Duties of the desk among itself: the customer is not promised them.
    TELL = "tell", _("Tell the customer by phone")
    ARCHIVE = "archive", _("Archive")
    NEXT_STEP = "next_step", _("Decide how it goes on")


# Never promised to the customer, whoever asks for it.
INTERNAL = frozenset({PromiseKind.TELL, PromiseKind.ARCHIVE, PromiseKind.NEXT_STEP})

# What waits while we wait for the customer.
PAUSABLE = frozenset({PromiseKind.RESOLUTION})


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
    long_stop_minutes = models.PositiveIntegerField(
        _("long stop after (minutes)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(FIVE_YEARS_IN_MINUTES)],
        help_text=_("Day and night, never paused: however long we wait for the customer, it is broken then."),
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
            models.CheckConstraint(
                condition=Q(long_stop_minutes__isnull=True) | Q(long_stop_minutes__gte=F("minutes")),
                name="policy_long_stop_not_before_due",
                violation_error_message=_("The long stop cannot come before the promise is due."),
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
    # While we wait for the customer the clock stands still: since when.
    paused_since = models.DateTimeField(null=True, blank=True)
    # Calendar time that never pauses: the promise breaks then, however long we wait.
    long_stop_at = models.DateTimeField(null=True, blank=True)
    # How due_at came about, written by followups.policies.policies and read by followups.promises.explaining.
    explanation = models.JSONField(default=dict, blank=True)
    # The broken promise in whose place the desk made this one, and how often it was broken before.
    follows = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    times_broken = models.PositiveSmallIntegerField(default=0, db_default=0)
    # How we know that the customer was told, where that kept it.
    kept_by = models.ForeignKey(
        "followups.Telling", on_delete=models.PROTECT, null=True, blank=True, related_name="kept"
    )
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
    # The moment from which the sweep breaks it. Made by the database from the columns above, so that
    # nothing can forget to keep it, and so that the sweep reads due rows from one index and no others.
    act_at = GeneratedField(
        expression=Case(
            When(paused_since__isnull=True, then=Greatest("due_at", "not_before")),
            When(long_stop_at__isnull=False, then=Greatest("long_stop_at", "not_before")),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="promise_open_due"),
            models.Index(fields=["act_at", "id"], condition=Q(state="open"), name="promise_open_act"),
            models.Index(
                fields=["warn_at", "id"],
                condition=Q(state="open", warned_at__isnull=True, paused_since__isnull=True),
                name="promise_open_warn",
            ),
            models.Index(fields=["complaint", "state"], name="promise_of_complaint"),
            # What a team achieved lately (followups.promises.overpromise).
            models.Index(fields=["kind", "-kept_at"], condition=Q(state="kept"), name="promise_kept_lately"),
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
        # get_kind_display would put every kind into words each time.
        return self.words or str(PromiseKind(self.kind).label)

    def said(self) -> dict:
        """What an event says about it."""
        return {
            "promise": self.pk,
            "kind": self.kind,
            "words": self.words,
            "due_at": self.due_at.isoformat(),
            "cycle": self.cycle,
        }
