from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.held import once
from accounts.written import WrittenRows

# In force where nobody saved rules yet.
LINK_DAYS = 90


def between(least: int, most: int):
    return [MinValueValidator(least), MaxValueValidator(most)]


class DeskRules(models.Model):
    """The organisation's own numbers; exactly one row."""

    sign_within_minutes = models.PositiveIntegerField(
        _("an escalation is signed within (minutes)"), default=60, validators=between(5, 7 * 24 * 60)
    )
    stuck_after_hours = models.PositiveSmallIntegerField(
        _("a case is stuck when nothing happens for (working hours)"),
        default=16,
        validators=between(1, 1000),
        help_text=_("In the working time of its team; not while we wait for the customer."),
    )
    callback_after_hours = models.PositiveSmallIntegerField(
        _("a callback is due after the result (hours)"), default=24, validators=between(1, 60 * 24)
    )
    callback_attempts = models.PositiveSmallIntegerField(
        _("callback attempts before we give up"), default=3, validators=between(1, 10)
    )
    callback_retry_hours = models.PositiveSmallIntegerField(
        _("next attempt after no answer (hours)"), default=20, validators=between(1, 14 * 24)
    )
    reopen_days = models.PositiveSmallIntegerField(
        _("a customer may say “still a problem” after the result (days)"),
        default=15,
        validators=between(1, 365),
    )
    link_days = models.PositiveSmallIntegerField(
        _("the customer’s link works after the end (days)"),
        default=LINK_DAYS,
        validators=between(1, 3650),
        help_text=_("After that the customer asks for a new one, which goes to the address that we know."),
    )

    appeal_days = models.PositiveSmallIntegerField(
        _("a customer may appeal after the case is closed (days)"),
        default=30,
        validators=between(1, 365),
        help_text=_("The last day counts to its end, on the clock of the team. Once for each result."),
    )

    class Meta:
        verbose_name = _("desk rules")
        verbose_name_plural = _("desk rules")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="desk_rules_one_row")]

    def __str__(self):
        return str(self._meta.verbose_name)

    @classmethod
    @once
    def current(cls) -> "DeskRules":
        """The rules in force: the row, or the defaults where none was saved yet."""
        return next(iter(_ROWS.instances()), None) or cls(pk=1)


_ROWS = WrittenRows(DeskRules, lambda rules: rules.filter(pk=1))
