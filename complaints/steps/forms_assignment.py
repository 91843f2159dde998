from collections.abc import Mapping
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Person, Role, Team
from complaints.case import appealing
from complaints.choices import Severity, Status
from complaints.models import Category, Complaint, RootCause
from complaints.steps.forms_shared import REASON_LIMIT, Difference, Item, StepForm, version_field, with_version
from complaints.writing.form_fields import LineField
from complaints.writing.long_choices import LabelledChoice
from ui.form_fields import field_of
from ui.form_rendering import SegmentedRadios
from ui.ordering import by_label

Entry = TypeVar("Entry", Category, RootCause)


def entries(model: type[Entry], chosen_id: int | None) -> QuerySet[Entry]:
    """The entries of a catalogue that may be chosen: the active ones, and the one that is chosen already."""
    return model._default_manager.filter(Q(active=True) | Q(pk=chosen_id)).select_related("parent")


# A team, and who in it; nobody for its queue.
Chosen = tuple[Team | None, Person | None]


class AssigneeField(forms.ChoiceField):
    """A team's queue, or a person who handles complaints in it; gives (team, person or None)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[], **kwargs)
        self.teams: dict[int, Team] = {}
        self.people: dict[int, Person] = {}

    def offer(self, complaint: Complaint | None = None, *, but: frozenset[int] = frozenset()) -> None:
        """Offer every active team with somebody who handles complaints, and the complaint's own team.

        One query, one more in a later round. People named in the complaint never handle it, nor those whose finding
        fell in an appeal, so they are not offered, nor who is in `but` (ids); without a `complaint` (for many at once)
        everybody is, and the gate looks at each.
        """
        if complaint is not None:
            but |= complaint.named_ids | appealing.barred_from_handling(complaint)
        memberships = (
            Membership.objects.filter(
                role__in=[Role.HANDLER, Role.SUPERVISOR], person__is_active=True, team__active=True
            )
            .exclude(person__in=but)
            .select_related("team", "person")
            .order_by("team__path")
        )
        members: dict[int, dict[int, Person]] = {}
        if complaint and complaint.team.active:
            self.teams[complaint.team_id] = complaint.team
            members[complaint.team_id] = {}
        for membership in memberships:
            self.teams[membership.team_id] = membership.team
            self.people[membership.person_id] = membership.person
            members.setdefault(membership.team_id, {})[membership.person_id] = membership.person
        self.choices = [("", _("Choose…"))]
        for team_id, people in members.items():
            queue = [(f"{team_id}-", _("%(team)s: whoever is free") % {"team": self.teams[team_id].label})]
            named = [(f"{team_id}-{person.pk}", person.label) for person in by_label(people.values())]
            self.choices += [(self.teams[team_id].label, queue + named)]

    def clean(self, value: Any) -> Chosen:
        """Return (team, person); person is None for the team's queue, both are None where nothing was chosen."""
        value = super().clean(value)
        if not value:
            return None, None
        team_id, _dash, person_id = value.partition("-")
        return self.teams[int(team_id)], self.people[int(person_id)] if person_id else None


def held_by(complaint: Complaint) -> dict[str, Any]:
    """Who works on a complaint, as AssigneeField names them; empty before somebody was chosen."""
    if complaint.status != Status.ASSIGNED:
        return {}
    return {"assignee": f"{complaint.team_id}-{complaint.handler_id or ''}"}


class AssignForm(StepForm):
    """Hand a complaint that is understood to those who work on it."""

    action = "assign"
    overridable = True
    answered_by = {"team": "assignee", "handler": "assignee"}

    category = LabelledChoice(label=_("Category"), queryset=None, required=False, empty_label=_("Choose…"))
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, required=False)
    assignee = AssigneeField(label=_("Who works on it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "category", LabelledChoice).queryset = entries(Category, self.complaint.category_id)
        field_of(self, "assignee", AssigneeField).offer(self.complaint)

    def stored(self, complaint: Complaint) -> dict[str, Any]:
        return {"category": complaint.category_id, "severity": complaint.severity}

    def items(self) -> list[Item]:
        return [
            Item.of("category"),
            Item.of("severity", always=True),
            Item(("team", "handler"), ("assignee",)),
        ]

    def held(self, complaint: Complaint) -> dict[str, Any]:
        return held_by(complaint)

    def step_data(self) -> dict[str, Any]:
        data = super().step_data()
        data["team"], data["handler"] = data.pop("assignee")
        return data


class ReassignForm(StepForm):
    """Another team or handler, with the reason."""

    action = "reassign"
    answered_by = {"team": "assignee", "handler": "assignee"}

    assignee = AssigneeField(label=_("Who works on it from now on"), required=False)
    reason = LineField(label=_("Why it changes hands"), limit=REASON_LIMIT, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "assignee", AssigneeField).offer(self.complaint)

    def clean_assignee(self) -> Chosen:
        team: Team | None
        person: Person | None
        team, person = self.cleaned_data["assignee"]
        if team is None:
            raise ValidationError(_("Choose who works on it from now on"))
        return team, person

    def held(self, complaint: Complaint) -> dict[str, Any]:
        return held_by(complaint)

    def step_data(self) -> dict[str, Any]:
        data = super().step_data()
        data["team"], data["handler"] = data.pop("assignee")
        return data


# An extension is told with its reason.
READ_WHERE_LATER = _("If a date that the customer was told gets later, they read this.")


class SeverityForm(forms.Form):
    """Another severity makes other promises, so it needs a reason."""

    mark_optional = False
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, widget=SegmentedRadios)
    reason = LineField(label=_("Why it changes"), limit=REASON_LIMIT, help_text=READ_WHERE_LATER)
    version = version_field()

    def __init__(self, data: Mapping[str, Any] | None = None, *, complaint: Complaint) -> None:
        self.complaint = complaint
        initial = {"severity": complaint.severity, "version": complaint.version}
        super().__init__(data, initial=initial, auto_id="severity_%s")

    def renew(self, complaint: Complaint) -> list[Difference]:
        """Keep what was typed, at the complaint's present version; returns what is stored beside what was chosen."""
        self.data = with_version(self.data, complaint)
        chosen = Severity(self.cleaned_data["severity"]).label
        return [Difference(str(self["severity"].label), complaint.get_severity_display(), str(chosen))]

    def clean_severity(self) -> str:
        severity: str = self.cleaned_data["severity"]
        if severity == self.complaint.severity:
            raise ValidationError(_("It has this severity already."))
        return severity
