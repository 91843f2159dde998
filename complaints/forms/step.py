"""What the forms of all steps share: which fields answer which item of the gate."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.wording import date_words
from complaints.errors import Missing
from complaints.forms.fields import LineField
from complaints.models import Complaint

REASON_LIMIT = 500


@dataclass(frozen=True)
class Difference:
    """One field in two versions: what is stored now, and what somebody typed who had not seen that."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True)
class Item:
    """One thing that a step needs. `keys` are the gate's names for it, `fields` the form's."""

    keys: tuple[str, ...]
    fields: tuple[str, ...]
    # Shown in front even when the gate has nothing to say about it.
    always: bool = False

    @classmethod
    def of(cls, *names: str, always: bool = False) -> "Item":
        return cls(names, names, always)


def version_field() -> forms.IntegerField:
    """The version of the complaint that the page showed; hidden."""
    return forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=2**31 - 1,
        error_messages={"required": _("This page is out of date; look at it once more.")},
    )


class StepForm(forms.Form):
    """The fields of one action. None is required here: the gate says what is missing, all at once."""

    mark_optional = False
    action = ""
    # Whether the gate has items that a supervisor may let pass.
    overridable = False
    # The gate's name → ours, where an item is answered by a field of another name.
    answered_by: dict[str, str] = {}

    version = version_field()
    override_reason = LineField(
        label=_("Reason for the override"),
        limit=REASON_LIMIT,
        required=False,
        help_text=_("What is missing is let pass. The reason stands in the history with your name."),
    )

    def __init__(self, data=None, *, complaint: Complaint, person: Person, at: datetime, may_override=False):
        self.complaint, self.person, self.at = complaint, person, at
        initial = {"version": complaint.version} | self.stored(complaint)
        super().__init__(data, initial=initial, auto_id=f"{self.action}_%s")
        if not (may_override and self.overridable):
            del self.fields["override_reason"]

    def stored(self, complaint: Complaint) -> dict:
        """What the complaint holds for these fields now."""
        return {}

    def show_when(self, name: str, choice: str, *values: str):
        """Let a script hide the field `name` until one of `values` is chosen for the field `choice`."""
        self.fields[name].shown_when = (choice, " ".join(values))

    def items(self) -> list[Item]:
        """What the step needs, in the order of the form."""
        return []

    def step_data(self) -> dict:
        """The cleaned values as lifecycle.perform() takes them; call after is_valid()."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def add_missing(self, missing: list[Missing]):
        """Say beside its field what the gate still asks for; what has no field here stands above the form."""
        for item in missing:
            name = self.answered_by.get(item.field, item.field)
            if name not in self.fields:
                self.add_error(None, item.message)
                continue
            # A gate often says no more than the label beside it.
            repeats = item.message == str(self.fields[name].label)
            self.add_error(name, _("This is still missing.") if repeats else item.message)

    def renew(self, complaint: Complaint):
        """Keep what was typed, but carry the version that the person sees now."""
        self.data = self.data.copy()
        self.data["version"] = complaint.version

    def typed_texts(self) -> list[tuple[str, str]]:
        """(label, text) of every text that was typed, to copy from when the form itself has no place any more."""
        texts = [(f.label, str(f.value() or "")) for f in self if isinstance(f.field, LineField)]
        return [(label, text) for label, text in texts if text.strip()]

    def held(self, complaint: Complaint) -> dict:
        """What the complaint holds for fields that do not start with it."""
        return {}

    def differences(self) -> list[Difference]:
        """Both versions of every field in which something is stored and something else was typed."""
        stored = self.initial | self.held(self.complaint)
        self.is_valid()
        found = []
        for bound in self:
            if bound.is_hidden or bound.name not in stored:
                continue
            typed = bound.data if isinstance(bound.field, forms.ChoiceField) else self._cleaned(bound)
            now, then = (self._words(bound, value) for value in (stored[bound.name], typed))
            if now and now != then:
                found.append(Difference(str(bound.label), now, then))
        return found

    def _cleaned(self, bound: BoundField):
        return self.cleaned_data.get(bound.name, bound.data)

    def _words(self, bound: BoundField, value) -> str:
        """A value of a field as people read it; "" for nothing."""
        field = bound.field
        if isinstance(field, forms.BooleanField):
            return str(_("Yes")) if value else ""
        if isinstance(field, forms.ChoiceField):
            chosen = str(field.prepare_value(value) or "")
            return str(dict(_flat(field.choices)).get(chosen, "")) if chosen else ""
        if isinstance(value, datetime):
            return date_words(value, self.at)
        return str(value or "")


def _flat(choices) -> list[tuple[str, str]]:
    """(value, label) of all choices, also of those in groups."""
    pairs: list[tuple[str, str]] = []
    for value, label in choices:
        inner = label if isinstance(label, (list, tuple)) else [(value, label)]
        pairs += [(str(key), words) for key, words in inner]
    return pairs
