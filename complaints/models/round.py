from django.conf import settings
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext, gettext_lazy as _

from complaints.choices import Channel, ConfirmedHow, Outcome, ToldHow
from complaints.models.event import ComplaintEvent


class Round(models.Model):
    """One go from assignment to feedback that is over, complete as it was when it ended.

    Written by complaints.case.rounds when work begins again, and never changed: triggers refuse it. It repeats what
    the case, its points, result and feedback held, because those belong to the round after it from then on, and names
    of catalogues as they were, because entries are renamed.
    """

    class Ended(models.TextChoices):
        REWORKED = "reworked", _("Worked on again")
        REOPENED = "reopened", _("Opened again")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    ended_how = models.CharField(max_length=8, choices=Ended)
    # Who had it begin again, and why: the customer's own words where they opened it.
    ended_by_kind = models.CharField(max_length=8, choices=ComplaintEvent.ActorKind)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")

    # [{"number": 1, "text": …, "finding": …}]; `findings_lost` where an earlier version of the desk erased them.
    points = models.JSONField(default=list, blank=True)
    findings_lost = models.BooleanField(default=False)
    restatement = models.TextField(blank=True)
    confirmed_how = models.CharField(max_length=9, choices=ConfirmedHow, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    not_confirmed_reason = models.CharField(max_length=300, blank=True)

    cause = models.CharField(max_length=120, blank=True)
    cause_zh = models.CharField(max_length=120, blank=True)
    # Of a suggestion only.
    adopted = models.BooleanField(null=True, blank=True)
    solution = models.TextField(blank=True)
    told_how = models.CharField(max_length=9, choices=ToldHow, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    told_note = models.TextField(blank=True)
    told_note_readable = models.BooleanField(default=False)
    others_told = models.TextField(blank=True)
    # The message that told the result, as it was sent.
    letter = models.TextField(blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    # [{"words": …, "amount": "186.00" or "", "fate": complaints.case.rounds.fate_of(), "at": moment or None}]
    options = models.JSONField(default=list, blank=True)

    solved = models.BooleanField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.TextField(blank=True)
    heard_on = models.CharField(max_length=10, choices=Channel, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)

    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_reason = models.TextField(blank=True)
    exception = models.TextField(blank=True)
    responsibility = models.TextField(blank=True)
    lesson = models.TextField(blank=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="round_number_unique"),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.number}"

    @property
    def cause_label(self) -> str:
        """The root cause by the name it had then."""
        return self.cause_zh if self.cause_zh and (get_language() or "").startswith("zh") else self.cause

    @property
    def by_customer(self) -> bool:
        """Whether the customer had the work begin again, on the link."""
        return self.ended_by_kind == ComplaintEvent.ActorKind.CUSTOMER

    @property
    def chosen(self) -> str:
        """The solution that the customer chose, in the words offered; "" where none was chosen."""
        return next((option["words"] for option in self.options if option["fate"] == "chosen"), "")

    @property
    def was_answered(self) -> bool:
        """Whether the customer said something of the result."""
        return self.solved is not None or self.rating is not None or bool(self.words)

    @property
    def words_told(self) -> str:
        """The result in words that the customer may read: the message, or what was told them by word of mouth."""
        return self.letter or (self.told_note if self.told_note_readable else "")

    @property
    def is_unsatisfied(self) -> bool:
        """Whether the customer said that it is not solved, or is not content with it (as Feedback.is_unsatisfied)."""
        return self.solved is False or (self.rating is not None and self.rating < 3)

    @property
    def is_shown(self) -> bool:
        """Whether it holds anything that the customer was told or said."""
        return bool(self.told_at or self.chosen or self.was_answered or self.by_customer)

    @property
    def offered(self) -> list[dict]:
        """The solutions offered, what became of each in words, and when."""
        fates = {
            "chosen": gettext("chosen by the customer"),
            "withdrawn": gettext("withdrawn"),
            "declined": gettext("declined"),
            "ended": gettext("not chosen"),
        }
        return [
            option | {"fate": fates.get(option["fate"], ""), "at": parse_datetime(option["at"] or "")}
            for option in self.options
        ]
