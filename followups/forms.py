"""Forms of promises, escalations and calls. Moments are typed in the time zone of the person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_rendering import ChoiceCards, Scale
from complaints.forms.fields import LineField, TextField
from complaints.forms.moments import MomentField
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


class EscalateForm(forms.Form):
    """Staff ask a supervisor for help, and say what they tried first ("经常向主管求助")."""

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
