"""Forms of promises. Moments are typed in the time zone of the person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.moments import MomentField
from complaints.writing.form_fields import LineField
from followups.models.promise import PromiseKind

# What staff promise of their own accord; the others come from policies and steps.
KINDS_TO_MAKE = (PromiseKind.REPLY, PromiseKind.VISIT, PromiseKind.CALLBACK, PromiseKind.CORRECTIVE)
WORDS_LIMIT, REASON_LIMIT = 300, 300


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
    reason = LineField(label=_("Why it is withdrawn"), limit=REASON_LIMIT, help_text=_("The customer is told this."))
