from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from complaints.case import followers, kinds
from complaints.case.this_round import of_this_round
from complaints.choices import Channel, Outcome
from complaints.models import Complaint, RootCause
from complaints.models.message import BODY_LIMIT
from complaints.steps.forms_assignment import entries
from complaints.steps.forms_shared import REASON_LIMIT, Item, StepForm
from complaints.visibility import roles_on
from complaints.writing.form_fields import LineField, TextField, filled
from complaints.writing.long_choices import LabelledChoice
from ui.form_fields import field_of
from ui.form_rendering import Scale, SegmentedRadios

YES_NO = [("yes", _("Yes, solved")), ("no", _("No"))]
SATISFACTION = [
    (1, _("Not at all")),
    (2, _("Not very")),
    (3, _("So-so")),
    (4, _("Quite")),
    (5, _("Very")),
]
ASKED_BY = [Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER]
# For a field whose words the desk sends to the customer.
READ_BY_CUSTOMER = _("The customer reads it, in a message and on their link: write it in words for them.")
CLOSED_EARLY = [Outcome.WITHDRAWN, Outcome.DUPLICATE, Outcome.INVALID]


def reason_field(label: str | Promise, **kwargs: Any) -> TextField:
    return TextField(label=label, limit=2000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class FeedbackForm(StepForm):
    """What the customer says of the result, noted by somebody who asked."""

    action = "record_feedback"

    solved = forms.TypedChoiceField(
        label=_("Is the problem solved?"),
        choices=YES_NO,
        widget=SegmentedRadios,
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
    )
    rating = forms.TypedChoiceField(
        label=_("How satisfied is the customer?"),
        choices=SATISFACTION,
        widget=Scale,
        coerce=int,
        empty_value=None,
        required=False,
    )
    words = reason_field(_("In the customer’s words"), required=False)
    channel = forms.ChoiceField(
        label=_("How we heard it"), choices=[(c, c.label) for c in ASKED_BY], initial=Channel.PHONE, required=False
    )

    def items(self) -> list[Item]:
        return [Item(("solved",), ("solved", "rating", "words", "channel"))]


class ReworkForm(StepForm):
    """The customer is not satisfied: another round."""

    action = "rework"
    reason = reason_field(_("What has to be done differently"), required=False)

    def items(self) -> list[Item]:
        return [Item.of("reason", always=True)]


class ArchiveForm(StepForm):
    """Closed, with its lesson. The cause is asked for only where the result has none."""

    action = "archive"
    overridable = True

    cause = LabelledChoice(label=_("Root cause"), queryset=None, required=False, empty_label=_("Choose…"))
    responsibility = reason_field(
        _("Who answers for it inside"), required=False, help_text=_("Customers never see this.")
    )
    lesson = reason_field(_("Lesson: what stops it happening again"), required=False)
    exception_reason = reason_field(_("Why it is archived although the customer is not satisfied"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        complaint = self.complaint
        result = of_this_round(complaint.resolutions, complaint)
        if result is not None and result.cause_id is not None:
            del self.fields["cause"]
        else:
            field_of(self, "cause", LabelledChoice).queryset = entries(RootCause, None)
        self.leave_out_what_is_not_asked()
        feedback = of_this_round(complaint.feedback, complaint)
        satisfied = feedback is not None and feedback.is_satisfied
        window_over = complaint.reopen_until is not None and self.at >= complaint.reopen_until
        asked = kinds.knows_of_it(complaint)
        if satisfied or window_over or not asked or Role.SUPERVISOR not in roles_on(self.person, complaint):
            del self.fields["exception_reason"]

    def stored(self, complaint: Complaint) -> dict[str, Any]:
        return {"responsibility": complaint.responsibility, "lesson": complaint.lesson}

    def items(self) -> list[Item]:
        names = ["cause", "responsibility", "lesson", "exception_reason"]
        return [Item.of(name) for name in names if name in self.fields]


class CloseEarlyForm(StepForm):
    """Withdrawn, a duplicate, or not a complaint; the last only after somebody else proposed it."""

    action = "close_early"

    outcome = forms.ChoiceField(label=_("How it ends"), widget=forms.RadioSelect, required=False)
    duplicate_of = LineField(
        label=_("Reference of the original complaint"),
        limit=20,
        required=False,
        help_text=_("For a duplicate. The customer’s link keeps working."),
    )
    others_told = TextField(
        label=_("What this customer is told of the result"),
        limit=BODY_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Only where the original has its result already and is somebody else’s. They read it on their own link."
        ),
    )
    reason = reason_field(_("Reason"), required=False, help_text=READ_BY_CUSTOMER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposed_by = self.complaint.invalid_proposed_by_id
        by_somebody_else = proposed_by is not None and proposed_by != self.person.pk
        field_of(self, "outcome", forms.ChoiceField).choices = [
            (outcome, outcome.label) for outcome in CLOSED_EARLY if outcome != Outcome.INVALID or by_somebody_else
        ]
        self.show_when("duplicate_of", "outcome", Outcome.DUPLICATE)
        self.show_when("others_told", "outcome", Outcome.DUPLICATE)

    def clean_reason(self) -> str:
        return filled(self.cleaned_data["reason"])

    def clean_others_told(self) -> str:
        return filled(self.cleaned_data["others_told"])

    def clean_duplicate_of(self) -> Complaint | None:
        """Return the original. One that the person may not see is answered like one that does not exist."""
        reference = self.cleaned_data["duplicate_of"].upper()
        if not reference or self.data.get("outcome") != Outcome.DUPLICATE:
            return None
        if reference == self.complaint.reference:
            raise ValidationError(_("This is the complaint itself."))
        original: Complaint | None = Complaint.objects.visible_to(self.person).filter(reference=reference).first()
        if original is None:
            raise ValidationError(_("You see no complaint with this reference."))
        return original


class ReopenForm(StepForm):
    """Still a problem; or no duplicate after all."""

    action = "reopen"

    reason = reason_field(_("What is still a problem"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_duplicate = followers.is_duplicate(self.complaint)
        if self.is_duplicate:
            self.heading = _("No duplicate after all")
            self.fields["reason"].label = _("Why it is no duplicate after all")
            self.fields["reason"].help_text = _(
                "It is worked on by itself again, with a clock of its own. The customer is told so and by when, "
                "not this reason."
            )

    def step_data(self) -> dict[str, Any]:
        data = super().step_data()
        return data | {"basis": "not_duplicate"} if self.is_duplicate else data


class ProposeInvalidForm(forms.Form):
    """Somebody thinks that this is no complaint; a second person has to agree."""

    mark_optional = False
    reason = LineField(
        label=_("Why it is not a complaint"),
        limit=REASON_LIMIT,
        help_text=_("For us. Whoever closes it writes the reason for the customer."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="invalid_%s")
