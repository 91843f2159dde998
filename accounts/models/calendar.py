from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.person import validate_time_zone


class Calendar(models.Model):
    """When a team works. Teams without one use the calendar of the team above."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    always_open = models.BooleanField(_("open day and night"), default=False)
    chinese_holidays = models.BooleanField(
        _("Chinese public holidays and make-up days"),
        default=True,
        help_text=_("Taken from a maintained list; a day entered below wins."),
    )

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ["name"]

    def __str__(self):
        return self.name


class CalendarSpan(models.Model):
    """One working span of a weekday, local wall time; an end before the start runs past midnight."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("00:00 is midnight at the end of the day."))

    class Meta:
        verbose_name = _("working span")
        verbose_name_plural = _("working spans")
        ordering = ["weekday", "opens"]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def minutes(self) -> tuple[int, int]:
        """(start, end) in minutes of the local day; an end past midnight exceeds 1440."""
        start = self.opens.hour * 60 + self.opens.minute
        end = self.closes.hour * 60 + self.closes.minute
        return start, end if end > start else end + 24 * 60


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a make-up working day (调休)."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        WORKING = "working", _("Make-up working day")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=80, blank=True)
    works_like = models.PositiveSmallIntegerField(
        _("works like"),
        choices=CalendarSpan.Weekday,
        null=True,
        blank=True,
        help_text=_("For a make-up working day: the weekday whose hours apply."),
    )

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "date"],
                name="calendar_day_unique",
                violation_error_message=_("This day is entered already."),
            ),
        ]

    def __str__(self):
        return f"{self.date} {self.get_kind_display()}"

    def clean(self):
        super().clean()
        if self.kind == self.Kind.WORKING and self.works_like is None:
            raise ValidationError({"works_like": _("Choose the weekday whose hours apply.")})
