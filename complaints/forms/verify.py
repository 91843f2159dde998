from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import teams_to_log_for
from complaints.choices import ConfirmedHow
from complaints.forms.fields import LineField, TextField
from complaints.forms.moments import MomentField, refuse_future
from complaints.forms.step import Item, StepForm
from complaints.verification import CASE_FIELDS, CHECK_FIELDS


class VerifyForm(StepForm):
    """Make sure that we understood: who, when, where, what was tried, what is wanted, in our words."""

    action = "verify"
    overridable = True

    identity_confirmed = forms.BooleanField(label=_("Identity and contact are confirmed"), required=False)
    identity_reason = LineField(label=_("Why they could not be confirmed"), limit=300, required=False)
    occurred_at = MomentField(label=_("When it happened"), required=False)
    site = forms.ModelChoiceField(label=_("Site"), queryset=None, required=False, empty_label=_("No site of ours"))
    place = LineField(label=_("Where exactly"), limit=200, required=False)
    evidence_asked = forms.BooleanField(
        label=_("The customer was asked for evidence"),
        required=False,
        help_text=_("Photos, videos, receipts. None to be had is an answer too."),
    )
    tried_already = TextField(
        label=_("What the customer tried already, and what came of it"),
        limit=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    desired_outcome = LineField(label=_("What the customer wants"), limit=500, required=False)
    restatement = TextField(
        label=_("The problem in our words"),
        limit=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One point a line. Each point gets a finding later."),
    )
    confirmed_how = forms.ChoiceField(
        label=_("The customer confirms our words"),
        choices=ConfirmedHow.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    not_confirmed_reason = LineField(label=_("Why it could not be confirmed"), limit=300, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = teams_to_log_for(self.person)
        self.show_when("not_confirmed_reason", "confirmed_how", ConfirmedHow.NOT)

    def stored(self, complaint):
        values = {name: getattr(complaint, name) for name in CASE_FIELDS}
        check = getattr(complaint, "verification", None)
        if check is not None:
            values |= {name: getattr(check, name) for name in CHECK_FIELDS}
        return values

    def items(self):
        return [
            Item.of("identity_confirmed", "identity_reason"),
            Item.of("occurred_at"),
            Item.of("place", "site"),
            Item.of("evidence_asked"),
            Item.of("tried_already"),
            Item.of("desired_outcome"),
            Item.of("restatement"),
            Item.of("confirmed_how", "not_confirmed_reason"),
        ]

    def clean_occurred_at(self):
        return refuse_future(self.cleaned_data["occurred_at"], self.at)
