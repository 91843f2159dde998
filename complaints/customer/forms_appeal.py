"""What a customer sends to have the result looked at again."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.customer.forms import PublicForm, SubmissionKeyField
from complaints.evidence.forms import EvidenceField
from complaints.models.appeal import GROUNDS_LIMIT, WANTED_LIMIT
from complaints.writing.form_fields import LineField, TextField
from ui.form_fields import field_of


class AppealForm(PublicForm):
    """Which points, and why; `points` are numbers of the case's points, 0 for something else."""

    points = forms.TypedMultipleChoiceField(
        label=_("Which points do you not agree with?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one point.")},
    )
    grounds = TextField(
        label=_("Why do you not agree?"),
        limit=GROUNDS_LIMIT,
        error_messages={"required": _("Write why you do not agree.")},
    )
    wanted = LineField(label=_("What would be right?"), limit=WANTED_LIMIT, required=False)
    files = EvidenceField(label=_("Anything new to show?"))  # type: ignore[assignment]  # a declared field is no attribute
    submission_key = SubmissionKeyField(initial=uuid.uuid4)

    def __init__(self, *args: Any, points: Iterable[tuple[int, str]] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = list(points)
        field_of(self, "points", forms.TypedMultipleChoiceField).choices = choices
        if len(choices) == 1:
            # There is nothing to choose.
            self.initial["points"] = [choices[0][0]]

    def renew_key(self):
        """Make the next submission another one; what was typed stays."""
        self.data = self.data.copy()
        self.data["submission_key"] = uuid.uuid4()
