from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.membership import Role
from ui.money import money_in_column


class AuthorityLimit(models.Model):
    """How much a role may grant a customer without approval, in a team and the teams below it."""

    team = models.ForeignKey(
        "accounts.Team", on_delete=models.CASCADE, related_name="authority_limits", verbose_name=_("team")
    )
    role = models.CharField(_("role"), max_length=13, choices=Role)
    amount = models.DecimalField(
        _("limit in yuan"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        verbose_name = _("authority limit")
        verbose_name_plural = _("authority limits")
        constraints = [
            models.UniqueConstraint(fields=["team", "role"], name="authority_limit_unique"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="authority_limit_not_negative"),
        ]

    def __str__(self):
        return f"{self.team} · {self.get_role_display()} · {money_in_column(self.amount)}"
