import unicodedata
import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language, gettext_lazy as _, pgettext_lazy

from ui.caches import remembered


@remembered(1)
def time_zones() -> frozenset[str]:
    """The zones of the tz database, which opens 600 files to tell them (20 ms)."""
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(name: str):
    """Raises ValidationError unless `name` is a zone of the tz database ("Asia/Shanghai")."""
    if name not in time_zones():
        raise ValidationError(_("“%(name)s” is not a time zone, for example Asia/Shanghai."), params={"name": name})


class PersonManager(UserManager):
    """Decides, alone, whether what somebody typed is a person's name: as the unique indexes do, in lower case.

    (Django's iexact compares in upper case, in which "dırector" with a dotless i is "director".)
    """

    def with_same(self, field: str, typed: str):
        """Everybody whose `field` ("username", "email") is the same as what was typed; no or one person."""
        return self.alias(_same=Lower(field)).filter(_same=Lower(models.Value(_tidy(typed))))

    def called(self, typed: str) -> "Person | None":
        """The person with this user name, else the one with this e-mail address. One query."""
        same = Lower(models.Value(_tidy(typed)))
        people = self.alias(_name=Lower("username"), _mail=Lower("email"))
        # The unique index over addresses leaves the empty ones out.
        found = people.filter(models.Q(_name=same) | models.Q(_mail=same) & ~models.Q(email=""))
        return found.order_by(models.Case(models.When(_name=same, then=0), default=1)).first() if typed else None

    def get_by_natural_key(self, username):
        return self.with_same("username", username).get()


def _tidy(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip()


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

    first_name = None  # type: ignore[assignment]  # None takes an inherited field away
    last_name = None  # type: ignore[assignment]  # the same
    name = models.CharField(pgettext_lazy("person", "name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme, default=Theme.DEVICE, blank=True)
    # How the desk tells them what happens with their cases; see followups.outbox.notices.
    notify_by_mail = models.CharField(_("by e-mail"), max_length=7, choices=Mail, default=Mail.AT_ONCE)
    notify_in_page = models.BooleanField(_("by the bell at the top of every page"), default=True)

    REQUIRED_FIELDS = ["email", "name"]

    objects: ClassVar[PersonManager] = PersonManager()

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
