from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do (SPEC, "Roles"); each role is held in a team."""

    FRONTLINE = "frontline", _("Frontline")
    HANDLER = "handler", _("Handler")
    SUPERVISOR = "supervisor", _("Supervisor")
    REVIEWER = "reviewer", _("Reviewer")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Membership(models.Model):
    """One role of one person in one team; a person may hold several."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(
        "accounts.Team", on_delete=models.CASCADE, related_name="memberships", verbose_name=_("team")
    )
    role = models.CharField(_("role"), max_length=13, choices=Role)

    class Meta:
        verbose_name = _("role in a team")
        verbose_name_plural = _("roles in teams")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "team", "role"],
                name="membership_unique",
                violation_error_message=_("This person holds this role here already."),
            ),
        ]
        indexes = [models.Index(fields=["team", "role"], name="membership_team_role")]

    def __str__(self):
        return f"{self.person} · {self.get_role_display()} · {self.team}"
