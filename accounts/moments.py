"""A moment as people type it: in their own time zone, within sight, and never by a guess.

When the clocks go back an hour comes twice. What is typed in it is refused once, and then both are offered: the
offset that is chosen comes with the form as `NAME_offset`, so that it works without a script.
"""

from datetime import datetime, timedelta, timezone

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
TYPED = "%Y-%m-%dT%H:%M"


def offsets_of(wall: datetime) -> list[timedelta]:
    """The offsets that a naive time of day can have in the active zone: one, or two where the clocks go back.

    None where the clocks skip it.
    """
    first, second = (get_current_timezone().utcoffset(wall.replace(fold=fold)) for fold in (0, 1))
    if first is None or second is None:
        return []
    if first == second:
        return [first]
    return [first, second] if first > second else []


class MomentInput(forms.DateTimeInput):
    """A picker of date and time; where the time came twice, a choice between the two stands below it."""

    template_name = "forms/moment.html"

    def __init__(self, attrs=None):
        super().__init__(attrs={"type": "datetime-local"} | (attrs or {}), format=TYPED)

    def value_from_datadict(self, data, files, name):
        """What was typed, with the chosen offset behind it ("2026-10-25T02:30+01:00") where there are two."""
        typed = super().value_from_datadict(data, files, name)
        offset = data.get(f"{name}_offset", "")
        wall = _parsed(typed)
        if wall is None or offset not in [_written(each) for each in _repeated(wall)]:
            return typed
        return f"{wall.replace(tzinfo=None):{TYPED}}{offset}"

    def get_context(self, name, value, attrs):
        moment = value if isinstance(value, datetime) else _parsed(value)
        both = _repeated(moment) if moment is not None else []
        if not both:
            return super().get_context(name, value, attrs)
        # What was typed names its offset once it is chosen; what is stored knows by its fold.
        chosen = both[moment.fold] if isinstance(value, datetime) else moment.utcoffset()
        context = super().get_context(name, moment.replace(tzinfo=None), attrs)
        context["widget"] |= {"hour": f"{moment:%H:%M}", "both": _choices(both, chosen)}
        return context


class MomentField(forms.DateTimeField):
    """A date with its time, in the active time zone.

    An hour that the clocks skip is refused, one that they repeat until it is chosen which.
    """

    widget = MomentInput

    def to_python(self, value):
        """Return an aware moment or None. Raises ValidationError for one that the clocks skip or repeat."""
        try:
            return super().to_python(value)
        except ValidationError as refused:
            if getattr(refused, "code", "") != "ambiguous_timezone":
                raise
            wall = refused.params["datetime"]
            if offsets_of(wall):
                said = _("The clocks went back that night, so %(time)s came twice. Choose which one it is.")
            else:
                said = _("That night the clocks go forward: %(time)s does not exist.")
            raise ValidationError(said, code=refused.code, params={"time": f"{wall:%H:%M}"}) from refused

    def clean(self, value):
        """Return an aware moment or None. Raises ValidationError outside the years that can be meant."""
        moment = super().clean(value)
        if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValidationError(_("Is the year right? It reads %(year)d."), params={"year": moment.year})
        return moment


def _parsed(value) -> datetime | None:
    """What was typed as a moment, naive unless it names its offset; None where it is none."""
    try:
        return parse_datetime(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None


def _repeated(wall: datetime) -> list[timedelta]:
    """Both offsets of an hour that comes twice; empty for any other, and for the edges of the calendar."""
    try:
        offsets = offsets_of(wall.replace(tzinfo=None))
    except OverflowError:
        return []
    return offsets if len(offsets) > 1 else []


def _choices(two: list[timedelta], chosen: timedelta | None) -> list[dict]:
    words = [
        _("before the clocks went back (%(zone)s)"),
        _("after the clocks went back (%(zone)s)"),
    ]
    return [
        {
            "value": _written(offset),
            "words": said % {"zone": f"UTC{_written(offset)}"},
            "checked": offset == chosen,
        }
        for offset, said in zip(two, words, strict=True)
    ]


def _written(offset: timedelta) -> str:
    """An offset as ISO 8601 writes it: +02:00."""
    return datetime(2000, 1, 1, tzinfo=timezone(offset)).isoformat()[19:]
