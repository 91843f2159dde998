"""Forms of calls: what the customer answered, why they were not reached, how they were told."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.choices import Kind
from complaints.writing.form_fields import LineField, TextField
from followups.models import Telling
from ui.form_fields import field_of
from ui.form_rendering import ChoiceCards, Scale, SegmentedRadios

ANSWER_LIMIT = 5_000
MOST_LETTERS = 100


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

    def __init__(self, *args: Any, kind: str = Kind.COMPLAINT, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == Kind.SUGGESTION:
            solved = field_of(self, "solved", forms.ChoiceField)
            solved.label = _("“Does our answer settle it for you?”")
            solved.choices = [(self.YES, _("Yes")), (self.NO, _("No"))]

    def clean_solved(self) -> bool:
        return str(self.cleaned_data["solved"]) == self.YES


class NotReachedForm(forms.Form):
    """One tap: nobody answered, the number is wrong, or the customer does not want to talk."""

    mark_optional = False

    outcome = forms.ChoiceField(choices=[("no_answer", ""), ("wrong_number", ""), ("refused", "")])
    # After a wrong number: another one, or that there is none.
    phone = LineField(
        label=_("Another number"),
        limit=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    no_other = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """What callbacks.record_attempt() takes."""
        super().clean()
        data = self.cleaned_data
        if data.pop("no_other", False):
            data["phone"] = ""
        elif not data.get("phone"):
            data["phone"] = None
        return data


class LettersForm(forms.Form):
    """Which letters: of each the ids of the notices in it, as the page showed them ("12-15")."""

    letter = forms.MultipleChoiceField(
        label=_("Letters"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the letters"), "invalid_choice": _("Tick the letters")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whatever was on the page: what of it still stands is asked under the lock.
        sent = self.data.getlist("letter") if hasattr(self.data, "getlist") else []
        known = [value for value in sent[:MOST_LETTERS] if re.fullmatch(r"[0-9]{1,12}(-[0-9]{1,12}){0,99}", value)]
        field_of(self, "letter", forms.MultipleChoiceField).choices = [(value, "") for value in known]

    def notice_ids(self) -> list[list[int]]:
        """The notices of each letter that was ticked; call it when the form is valid."""
        return [[int(pk) for pk in value.split("-")] for value in self.cleaned_data["letter"]]


class PostedForm(LettersForm):
    """Which letters were posted, and on which day."""

    on = forms.DateField(
        label=_("Posted on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Say on which day they were posted")},
    )


class SaidForm(forms.Form):
    """What was said to a customer, how, and what they answered."""

    said = forms.TypedMultipleChoiceField(
        label=_("What you said"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what you said")},
    )
    way = forms.ChoiceField(
        label=_("How"),
        choices=[
            (Telling.Way.PHONE, _("By phone")),
            (Telling.Way.IN_PERSON, _("In person")),
            (Telling.Way.LETTER, _("By letter")),
        ],
        initial=Telling.Way.PHONE,
        widget=SegmentedRadios,
        error_messages={"required": _("Choose how the customer was told")},
    )
    words = TextField(
        label=_("What the customer answers"),
        limit=ANSWER_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Their words")}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whatever was on the page: what of it still stands is asked under the lock.
        sent = self.data.getlist("said") if hasattr(self.data, "getlist") else []
        self.offer([(pk, "") for pk in sent if pk.isascii() and pk.isdigit() and len(pk) < 12])

    def offer(self, choices: list[tuple[int, str]]) -> None:
        """What can be ticked now."""
        field_of(self, "said", forms.TypedMultipleChoiceField).choices = choices
