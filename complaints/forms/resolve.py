from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.choices import ToldHow
from complaints.forms.assign import LabelledChoice, entries
from complaints.forms.fields import TextField
from complaints.forms.moments import MomentField
from complaints.forms.step import Item, StepForm
from complaints.gates import of_this_round
from complaints.models import RootCause
from complaints.models.message import BODY_LIMIT
from complaints.replies import Unfilled, refuse_unfilled

TOLD_HOW = [
    (ToldHow.MESSAGE, _("With the reply I write here")),
    (ToldHow.PHONE, _("By phone, I note it down")),
    (ToldHow.IN_PERSON, _("In person, I note it down")),
]
TELLING = ("told_how", "reply", "told_at", "told_note")


class ResolveForm(StepForm):
    """A finding for every point, the cause, what was done, and that the customer was told."""

    action = "resolve"
    overridable = True

    cause = LabelledChoice(label=_("Root cause"), queryset=None, required=False, empty_label=_("Choose…"))
    solution = TextField(
        label=_("What was done"), limit=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    told_how = forms.ChoiceField(
        label=_("The customer is told the result"), choices=TOLD_HOW, widget=forms.RadioSelect, required=False
    )
    reply = TextField(
        label=_("Reply to the customer"),
        limit=BODY_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("It is sent when you finish this step. Leave it empty if an earlier message told the result."),
    )
    told_at = MomentField(label=_("When"), required=False, help_text=_("Empty: now."))
    told_note = TextField(
        label=_("What was said"), limit=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stored = self.initial.get("cause")
        self.fields["cause"].queryset = entries(RootCause, stored)
        self.points = list(self.complaint.points.all())
        for point in self.points:
            self.fields[f"finding_{point.number}"] = TextField(
                label=_("Finding for point %(number)d") % {"number": point.number},
                help_text=point.text,
                limit=5000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        self.order_fields([*(f"finding_{point.number}" for point in self.points), *self.fields])
        if self.complaint.wishes_no_contact:
            for name in TELLING:
                del self.fields[name]
            return
        self.show_when("reply", "told_how", ToldHow.MESSAGE)
        self.show_when("told_at", "told_how", ToldHow.PHONE, ToldHow.IN_PERSON)
        self.show_when("told_note", "told_how", ToldHow.PHONE, ToldHow.IN_PERSON)

    def stored(self, complaint):
        values = {f"finding_{point.number}": point.finding for point in complaint.points.all()}
        result = of_this_round(complaint.resolutions, complaint)
        if result is not None:
            values |= {"cause": result.cause_id, "solution": result.solution, "told_how": result.told_how}
            # A reply that was saved unsent waits where a note of a call would stand.
            note = "reply" if result.told_how == ToldHow.MESSAGE else "told_note"
            values |= {"told_at": result.told_at, note: result.told_note}
        return values

    def items(self):
        findings = [Item.of(f"finding_{point.number}") for point in self.points]
        told = [] if self.complaint.wishes_no_contact else [Item.of(*TELLING)]
        return [*findings, Item.of("cause"), Item.of("solution"), *told]

    def clean_reply(self):
        reply = self.cleaned_data["reply"]
        try:
            refuse_unfilled(reply)
        except Unfilled as refused:
            raise forms.ValidationError(str(refused)) from refused
        return reply

    def step_data(self):
        data = super().step_data()
        if data.get("told_how") == ToldHow.MESSAGE:
            # The moment of a message is the message's own.
            data |= {"told_note": data["reply"], "told_at": None}
        return data
