"""What a list of complaints can be narrowed by. One FilterSet serves the page and, later, the API."""

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django_filters.fields import MultipleChoiceField

from accounts.models import Person
from complaints.choices import STAGE_LABELS, Channel, Kind, Severity
from complaints.models import Complaint
from complaints.queue.filter_choices import filter_choices
from complaints.search.find import LONGEST_QUERY, NotSearchable, matching, query_of
from complaints.search.tokens import Query
from complaints.writing.form_fields import LineField
from complaints.writing.long_choices import PickList
from ui.wording import date_words

DAYS_THAT_MAKE_SENSE = [
    MinValueValidator(date(2000, 1, 1), gettext_lazy("The year is too long ago.")),
    MaxValueValidator(date(2199, 12, 31), gettext_lazy("The year is too far away.")),
]


class FilterForm(forms.Form):
    """The form of the filters; every field is optional, so none says so."""

    mark_optional = False

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("received_from"), cleaned.get("received_to")
        if first and last and first > last:
            self.add_error("received_to", gettext_lazy("It ends before it begins."))
        return cleaned


class Copied:
    """A filter that a FilterSet copies for each request: its choices alone are its own, not all that it is made of."""

    def __deepcopy__(self, memo):
        twin = copy(self)
        twin.extra = self.extra.copy()
        # Said anew, so that it is looked for in the FilterSet of the copy.
        twin.method = self.method
        return twin


class Search(Copied, filters.CharFilter):
    field_class = LineField


class ChosenOnes(MultipleChoiceField):
    """Choices of which an empty one ("site=") counts as none, and an unknown one is left out and counted.

    What a saved view names may be gone; the rest of it still holds.
    """

    widget = PickList
    default_error_messages = {
        "invalid_choice": gettext_lazy("What was chosen is not there any more, or is not yours to choose."),
    }
    left_out = 0

    def to_python(self, value):
        given = dict.fromkeys(super().to_python([key for key in value or [] if key]))
        known = {str(key) for key, _label in self.choices}
        kept = [key for key in given if key in known]
        self.left_out = len(given) - len(kept)
        if self.left_out and not kept:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return kept


class Several(Copied, filters.MultipleChoiceFilter):
    """Any of the values given: one IN, without DISTINCT, because no many-to-many is followed."""

    field_class = ChosenOnes

    def __init__(self, *args, **kwargs):
        super().__init__(*args, distinct=False, **kwargs)

    def filter(self, qs, value):
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Day(Copied, filters.DateFilter):
    """A local day of the person who looks, as the moments between which it lies."""

    def __init__(self, *args, **kwargs):
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(*args, widget=widget, input_formats=["%Y-%m-%d"], validators=DAYS_THAT_MAKE_SENSE, **kwargs)


@dataclass(frozen=True)
class Chip:
    """One filter in use, in words, and the query string without it."""

    text: str
    without: str


class ComplaintFilter(filters.FilterSet):
    """Filters of the queue. Values that make no sense are left out and named by `refused`."""

    q = Search(method="search", label=gettext_lazy("Search"), limit=LONGEST_QUERY, widget=forms.HiddenInput)
    site = Several(label=gettext_lazy("Site"))
    team = Several(label=gettext_lazy("Team"))
    category = Several(label=gettext_lazy("Category"), method="in_category")
    handler = Several(label=gettext_lazy("Handler"))
    severity = Several(label=gettext_lazy("Severity"), choices=Severity.choices)
    kind = Several(label=gettext_lazy("Kind"), choices=Kind.choices)
    stage = Several(field_name="status", label=gettext_lazy("Stage"), choices=list(STAGE_LABELS.items()))
    channel = Several(label=gettext_lazy("Channel"), choices=Channel.choices)
    received_from = Day(label=gettext_lazy("Received from"), method="from_day")
    received_to = Day(label=gettext_lazy("Received to"), method="to_day")

    class Meta:
        model = Complaint
        form = FilterForm
        fields: list[str] = []

    # The filters that have a value in the address, whether it makes sense or not.
    named: list[str]
    # Set by reading `qs`: what is searched for, and why it cannot be.
    query: Query | None = None
    search_error = ""

    def __init__(self, data, queryset, *, person: Person):
        """`data` is a query dict; reads what `person` may choose from with one query."""
        self.named = [name for name in self.base_filters if any(data.getlist(name))]
        # Where no filter is named there is nothing to clean, so that no form need be built.
        super().__init__(data if self.named else None, queryset)
        self.data = data
        self.person = person
        self.filter_choices = filter_choices(person)
        for name, choices in {
            "site": self.filter_choices.sites,
            "team": self.filter_choices.teams,
            "category": self.filter_choices.categories,
            "handler": self.filter_choices.handlers,
        }.items():
            self.filters[name].extra["choices"] = choices

    def search(self, queryset, name, value):
        """Complaints that hold every word of the text; none, and `search_error`, where there is no word in it."""
        try:
            self.query = query_of(value)
        except NotSearchable as error:
            self.search_error = str(error)
            return queryset.none()
        return matching(queryset, self.query, self.person)

    def in_category(self, queryset, name, value):
        """Of the categories or of any entry under them."""
        return queryset.filter(category__in=self.filter_choices.with_those_below(value)) if value else queryset

    def from_day(self, queryset, name, value):
        return queryset.filter(received_at__gte=_midnight(value))

    def to_day(self, queryset, name, value):
        """Up to the end of the day."""
        return queryset.filter(received_at__lt=_midnight(value + timedelta(days=1)))

    def narrowed(self, complaints):
        """What the filters leave of other `complaints`."""
        if not self.is_bound:
            return complaints
        self.errors  # noqa: B018 - reading it cleans the form
        return self.filter_queryset(complaints)

    @property
    def refused(self) -> list[str]:
        """One sentence for each filter of which something was left out."""
        if not self.is_bound:
            return []
        wrong = [
            _("The filter “%(filter)s” was left out: %(reason)s")
            % {"filter": self.form.fields[name].label, "reason": " ".join(errors)}
            for name, errors in self.errors.items()
        ]
        return wrong + [
            _("A part of the filter “%(filter)s” was left out: %(reason)s")
            % {"filter": field.label, "reason": field.error_messages["invalid_choice"]}
            for name, field in self.form.fields.items()
            if name not in self.errors and bool(getattr(field, "left_out", 0))
        ]

    @property
    def used(self) -> dict:
        """The values in use, by the name of the filter."""
        if not self.is_bound:
            return {}
        self.errors  # noqa: B018 - reading it cleans the form
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def chips(self, now: datetime) -> list[Chip]:
        """The filters in use, each removable by a link that keeps the rest of the address."""
        return [Chip(self._words(name, value, now), self._without(name)) for name, value in self.used.items()]

    def _words(self, name: str, value, now: datetime) -> str:
        field = self.form.fields[name]
        if isinstance(value, list):
            labels = dict(field.choices)
            shown = [str(labels[key]) for key in value]
            text = pgettext("list", ", ").join(shown[:2]) if len(shown) <= 2 else _and_more(shown)
        elif isinstance(value, date):
            text = date_words(_midnight(value), now, "brief_day")
        else:
            text = value
        return _("%(filter)s: %(value)s") % {"filter": field.label, "value": text}

    def _without(self, name: str) -> str:
        rest = self.data.copy()
        for left_out in (name, "after", "before"):
            rest.pop(left_out, None)
        return f"?{rest.urlencode()}"


def _and_more(labels: list[str]) -> str:
    more = len(labels) - 1
    return ngettext("%(first)s and %(count)d more", "%(first)s and %(count)d more", more) % {
        "first": labels[0],
        "count": more,
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
