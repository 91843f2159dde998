"""Working calendars: spans of the week, special days, Chinese public holidays."""

from django import forms
from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.admin.base import AdministratorOnly, ChoosesTimeZone, DeskAdmin
from accounts.models import Calendar, CalendarDay, CalendarSpan
from accounts.worktime.calendars import build
from accounts.worktime.holidays_cn import china_days
from accounts.worktime.working_time import CalendarError, WorkingCalendar


class SpanFormSet(forms.BaseInlineFormSet):
    """Refuses a week that promises could not be counted in, beside the span that is wrong."""

    def clean(self) -> None:
        super().clean()
        calendar = self.instance
        if any(self.errors) or calendar.always_open:
            return
        filled = [form for form in self.forms if form.cleaned_data and not form.cleaned_data["DELETE"]]
        if not filled:
            raise forms.ValidationError(_("Enter at least one span, or tick “open day and night”."))
        weekly: dict[int, list] = {}
        for form in filled:
            weekly.setdefault(form.instance.weekday, []).append(form.instance.minutes)
            try:
                # One span more at a time, so that the message stands at the first one that does not fit.
                # In any zone: the calendar's own has a field, and a message, of its own.
                WorkingCalendar("UTC", weekly)
            except CalendarError as error:
                form.add_error("opens", str(error))
                return


# The browser's own inputs: Django's offer "Now", and remark that the reader's clock is another one.
WALL_TIME = {"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}
DAY = {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}


class SpanInline(AdministratorOnly, admin.TabularInline):
    model = CalendarSpan
    formset = SpanFormSet
    formfield_overrides = {models.TimeField: WALL_TIME}
    extra = 2


class DayInline(AdministratorOnly, admin.TabularInline):
    model = CalendarDay
    formfield_overrides = {models.DateField: DAY}
    extra = 1
    verbose_name_plural = gettext_lazy("special days: holidays, and working days at a weekend (调休)")


@admin.register(Calendar)
class CalendarAdmin(ChoosesTimeZone, DeskAdmin, admin.ModelAdmin):
    explanation = gettext_lazy(
        "When a team works. Promises in working hours are counted in these spans: several a day are possible, an "
        "end before the start runs past midnight. A change counts for promises made from now on."
    )
    inlines = [SpanInline, DayInline]
    list_display = ["name", "time_zone", "always_open", "chinese_holidays"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "time_zone", "always_open"]}),
        (
            gettext_lazy("Public holidays"),
            {
                "fields": ["chinese_holidays"],
                "description": gettext_lazy(
                    "Holidays close the whole day; a make-up day has the hours of its weekday."
                ),
            },
        ),
    ]

    def save_related(self, request, form, formsets, change):
        """Raises ValidationError when spans that somebody else entered meanwhile do not go with these."""
        super().save_related(request, form, formsets, change)
        try:
            build(form.instance, year=timezone.localdate().year)
        except CalendarError as error:
            raise forms.ValidationError(str(error)) from error

    def warnings(self):
        """Until the State Council announces them (in November), next year's make-up days are a guess."""
        following = timezone.localdate().year + 1
        if china_days(following).known or not Calendar.objects.filter(chinese_holidays=True).exists():
            return []
        return [
            _(
                "The Chinese public holidays of %(year)d are not known to this version of the desk yet: only the "
                "days fixed by law are counted, and no make-up working days. Update the desk once they are "
                "announced, or enter them below each calendar."
            )
            % {"year": following}
        ]
