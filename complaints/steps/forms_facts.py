"""The form with which facts are corrected: what is known stands in it, what follows below each field."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, pgettext

from accounts.access import teams_to_log_for
from accounts.models import Person, Role, Team
from accounts.moments import MomentField
from complaints.case import facts_words
from complaints.choices import LANGUAGES, Kind
from complaints.models import Complaint, Customer
from complaints.steps import facts
from complaints.steps.facts_gate import BEFORE_RESULT, KNOWN_VALUES
from complaints.steps.forms_shared import StepForm
from complaints.ways import way_choices
from complaints.writing.form_fields import LineField
from complaints.writing.long_choices import PickList, SiteChoice
from complaints.writing.moments import refuse_future
from ui.form_fields import choices_of, field_of
from ui.form_rendering import SegmentedRadios
from ui.ordering import by_label

LABELS = facts_words.LABELS


@dataclass(frozen=True)
class Row:
    """One fact on the page: its field, what stands in the case now, and what follows from another value."""

    field: BoundField
    was: str
    follows: str
    is_changed: bool
    warns: bool = False


class FactsForm(StepForm):
    """Everything that was told of the case but the customer's words; `step_data()` goes to views_facts.correct()."""

    action = "facts"

    name = LineField(label=LABELS["name"], limit=120, required=False)
    title = forms.ChoiceField(
        label=LABELS["title"], choices=Customer.Title.choices, required=False, widget=SegmentedRadios
    )
    phone = LineField(label=LABELS["phone"], limit=40, required=False)
    email = forms.EmailField(label=LABELS["email"], max_length=254, required=False)
    postal_address = LineField(label=LABELS["postal_address"], limit=200, required=False)
    way = forms.ChoiceField(label=LABELS["way"], required=False, widget=SegmentedRadios)
    call_hours = LineField(label=LABELS["call_hours"], limit=120, required=False)
    language = forms.ChoiceField(label=LABELS["language"], choices=LANGUAGES, widget=SegmentedRadios)
    wishes_no_contact = forms.BooleanField(label=LABELS["wishes_no_contact"], required=False)
    kind = forms.ChoiceField(
        label=LABELS["kind"], choices=[(key, Kind(key).label) for key in KNOWN_VALUES["kind"]], widget=SegmentedRadios
    )
    site = SiteChoice(label=LABELS["site"], queryset=None, required=False, empty_label=_("Not at one of our sites"))
    place = LineField(label=LABELS["place"], limit=200, required=False)
    occurred_at = MomentField(label=LABELS["occurred_at"], required=False)
    named_people: "forms.ModelMultipleChoiceField[Person]" = forms.ModelMultipleChoiceField(
        label=LABELS["named_people"], queryset=None, required=False, widget=PickList
    )
    reason = LineField(label=_("Why"), limit=facts.REASON_LIMIT, required=False)

    def __init__(self, *args: Any, roles: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = roles
        if self.complaint.is_archived:
            for name in set(facts.FIELDS) - facts.AFTER_THE_END:
                del self.fields[name]
        elif self.complaint.status not in BEFORE_RESULT:
            del self.fields["kind"]
        if "site" in self.fields:
            # A site that was closed since can stay.
            here = Team.objects.filter(pk=self.complaint.site_id or 0)
            sites = teams_to_log_for(self.person) | here
            field_of(self, "site", SiteChoice).queryset = sites.select_related("parent").in_tree_order()
        if "named_people" in self.fields:
            named = field_of(self, "named_people", forms.ModelMultipleChoiceField)
            named.queryset = Person.objects.filter(Q(is_active=True) | Q(pk__in=self.complaint.named_ids))
            named.choices = [(each.pk, each.label) for each in by_label(named.queryset)]
        held = self.complaint.customer.way if self.complaint.customer is not None else ""
        field_of(self, "way", forms.ChoiceField).choices = way_choices(held)
        for name, mode in (("phone", "tel"), ("email", "email")):
            self.fields[name].widget.attrs |= {"inputmode": mode}
        for name in ("name", "phone", "email", "postal_address", "call_hours"):
            self.fields[name].widget.attrs |= {"autocomplete": "off"}

    def stored(self, complaint: Complaint) -> dict[str, Any]:
        held = facts.values_of(complaint)
        # The browser gives moments back to the minute.
        happened = held["occurred_at"].replace(second=0, microsecond=0) if held["occurred_at"] else None
        return held | {"named_people": sorted(held["named_people"]), "occurred_at": happened}

    def clean_occurred_at(self) -> datetime | None:
        return refuse_future(self.cleaned_data["occurred_at"], self.at)

    def step_data(self) -> dict[str, Any]:
        return {name: value for name, value in super().step_data().items() if name in self.fields}

    def gone(self) -> list[tuple[str, str]]:
        """(label, text) of what was typed for facts that cannot be corrected any more, to copy."""
        left_out = [(name, field) for name, field in self.base_fields.items() if name not in self.fields]
        typed = [(str(field.label), str(self.data.get(name) or "")) for name, field in left_out if name in self.data]
        return [(label, text) for label, text in typed if text.strip()]

    @property
    def rows(self) -> list[Row]:
        """The facts in the order of the page; `reason` stands after them."""
        changed = set(self.changed_data) if self.is_bound else set()
        return [self._row(self[name], name in changed) for name in facts.FIELDS if name in self.fields]

    def _row(self, field: BoundField, is_changed: bool) -> Row:
        name, complaint = field.name, self.complaint
        held = facts.values_of(complaint)[name]
        people = dict(choices_of(self, "named_people")) if name == "named_people" else {}
        was = facts_words.in_words(name, before_kept(held), people, self.at)
        return Row(
            field, was, str(self._follows(name)), is_changed, warns=name in ("named_people", "wishes_no_contact")
        )

    def _follows(self, name: str) -> str | Promise:
        """What happens when this fact changes, as the case stands."""
        complaint = self.complaint
        is_over = complaint.is_archived
        if name == "phone":
            return "" if is_over else _("Calls go to what stands here, and repeats are searched with it again.")
        if name == "email":
            return _("The next message goes to this address.")
        if name == "postal_address":
            return _("Without a phone number, what no message brings is written as a letter to this address.")
        if name == "way":
            words = _("What waits, and what comes, goes this way; where it fails, by the next that works.")
            return "" if is_over else words
        if name == "language":
            return _("What we write from now on is in this language.")
        if name == "call_hours":
            return "" if is_over else _("Calls that are planned from now on follow it.")
        if name == "wishes_no_contact":
            if complaint.wishes_no_contact:
                return _("The customer is written to and called again; what we owe them is promised now.")
            return _("Nothing is sent to the customer any more, and no call is owed.")
        if name == "kind":
            return _("The next steps ask what belongs to this kind. Dates that were told stay.")
        if name == "site":
            if complaint.status in facts.BEFORE_HANDS and complaint.handler_id is None:
                return _("Nobody took the case yet: it goes to the new site. Dates that were told stay.")
            words = _("The case stays with %(team)s. The people of the new site can read it, too.")
            return words % {"team": complaint.team.label}
        if name == "named_people":
            return self._if_named()
        return ""

    def _if_named(self) -> str:
        """Who loses the case by being named: at once, and without being told."""
        complaint = self.complaint
        words: list[str | Promise] = [_("Whoever is named loses this case at once and is not told why.")]
        if complaint.handler is not None:
            handles = _(
                "%(person)s handles it: then it goes back to the queue of %(team)s, and its supervisor is told."
            )
            words.append(handles % {"person": complaint.handler.label, "team": complaint.team.label})
        if complaint.named_ids and Role.SUPERVISOR not in self.roles:
            words.append(_("Only a supervisor takes a name out."))
        return "\n".join(map(str, words))

    def _words(self, bound: BoundField, value: Any) -> str:
        if bound.name == "named_people":
            ids = [getattr(each, "pk", each) for each in value or ()]
            labels = {str(key): str(label) for key, label in choices_of(self, bound.name)}
            return pgettext("list", ", ").join(labels.get(str(pk), "–") for pk in ids)
        return super()._words(bound, value)


def before_kept(value: object) -> object:
    """A value as an event would keep it, but for moments, which are read as they are."""
    return value if isinstance(value, datetime) else facts.kept(value)
