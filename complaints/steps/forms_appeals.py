"""The forms of an appeal for staff: taken down as the customer says it, and decided point by point."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from complaints.choices import Channel
from complaints.errors import Missing
from complaints.models import Appeal, AppealPoint, Complaint, OutsideHelp
from complaints.models.appeal import GROUNDS_LIMIT, REASON_LIMIT, WANTED_LIMIT
from complaints.steps.appeals import TAKEN_ON, Answer
from complaints.steps.forms_assignment import AssigneeField
from complaints.writing.form_fields import LineField, TextField, filled
from ui.form_fields import field_of
from ui.form_rendering import SegmentedRadios

RIGHT, STAYS = "right", "stays"
VERDICTS = [(RIGHT, gettext_lazy("The customer is right")), (STAYS, gettext_lazy("It stays as it is"))]


class TakeAppealForm(forms.Form):
    """What the customer does not agree with, as they say it on any channel."""

    mark_optional = False

    channel = forms.ChoiceField(
        label=gettext_lazy("How it reached us"),
        choices=[(channel, channel.label) for channel in TAKEN_ON],
        initial=Channel.PHONE,
    )
    points = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Which points the customer does not agree with"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one point.")},
    )
    grounds = TextField(
        label=gettext_lazy("Why, in the customer’s words"),
        limit=GROUNDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Write why the customer does not agree.")},
    )
    wanted = LineField(label=gettext_lazy("What would be right for the customer"), limit=WANTED_LIMIT, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, points: Iterable[tuple[int, str]]) -> None:
        super().__init__(data, auto_id="appeal_%s")
        choices = list(points)
        field_of(self, "points", forms.TypedMultipleChoiceField).choices = choices
        if len(choices) == 1:
            self.initial["points"] = [choices[0][0]]


class DecideAppealForm(forms.Form):
    """A verdict and a reason for every point; who works on what is upheld; whom else the customer can turn to."""

    mark_optional = False

    assignee = AssigneeField(
        label=gettext_lazy("Who works on it now, where the customer is right"),
        required=False,
        help_text=gettext_lazy("Somebody else than whoever had it, and not you."),
    )
    outside = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Help from outside that the customer is told of"),
        queryset=OutsideHelp.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, appeal: Appeal, complaint: Complaint, barred: Iterable[int]
    ) -> None:
        super().__init__(data, auto_id="decide_%s")
        self.points: list[AppealPoint] = list(appeal.points.all())
        field_of(self, "assignee", AssigneeField).offer(complaint, but=frozenset(barred))
        outside = field_of(self, "outside", forms.ModelMultipleChoiceField)
        outside.queryset = OutsideHelp.objects.filter(active=True)
        self.initial["outside"] = [help_there.pk for help_there in outside.queryset]
        for point in self.points:
            self.fields[f"upheld_{point.number}"] = forms.ChoiceField(
                label=_("Decision on point %(number)d") % {"number": point.number} if point.number else _("Decision"),
                choices=VERDICTS,
                widget=SegmentedRadios,
                required=False,
            )
            self.fields[f"reason_{point.number}"] = TextField(
                label=_("Why, in words for the customer"),
                limit=REASON_LIMIT,
                widget=forms.Textarea(attrs={"rows": 3}),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse holes of templates where they stand."""
        for point in self.points:
            name = f"reason_{point.number}"
            try:
                filled(self.cleaned_data.get(name, ""))
            except ValidationError as refused:
                self.add_error(name, refused)
        return self.cleaned_data

    def by_point(self) -> list[dict[str, Any]]:
        """Each point with its two fields, for the page."""
        return [
            {"point": point, "upheld": self[f"upheld_{point.number}"], "reason": self[f"reason_{point.number}"]}
            for point in self.points
        ]

    def answers(self) -> dict[int, Answer]:
        """What appeals.decide() takes; call after is_valid()."""
        return {point.number: self._answer(point.number) for point in self.points}

    def _answer(self, number: int) -> Answer:
        verdict = self.cleaned_data[f"upheld_{number}"]
        return Answer(verdict == RIGHT if verdict else None, self.cleaned_data[f"reason_{number}"])

    def add_missing(self, missing: Iterable[Missing]) -> None:
        """Say beside its field what is still asked for; who is chosen wrongly stands at that choice."""
        for item in missing:
            name = "assignee" if item.field in ("handler", "team") else item.field
            self.add_error(name if name in self.fields else None, item.message)
