from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from followups.models.promise import Promise


class Callback(models.Model):
    """A call we owe a customer after a result. The promise behind it says by when."""

    class State(models.TextChoices):
        OPEN = "open", _("To call")
        DONE = "done", _("Done")
        GIVEN_UP = "given_up", _("Attempts used up")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="callbacks")
    round = models.PositiveSmallIntegerField()
    promise = models.OneToOneField(
        "followups.Promise", on_delete=models.PROTECT, null=True, blank=True, related_name="callback"
    )
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    # When to call next: later than now after "no answer".
    next_at = models.DateTimeField(_("call at"))
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering = ["next_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round"], name="callback_one_a_round"),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="open"), name="callback_open"),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.round} {self.state}"

    @property
    def promised(self) -> Promise:
        """The promise behind it, which each has that was saved. Raises TypeError before."""
        if self.promise is None:
            raise TypeError(f"No promise stands behind the call {self}")
        return self.promise


class CallbackAttempt(models.Model):
    """One call, and what came of it."""

    class Outcome(models.TextChoices):
        SATISFIED = "satisfied", _("Reached, satisfied")
        UNSATISFIED = "unsatisfied", _("Reached, not satisfied")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        REFUSED = "refused", _("Does not want to talk")

    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome)
    solved = models.BooleanField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    words = models.TextField(blank=True)

    class Meta:
        verbose_name = _("callback attempt")
        verbose_name_plural = _("callback attempts")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["callback", "number"], name="callback_attempt_number_unique"),
        ]

    def __str__(self):
        return f"{self.callback_id}: {self.outcome}"
