from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Absence(models.Model):
    """Somebody is away for a time; what comes for them goes to their deputy as well."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences", verbose_name=_("person")
    )
    begins_at = models.DateTimeField(_("away from"))
    ends_at = models.DateTimeField(_("back at"))
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("deputy"),
        help_text=_("Is told what you would be told, about cases that they may see."),
    )

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["begins_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "begins_at", "ends_at"],
                name="absence_once",
                violation_error_message=_("This absence is entered already."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")),
                name="absence_ends_after_it_begins",
                violation_error_message=_("You can only be back after you left."),
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("person")),
                name="absence_deputy_is_somebody_else",
                violation_error_message=_("The deputy has to be somebody else."),
            ),
        ]
        # Absences of the past are of no interest to what happens now.
        indexes = [models.Index(fields=["ends_at"], name="absence_ends")]

    def __str__(self):
        return f"{self.person} {self.begins_at:%Y-%m-%d} – {self.ends_at:%Y-%m-%d}"

    def clean(self):
        super().clean()
        if self.deputy_id is not None and self.deputy_id == self.person_id:
            raise ValidationError({"deputy": _("The deputy has to be somebody else.")})
