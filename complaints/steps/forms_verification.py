from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import teams_to_log_for
from accounts.moments import MomentField
from complaints.case import kinds
from complaints.choices import ConfirmedHow, Kind
from complaints.models import Complaint
from complaints.steps.forms_shared import Item, StepForm
from complaints.steps.verification import CASE_FIELDS, CHECK_FIELDS
from complaints.writing.form_fields import LineField, TextField
from complaints.writing.long_choices import SiteChoice
from complaints.writing.moments import refuse_future
from ui.form_fields import field_of


class VerifyForm(StepForm):
    """Make sure that we understood: who, when, where, what was tried, what is wanted, in our words."""

    action = "verify"
    overridable = True

    identity_confirmed = forms.BooleanField(label=_("Identity and contact are confirmed"), required=False)
    identity_reason = LineField(label=_("Why they could not be confirmed"), limit=300, required=False)
    occurred_at = MomentField(label=_("When it happened"), required=False)
    site = SiteChoice(label=_("Site"), queryset=None, required=False, empty_label=_("No site of ours"))
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "site", SiteChoice).queryset = (
            teams_to_log_for(self.person).select_related("parent").in_tree_order()
        )
        self.leave_out_what_is_not_asked()
        if self.complaint.kind == Kind.SUGGESTION:
            self.fields["restatement"].label = _("The suggestion in our words")
        elif self.complaint.kind == Kind.LATENT:
            self.fields["restatement"].label = _("What happened")
        if not kinds.asks(self.complaint, "resolve", "finding_1"):
            self.fields["restatement"].help_text = _("One point a line.")
        self.show_when("not_confirmed_reason", "confirmed_how", ConfirmedHow.NOT)

    def stored(self, complaint: Complaint) -> dict[str, Any]:
        values = {name: getattr(complaint, name) for name in CASE_FIELDS}
        check = getattr(complaint, "verification", None)
        if check is not None:
            values |= {name: getattr(check, name) for name in CHECK_FIELDS}
        return values

    def items(self) -> list[Item]:
        items = [
            Item.of("identity_confirmed", "identity_reason"),
            Item.of("occurred_at"),
            Item.of("place", "site"),
            Item.of("evidence_asked"),
            Item.of("tried_already"),
            Item.of("desired_outcome"),
            Item.of("restatement"),
            Item.of("confirmed_how", "not_confirmed_reason"),
        ]
        return self.asked_of(items)

    def clean_occurred_at(self) -> datetime | None:
        return refuse_future(self.cleaned_data["occurred_at"], self.at)
