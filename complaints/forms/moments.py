"""A moment as people type it: in their own time zone, and within sight."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.wording import date_words

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


class MomentField(forms.DateTimeField):
    """A date with its time, in the active time zone; an hour that the clocks skip or repeat is refused."""

    def __init__(self, **kwargs):
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=picker, **kwargs)

    def clean(self, value):
        """Return an aware moment or None. Raises ValidationError outside the years that can be meant."""
        moment = super().clean(value)
        if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValidationError(_("Is the year right? It reads %(year)d."), params={"year": moment.year})
        return moment


def refuse_future(moment: datetime | None, at: datetime) -> datetime | None:
    """Return `moment`. Raises ValidationError when it lies after `at` (both aware)."""
    if moment is not None and moment > at:
        words = date_words(moment, at)
        raise ValidationError(_("The date is in the future: %(moment)s"), params={"moment": words})
    return moment
