"""Forms with which supervisors are asked for help, sign, and change who works, where and when."""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.moments import MomentField
from complaints.models import Complaint
from complaints.steps.forms_assignment import AssigneeField
from complaints.writing.form_fields import LineField
from followups.escalation.escalations import BY_HAND
from followups.models import Promise
from followups.promises.forms import REASON_LIMIT, WORDS_LIMIT
from ui.form_fields import field_of
from ui.wording import date_words

NOTE_LIMIT = 500


class SignForm(forms.Form):
    note = LineField(label=_("What you do about it"), limit=NOTE_LIMIT, required=False)


class ChangePersonForm(forms.Form):
    """Somebody else takes over ("换人")."""

    # The names that the gate of reassigning uses.
    answered_by = {"team": "assignee", "handler": "assignee"}

    assignee = AssigneeField(label=_("Who works on it from now on"))
    reason = LineField(label=_("Why it changes hands"), limit=REASON_LIMIT)

    def __init__(self, *args, complaint: Complaint, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "assignee", AssigneeField).offer(complaint)


class ChangePlaceForm(forms.Form):
    """They meet somewhere else ("换地点")."""

    words = LineField(
        label=_("Where you meet, and who comes"),
        limit=WORDS_LIMIT,
        help_text=_("As you told the customer, for example: the station manager visits you at home."),
    )
    due_at = MomentField(label=_("By when"))


class ChangeTimeForm(forms.Form):
    """Another time is agreed ("换时间")."""

    NEW = "new"

    promise = forms.ChoiceField(
        label=_("What gets another time"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what gets another time."),
            "invalid_choice": _("It is due already, so it cannot be moved any more. Promise a new date."),
        },
    )
    due_at = MomentField(label=_("New date"))
    words = LineField(label=_("What you agreed"), limit=REASON_LIMIT, help_text=_("The customer is told this."))

    def __init__(self, *args, promises: Iterable[Promise], at: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        due = _("%(promise)s, due %(due)s")
        named = [(str(p.pk), due % {"promise": p.label, "due": date_words(p.due_at, at)}) for p in promises]
        choices = [*named, (self.NEW, _("A new appointment"))]
        promise = field_of(self, "promise", forms.ChoiceField)
        promise.choices, promise.initial = choices, choices[0][0]

    def clean_promise(self) -> int | None:
        """The id of the promise that is moved; None for a new appointment."""
        chosen = self.cleaned_data["promise"]
        return None if chosen == self.NEW else int(chosen)


class EscalateForm(forms.Form):
    """Staff ask a supervisor for help, and say what they tried first ("经常向主管求助")."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in BY_HAND],
        initial=BY_HAND[0].value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason")},
    )
    note = LineField(
        label=_("Why a supervisor should look at it"), limit=NOTE_LIMIT, widget=forms.Textarea(attrs={"rows": 2})
    )
    tried = LineField(label=_("What was tried already"), limit=NOTE_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))


class VerifierForm(forms.Form):
    """Who makes sure with the customer that we understood."""

    verifier = forms.ChoiceField(
        label=_("Verified by"),
        error_messages={"required": _("Choose who verifies it."), "invalid_choice": _("Choose somebody of the list.")},
    )

    def __init__(self, *args, people: Iterable[Person], **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        choices = [("", _("Choose…")), *((pk, p.label) for pk, p in self.people.items())]
        field_of(self, "verifier", forms.ChoiceField).choices = choices

    def clean_verifier(self) -> Person:
        return self.people[self.cleaned_data["verifier"]]


class SignAndNameForm(SignForm):
    """Sign for it and, where it is not verified yet, say who verifies it: one form of the board."""

    verifier = forms.ChoiceField(label=_("Verified by"), required=False)

    def __init__(self, *args, people: Iterable[Person], **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        choices = [("", _("Choose…")), *((pk, p.label) for pk, p in self.people.items())]
        field_of(self, "verifier", forms.ChoiceField).choices = choices

    def clean_verifier(self) -> Person | None:
        return self.people.get(self.cleaned_data["verifier"])
