from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _, ngettext, pgettext

from accounts.moments import MomentField
from complaints.case import followers, kinds
from complaints.case.this_round import of_this_round
from complaints.choices import Kind, ToldHow
from complaints.models import Complaint, RootCause
from complaints.models.message import BODY_LIMIT
from complaints.steps.forms_assignment import entries
from complaints.steps.forms_shared import Item, StepForm
from complaints.writing.form_fields import TextField, filled
from complaints.writing.long_choices import LabelledChoice
from ui.form_fields import field_of
from ui.form_rendering import SegmentedRadios

TOLD_HOW = [
    (ToldHow.MESSAGE, _("With the reply I write here")),
    (ToldHow.PHONE, _("By phone, I note it down")),
    (ToldHow.IN_PERSON, _("In person, I note it down")),
]
ADOPTED = [("yes", _("Adopted")), ("no", _("Not adopted"))]
TELLING = ("told_how", "reply", "told_at", "told_note")


class ResolveForm(StepForm):
    """A finding for every point, the cause, what was done, and that the customer was told; less of other kinds."""

    action = "resolve"
    overridable = True

    adopted = forms.TypedChoiceField(
        label=_("The suggestion is"),
        choices=ADOPTED,
        widget=SegmentedRadios,
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
    )
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
        label=_("What the customer was told"),
        limit=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The customer reads it on their link, word for word, and says there whether it is solved."),
    )
    others_told = TextField(limit=BODY_LIMIT, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.initial.get("cause")
        field_of(self, "cause", LabelledChoice).queryset = entries(RootCause, stored)
        asks_findings = kinds.asks(self.complaint, self.action, "finding_1")
        self.points = list(self.complaint.points.all()) if asks_findings else []
        for point in self.points:
            self.fields[f"finding_{point.number}"] = TextField(
                label=_("Finding for point %(number)d") % {"number": point.number},
                help_text=point.text,
                limit=5000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        self._ask_for_others()
        self.order_fields([*(f"finding_{point.number}" for point in self.points), *self.fields])
        self.leave_out_what_is_not_asked()
        if self.complaint.kind == Kind.SUGGESTION:
            self.fields["solution"].label = _("Because")
            self.fields["solution"].help_text = _("The customer reads this on their page, in their language.")
        self.is_told = kinds.is_to_be_told(self.complaint)
        if not self.is_told:
            for name in TELLING:
                del self.fields[name]
            return
        self.show_when("reply", "told_how", ToldHow.MESSAGE)
        self.show_when("told_at", "told_how", ToldHow.PHONE, ToldHow.IN_PERSON)
        self.show_when("told_note", "told_how", ToldHow.PHONE, ToldHow.IN_PERSON)

    def _ask_for_others(self) -> None:
        """Who complained of the same thing is told the result as well, each on their own link."""
        others = followers.of(self.complaint)
        if not others:
            del self.fields["others_told"]
            return
        field = self.fields["others_told"]
        label = ngettext("What the %(count)d other is told", "What the %(count)d others are told", len(others))
        field.label = label % {"count": len(others)}
        spoken = pgettext("list", ", ").join(sorted({other.get_language_display() for other in others}))
        field.help_text = gettext(
            "They complained of the same thing and read this on their own link, with the question whether it is "
            "solved. Write nothing of this customer: no name, no number, no sum that only they get. They read: "
            "%(languages)s."
        ) % {"languages": spoken}

    def stored(self, complaint: Complaint) -> dict[str, Any]:
        values: dict[str, Any] = {f"finding_{point.number}": point.finding for point in complaint.points.all()}
        result = of_this_round(complaint.resolutions, complaint)
        if result is not None:
            adopted = None if result.adopted is None else "yes" if result.adopted else "no"
            values |= {
                "adopted": adopted,
                "cause": result.cause_id,
                "solution": result.solution,
                "told_how": result.told_how,
                "others_told": result.others_told,
            }
            # A reply that was saved unsent waits where a note of a call would stand.
            note = "reply" if result.told_how == ToldHow.MESSAGE else "told_note"
            values |= {"told_at": result.told_at, note: result.told_note}
        return values

    def items(self) -> list[Item]:
        findings = [Item.of(f"finding_{point.number}") for point in self.points]
        told = [Item.of(*TELLING)] if self.is_told else []
        others = [Item.of("others_told")] if "others_told" in self.fields else []
        return self.asked_of([*findings, Item.of("adopted"), Item.of("cause"), Item.of("solution"), *told, *others])

    def clean_reply(self) -> str:
        return filled(self.cleaned_data["reply"])

    def clean_told_note(self) -> str:
        return filled(self.cleaned_data["told_note"])

    def clean_others_told(self) -> str:
        return filled(self.cleaned_data["others_told"])

    def step_data(self) -> dict[str, Any]:
        data = super().step_data()
        if data.get("told_how") == ToldHow.MESSAGE:
            # The moment of a message is the message's own.
            data |= {"told_note": data["reply"], "told_at": None}
        return data
