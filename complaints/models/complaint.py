from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.choices import STAGE_LABELS, STATUS_ORDER, Channel, Kind, Outcome, Severity, Status
from complaints.models.representative import Representative
from complaints.visibility import ComplaintQuerySet

NARRATIVE_LIMIT = 20_000
# For sorting, the gravest first; written as the index complaint_severity has it, or that is not used.
SEVERITY_RANK = Case(
    *(When(severity=severity, then=Value(rank)) for rank, severity in enumerate(Severity)),
    default=Value(len(Severity)),
    output_field=models.IntegerField(),
)


class ReferenceCounter(models.Model):
    """The last number given out in a year; its row lock makes references unique and without gaps."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.year}: {self.last}"


class ReferenceBlock(models.Model):
    """Numbers from `first` to `last` of a year that were taken for an import, and that no complaint has yet.

    Taken and committed at once, so that nobody waits for the import; removed by the transaction that uses them. A
    row that stays is of an import that failed: those numbers are no complaints that are missing.
    """

    year = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    reserved_at = models.DateTimeField()

    def __str__(self):
        return f"{self.year}: {self.first}–{self.last}"


class Complaint(models.Model):
    """One case. `status` is changed by complaints.steps.lifecycle.perform() and nothing else."""

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    # The customer's link: found by hash; sealed with a key outside the database for later messages.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token_sealed = models.CharField(max_length=200, editable=False)
    # When a newer link took the place of the first one; its time counts from then, if the case was over already.
    link_renewed_at = models.DateTimeField(null=True, blank=True, editable=False)

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COMPLAINT)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    language = models.CharField(max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="zh-hans")
    customer = models.ForeignKey(
        "complaints.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    wishes_no_contact = models.BooleanField(_("does not want to be contacted"), default=False)

    subject = models.CharField(_("subject"), max_length=200)
    narrative = models.TextField(_("in the customer’s words"), validators=[MaxLengthValidator(NARRATIVE_LIMIT)])
    desired_outcome = models.CharField(_("what the customer wants"), max_length=500, blank=True)
    occurred_at = models.DateTimeField(_("when it happened"), null=True, blank=True)
    place = models.CharField(_("where exactly"), max_length=200, blank=True)
    site = models.ForeignKey(
        "accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )

    status = models.CharField(_("stage"), max_length=10, choices=Status, default=Status.RECEIVED)
    # Counts the attempts at a solution: rework and reopening begin a new round, the old result is kept.
    round = models.PositiveSmallIntegerField(default=1)
    category = models.ForeignKey(
        "complaints.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.NORMAL)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="complaints")
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="handled_complaints"
    )
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    named_people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("employees named in it"),
        help_text=_("They never handle this complaint and cannot read it."),
    )

    received_at = models.DateTimeField(_("received"))
    created_at = models.DateTimeField(editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A customer may say "still a problem" on the link until then.
    reopen_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The result may be appealed until then; empty where there is none to appeal.
    appeal_until = models.DateTimeField(null=True, blank=True, editable=False)
    waiting_since = models.DateTimeField(_("waiting for the customer since"), null=True, blank=True)
    handovers = models.PositiveSmallIntegerField(default=0, editable=False)
    reminders = models.PositiveSmallIntegerField(default=0, editable=False)

    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    closing_reason = models.TextField(_("why it was closed"), blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    invalid_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    invalid_reason = models.TextField(blank=True)
    responsibility = models.TextField(_("who answers for it inside"), blank=True)
    lesson = models.TextField(_("lesson"), blank=True)

    # Repeated from the earliest open promise, so that lists sort by one index.
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When to look whether nothing has happened for too long; kept by followups.engine.stuck, empty when nobody need
    # look.
    stuck_check_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    event_count = models.PositiveIntegerField(default=0, editable=False)
    last_event_hash = models.CharField(max_length=64, blank=True, default="", editable=False)

    # What makes a submission the same submission: the form's key, or the content of an imported row.
    submission_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    # What was sent with that key; "" where nobody keeps it (imported, or older than this column).
    submission_digest = models.CharField(max_length=64, default="", blank=True, editable=False)
    source = models.JSONField(default=dict, blank=True, editable=False)

    objects = ComplaintQuerySet.as_manager()

    # What a page brings along beside the columns, never stored.
    token: str  # of its link (customer.views_link)
    representative: Representative | None = None  # whose link it is, if not the customer's (customer.fetch)
    paused: bool  # it waits for the customer, and nothing is late (queue.worklists)
    is_visible: bool  # to whoever is told of it (followups.notices.truth)
    earlier: list["Complaint"]  # others of the same customer (workspace.parts)
    is_same_person: bool  # one of these: surely theirs (workspace.parts)
    is_other: bool  # a duplicate: of another customer (workspace.duplicates)
    unanswered: models.Model | None  # a duplicate: its customer's last message (workspace.duplicates)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_due_at", "id"], condition=~Q(status="archived"), name="complaint_open_due"),
            # With what the views of the queue ask of a case, so that none is read to be counted.
            models.Index(
                fields=["team", "next_due_at", "id"],
                include=["site", "handler", "logged_by", "status", "waiting_since"],
                condition=~Q(status="archived"),
                name="complaint_team_due",
            ),
            # With all that the load per handler is counted from, so that no case is read for it.
            models.Index(
                fields=["handler", "next_due_at", "id"],
                include=["waiting_since"],
                condition=~Q(status="archived"),
                name="complaint_handler_due",
            ),
            models.Index(
                fields=["site", "next_due_at", "id"],
                include=["handler", "status", "waiting_since"],
                condition=~Q(status="archived"),
                name="complaint_site_due",
            ),
            models.Index(
                fields=["logged_by", "next_due_at", "id"],
                include=["handler", "status", "waiting_since"],
                condition=~Q(status="archived"),
                name="complaint_logged_by",
            ),
            # Lists of everything, archived cases included, in each order they can be sorted by.
            models.Index(fields=["next_due_at", "id"], name="complaint_due"),
            models.Index(fields=["-received_at", "-id"], name="complaint_newest"),
            models.Index(SEVERITY_RANK, "next_due_at", "id", name="complaint_severity"),
            models.Index(
                fields=["next_due_at", "id"],
                include=["team", "site", "handler", "logged_by"],
                condition=Q(waiting_since__isnull=False) & ~Q(status="archived"),
                name="complaint_waiting",
            ),
            models.Index(
                fields=["next_due_at", "id"],
                include=["team", "site", "logged_by"],
                condition=Q(handler__isnull=True) & ~Q(status__in=["resolved", "feedback", "archived"]),
                name="complaint_unassigned",
            ),
            models.Index(
                fields=["stuck_check_at", "id"],
                condition=Q(stuck_check_at__isnull=False),
                name="complaint_stuck_check",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="complaint_status_known"),
            models.CheckConstraint(
                condition=~Q(outcome="duplicate") | Q(duplicate_of__isnull=False),
                name="complaint_duplicate_names_original",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=models.F("id")),
                name="complaint_not_its_own_duplicate",
            ),
        ]

    def __str__(self):
        return self.reference

    @cached_property
    def named_ids(self) -> frozenset[int]:
        """Ids of the employees named in it; read once for an instance (a page's query may bring them along)."""
        return frozenset(self.named_people.values_list("pk", flat=True))

    @property
    def stage_label(self) -> str | Promise:
        return STAGE_LABELS[Status(self.status)]

    @property
    def stage_number(self) -> int:
        """1 (to verify) … 6 (archived)."""
        return STATUS_ORDER.index(Status(self.status)) + 1

    @property
    def appeal_last_day(self) -> datetime | None:
        """A moment of the last day on which the result may be appealed."""
        return None if self.appeal_until is None else self.appeal_until - timedelta(minutes=1)

    @property
    def is_archived(self) -> bool:
        return self.status == Status.ARCHIVED
