import zoneinfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str):
    """Raises ValidationError unless `name` is a zone of the tz database ("Asia/Shanghai")."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone, for example Asia/Shanghai."), params={"name": name})


class PersonManager(UserManager):
    def get_by_natural_key(self, username):
        return self.get(username__iexact=username)


class Person(AbstractUser):
    """Somebody who works with the desk. Customers have no account."""

    class Theme(models.TextChoices):
        DEVICE = "", _("As on this device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Mail(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Once a day, in one summary")
        URGENT = "urgent", _("Only what cannot wait")

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    first_name = last_name = None
    name = models.CharField(pgettext_lazy("person", "name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme, default=Theme.DEVICE, blank=True)
    # How the desk tells them what happens with their cases; see followups.notices.
    notify_by_mail = models.CharField(_("by e-mail"), max_length=7, choices=Mail, default=Mail.AT_ONCE)
    notify_in_page = models.BooleanField(_("by the bell at the top of every page"), default=True)

    REQUIRED_FIELDS = ["email", "name"]

    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="person_username_unique_nocase",
                violation_error_message=_("This user name is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="person_email_unique_nocase",
                violation_error_message=_("This e-mail address belongs to somebody else."),
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The name in the active language."""
        return self.label_in(get_language() or "en")

    def label_in(self, language: str) -> str:
        return (self.name_zh if self.name_zh and language.startswith("zh") else self.name) or self.username

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Their time zone, or the desk's own when the tz database no longer knows the name."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return zoneinfo.ZoneInfo(settings.TIME_ZONE)

    @property
    def has_bell(self) -> bool:
        """Whether the bell rings for them: always for people whom no mail reaches, however they chose before."""
        return self.notify_in_page or not self.email

    def get_full_name(self):
        return self.label

    def get_short_name(self):
        return self.label
