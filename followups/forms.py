"""Forms of promises, escalations and calls. Moments are typed in the time zone of the person."""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_rendering import ChoiceCards, Scale
from accounts.wording import date_words
from complaints.forms.assign import AssigneeField
from complaints.forms.fields import LineField, TextField
from complaints.forms.moments import MomentField
from complaints.models import Complaint
from followups.escalations import BY_HAND
from followups.models import Promise
from followups.models.promise import PromiseKind

# What staff promise of their own accord; the others come from policies and steps.
KINDS_TO_MAKE = (PromiseKind.REPLY, PromiseKind.VISIT, PromiseKind.CALLBACK, PromiseKind.CORRECTIVE)
WORDS_LIMIT, REASON_LIMIT, NOTE_LIMIT, ANSWER_LIMIT = 300, 300, 500, 5_000


class PromiseForm(forms.Form):
    """A promise of one's own ("technician comes Tuesday 10:00")."""

    kind = forms.ChoiceField(label=_("Promise"), choices=[(kind.value, kind.label) for kind in KINDS_TO_MAKE])
    words = LineField(
        label=_("What we promise"),
        limit=WORDS_LIMIT,
        help_text=_("As you told the customer, for example: the technician comes and changes the seal."),
    )
    due_at = MomentField(label=_("By when"))
    to_customer = forms.BooleanField(
        label=_("Promised to the customer"),
        help_text=_("If it breaks, the customer is told so, honestly."),
        required=False,
        initial=True,
    )


class MoveForm(forms.Form):
    """A promise moved before it is due, with a reason that the customer is told."""

    due_at = MomentField(label=_("New date"))
    reason = LineField(label=_("Why it is moved"), limit=REASON_LIMIT, help_text=_("The customer is told this."))


class WithdrawForm(forms.Form):
    reason = LineField(label=_("Why it is withdrawn"), limit=REASON_LIMIT)


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
        self.fields["assignee"].offer(complaint)


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
        self.fields["promise"].choices = [*named, (self.NEW, _("A new appointment"))]
        self.fields["promise"].initial = self.fields["promise"].choices[0][0]

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


class AnswerForm(forms.Form):
    """What the customer answers when reached by phone; the script is read out from the labels."""

    YES, NO = "yes", "no"

    solved = forms.ChoiceField(
        label=_("“Is the problem solved?”"),
        choices=[(YES, _("Solved")), (NO, _("Not solved"))],
        widget=ChoiceCards,
        error_messages={"required": _("Ask whether the problem is solved.")},
    )
    rating = forms.TypedChoiceField(
        label=_("“How satisfied are you, from 1 to 5?”"),
        choices=[(1, _("not at all")), (2, ""), (3, ""), (4, ""), (5, _("very"))],
        widget=Scale,
        coerce=int,
        empty_value=None,
        required=False,
    )
    words = TextField(
        label=_("“Is there anything else?”"),
        limit=ANSWER_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Their words")}),
    )

    def clean_solved(self) -> bool:
        return self.cleaned_data["solved"] == self.YES


class NotReachedForm(forms.Form):
    """One tap: nobody answered, the number is wrong, or the customer does not want to talk."""

    outcome = forms.ChoiceField(choices=[("no_answer", ""), ("wrong_number", ""), ("refused", "")])
