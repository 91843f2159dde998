from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.form_rendering import Scale, SegmentedRadios
from accounts.models import Role
from complaints.choices import Channel, Outcome
from complaints.forms.assign import LabelledChoice, entries
from complaints.forms.fields import LineField, TextField
from complaints.forms.step import REASON_LIMIT, Item, StepForm
from complaints.gates import of_this_round
from complaints.models import Complaint, RootCause
from complaints.visibility import roles_on

YES_NO = [("yes", _("Yes, solved")), ("no", _("No"))]
SATISFACTION = [
    (1, _("Not at all")),
    (2, _("Not very")),
    (3, _("So-so")),
    (4, _("Quite")),
    (5, _("Very")),
]
ASKED_BY = [Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER]
REOPENED_BECAUSE = [
    ("still_a_problem", _("The customer says that it is still a problem")),
    ("appeal", _("An appeal is upheld")),
]
CLOSED_EARLY = [Outcome.WITHDRAWN, Outcome.DUPLICATE, Outcome.INVALID]


def reason_field(label: str, **kwargs) -> TextField:
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

    def items(self):
        return [Item(("solved",), ("solved", "rating", "words", "channel"))]


class ReworkForm(StepForm):
    """The customer is not satisfied: another round."""

    action = "rework"
    reason = reason_field(_("What has to be done differently"), required=False)

    def items(self):
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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        complaint = self.complaint
        result = of_this_round(complaint.resolutions, complaint)
        if result is not None and result.cause_id is not None:
            del self.fields["cause"]
        else:
            self.fields["cause"].queryset = entries(RootCause, None)
        feedback = of_this_round(complaint.feedback, complaint)
        satisfied = feedback is not None and feedback.is_satisfied
        window_over = complaint.reopen_until is not None and self.at >= complaint.reopen_until
        if satisfied or window_over or Role.SUPERVISOR not in roles_on(self.person, complaint):
            del self.fields["exception_reason"]

    def stored(self, complaint):
        return {"responsibility": complaint.responsibility, "lesson": complaint.lesson}

    def items(self):
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
    reason = reason_field(_("Reason"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        proposed_by = self.complaint.invalid_proposed_by_id
        by_somebody_else = proposed_by is not None and proposed_by != self.person.pk
        self.fields["outcome"].choices = [
            (outcome, outcome.label) for outcome in CLOSED_EARLY if outcome != Outcome.INVALID or by_somebody_else
        ]
        self.show_when("duplicate_of", "outcome", Outcome.DUPLICATE)

    def clean_duplicate_of(self):
        """Return the original. One that the person may not see is answered like one that does not exist."""
        reference = self.cleaned_data["duplicate_of"].upper()
        if not reference or self.data.get("outcome") != Outcome.DUPLICATE:
            return None
        if reference == self.complaint.reference:
            raise ValidationError(_("This is the complaint itself."))
        original = Complaint.objects.visible_to(self.person).filter(reference=reference).first()
        if original is None:
            raise ValidationError(_("You see no complaint with this reference."))
        return original


class ReopenForm(StepForm):
    """Still a problem, or an appeal upheld by somebody who never worked on it."""

    action = "reopen"

    basis = forms.ChoiceField(
        label=_("Why it is opened again"),
        choices=REOPENED_BECAUSE,
        initial="still_a_problem",
        widget=forms.RadioSelect,
        required=False,
    )
    reason = reason_field(_("What is still a problem"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if Role.REVIEWER not in roles_on(self.person, self.complaint):
            del self.fields["basis"]


class ProposeInvalidForm(forms.Form):
    """Somebody thinks that this is no complaint; a second person has to agree."""

    mark_optional = False
    reason = LineField(label=_("Why it is not a complaint"), limit=REASON_LIMIT)

    def __init__(self, data=None):
        super().__init__(data, auto_id="invalid_%s")
