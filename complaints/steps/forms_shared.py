"""What the forms of all steps share: which fields answer which item of the gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.attached import Attached
from accounts.models import Person
from complaints.case import kinds
from complaints.errors import Missing
from complaints.models import Complaint
from complaints.writing.form_fields import LineField
from ui.wording import date_words

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


# On which choice for which field a script shows a field.
SHOWN_WHEN = Attached[tuple[str, str]]("shown_when")


def version_field() -> forms.IntegerField:
    """The version of the complaint that the page showed; hidden."""
    return forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=2**31 - 1,
        error_messages={"required": _("This page is out of date; look at it once more.")},
    )


def with_version(data: Mapping[str, Any], complaint: Complaint) -> Mapping[str, Any]:
    """What a form was sent, but with the version of the complaint as it is now."""
    renewed: dict[str, Any] | QueryDict = data.copy() if isinstance(data, QueryDict) else dict(data)
    # A number, as the form has it at first.
    renewed["version"] = complaint.version  # type: ignore[assignment]  # the stubs know texts only
    return renewed


class StepForm(forms.Form):
    """The fields of one action. None is required here: the gate says what is missing, all at once."""

    mark_optional = False
    action = ""
    # Above the form where it stands alone, if not the name of the step.
    heading: str | Promise = ""
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

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        complaint: Complaint,
        person: Person,
        at: datetime,
        may_override: bool = False,
    ) -> None:
        self.complaint, self.person, self.at = complaint, person, at
        initial = {"version": complaint.version} | self.stored(complaint)
        super().__init__(data, initial=initial, auto_id=f"{self.action}_%s")
        if not (may_override and self.overridable):
            del self.fields["override_reason"]

    def stored(self, complaint: Complaint) -> dict[str, Any]:
        """What the complaint holds for these fields now."""
        return {}

    def leave_out_what_is_not_asked(self) -> None:
        """Drop the fields that the step does not ask of a case of this kind (complaints.case.kinds)."""
        for name in [name for name in self.fields if not kinds.asks(self.complaint, self.action, name)]:
            del self.fields[name]

    def show_when(self, name: str, choice: str, *values: str) -> None:
        """Let a script hide the field `name` until one of `values` is chosen for the field `choice`."""
        if name in self.fields:
            SHOWN_WHEN.set(self.fields[name], (choice, " ".join(values)))

    def asked_of(self, items: list[Item]) -> list[Item]:
        """Those of the items that have a field here."""
        return [item for item in items if any(name in self.fields for name in item.fields)]

    def items(self) -> list[Item]:
        """What the step needs, in the order of the form."""
        return []

    def step_data(self) -> dict[str, Any]:
        """The cleaned values as lifecycle.perform() takes them; call after is_valid()."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def add_missing(self, missing: list[Missing]) -> None:
        """Say beside its field what the gate still asks for; what has no field here stands above the form."""
        for item in missing:
            name = self.answered_by.get(item.field, item.field)
            if name not in self.fields:
                self.add_error(None, item.message)
                continue
            # A gate often says no more than the label beside it.
            repeats = item.message == str(self.fields[name].label)
            self.add_error(name, _("This is still missing.") if repeats else item.message)

    def renew(self, complaint: Complaint) -> None:
        """Keep what was typed, but carry the version that the person sees now."""
        self.data = with_version(self.data, complaint)

    def typed_texts(self) -> list[tuple[str, str]]:
        """(label, text) of every text that was typed, to copy from when the form itself has no place any more."""
        texts = [(f.label, str(f.value() or "")) for f in self if isinstance(f.field, LineField)]
        return [(str(label), text) for label, text in texts if text.strip()]

    def held(self, complaint: Complaint) -> dict[str, Any]:
        """What the complaint holds for fields that do not start with it."""
        return {}

    def differences(self) -> list[Difference]:
        """Both versions of every field in which something is stored and something else was typed."""
        stored = {**self.initial, **self.held(self.complaint)}
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

    def _cleaned(self, bound: BoundField) -> Any:
        return self.cleaned_data.get(bound.name, bound.value())

    def _words(self, bound: BoundField, value: Any) -> str:
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


def _flat(choices: Any) -> list[tuple[str, str]]:
    """(value, label) of all choices, also of those in groups."""
    pairs: list[tuple[str, str]] = []
    for value, label in choices:
        inner = label if isinstance(label, (list, tuple)) else [(value, label)]
        pairs += [(str(key), words) for key, words in inner]
    return pairs
