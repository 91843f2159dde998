"""What poster: of which site or region, on which paper, in which language."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Team
from followups.models import PosterRun
from followups.posters import posters
from ui.form_fields import field_of
from ui.form_rendering import SegmentedRadios


class PosterForm(forms.Form):
    """One site, or all of a region."""

    mark_optional = False

    team = forms.ModelChoiceField(
        label=_("Site or region"),
        help_text=_("A region is one file with a page for each open site under it."),
        queryset=Team.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose a site or a region")},
    )
    paper = forms.ChoiceField(
        label=_("Paper"),
        choices=PosterRun.Paper.choices,
        initial=PosterRun.Paper.A4,
        widget=SegmentedRadios,
        error_messages={"required": _("Choose the paper")},
    )
    languages = forms.ChoiceField(
        label=_("Language"),
        choices=PosterRun.Languages.choices,
        initial=PosterRun.Languages.BOTH,
        widget=SegmentedRadios,
        error_messages={"required": _("Choose the language")},
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, "submission_key": uuid.uuid4()}
        # What is closed can be asked for, and is refused in words; it is not offered.
        field = field_of(self, "team", forms.ModelChoiceField)
        field.queryset = posters.teams_for(person)
        teams = [team for team in field.queryset if team.active]
        highest = min((team.depth for team in teams), default=0)
        field.choices = [(team.pk, _indented(team, team.depth - highest)) for team in teams]


def _indented(team: Team, steps: int) -> str:
    """The name as far to the right as it stands below the highest that is offered."""
    return "\u00a0\u00a0\u00a0" * steps + team.label
