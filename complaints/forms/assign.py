from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.form_rendering import SegmentedRadios
from accounts.models import Membership, Person, Role, Team
from complaints.choices import Severity, Status
from complaints.forms.fields import LineField
from complaints.forms.step import REASON_LIMIT, Difference, Item, StepForm, version_field
from complaints.models import Category, Complaint


class LabelledChoice(forms.ModelChoiceField):
    """An entry of a catalogue, named with the one above it."""

    def label_from_instance(self, entry):
        return entry.full_label


def entries(model, chosen_id: int | None):
    """The entries of a catalogue that may be chosen: the active ones, and the one that is chosen already."""
    return model.objects.filter(Q(active=True) | Q(pk=chosen_id)).select_related("parent")


class AssigneeField(forms.ChoiceField):
    """A team's queue, or a person who handles complaints in it; gives (team, person or None)."""

    def __init__(self, **kwargs):
        super().__init__(choices=[], **kwargs)
        self.teams: dict[int, Team] = {}
        self.people: dict[int, Person] = {}

    def offer(self, complaint: Complaint | None = None):
        """Offer every active team with somebody who handles complaints, and the complaint's own team.

        One query. People named in the complaint never handle it, so they are not offered; without a
        `complaint` (for many at once) everybody is, and the gate looks at each.
        """
        memberships = (
            Membership.objects.filter(
                role__in=[Role.HANDLER, Role.SUPERVISOR], person__is_active=True, team__active=True
            )
            .exclude(person__in=complaint.named_ids if complaint else ())
            .select_related("team", "person")
            .order_by("team__path", "person__name")
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
            named = [(f"{team_id}-{pk}", person.label) for pk, person in people.items()]
            self.choices += [(self.teams[team_id].label, queue + named)]

    def clean(self, value):
        """Return (team, person); person is None for the team's queue, both are None where nothing was chosen."""
        value = super().clean(value)
        if not value:
            return None, None
        team_id, _dash, person_id = value.partition("-")
        return self.teams[int(team_id)], self.people[int(person_id)] if person_id else None


def held_by(complaint: Complaint) -> dict:
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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = entries(Category, self.complaint.category_id)
        self.fields["assignee"].offer(self.complaint)

    def stored(self, complaint):
        return {"category": complaint.category_id, "severity": complaint.severity}

    def items(self):
        return [
            Item.of("category"),
            Item.of("severity", always=True),
            Item(("team", "handler"), ("assignee",)),
        ]

    def held(self, complaint):
        return held_by(complaint)

    def step_data(self):
        data = super().step_data()
        data["team"], data["handler"] = data.pop("assignee")
        return data


class ReassignForm(StepForm):
    """Another team or handler, with the reason."""

    action = "reassign"
    answered_by = {"team": "assignee", "handler": "assignee"}

    assignee = AssigneeField(label=_("Who works on it from now on"), required=False)
    reason = LineField(label=_("Why it changes hands"), limit=REASON_LIMIT, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["assignee"].offer(self.complaint)

    def clean_assignee(self):
        team, person = self.cleaned_data["assignee"]
        if team is None:
            raise ValidationError(_("Choose who works on it from now on"))
        return team, person

    def held(self, complaint):
        return held_by(complaint)

    def step_data(self):
        data = super().step_data()
        data["team"], data["handler"] = data.pop("assignee")
        return data


class SeverityForm(forms.Form):
    """Another severity makes other promises, so it needs a reason."""

    mark_optional = False
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, widget=SegmentedRadios)
    reason = LineField(label=_("Why it changes"), limit=REASON_LIMIT)
    version = version_field()

    def __init__(self, data=None, *, complaint: Complaint):
        self.complaint = complaint
        initial = {"severity": complaint.severity, "version": complaint.version}
        super().__init__(data, initial=initial, auto_id="severity_%s")

    def renew(self, complaint: Complaint) -> list[Difference]:
        """Keep what was typed, at the complaint's present version; returns what is stored beside what was chosen."""
        self.data = self.data.copy()
        self.data["version"] = complaint.version
        chosen = Severity(self.cleaned_data["severity"]).label
        return [Difference(str(self["severity"].label), complaint.get_severity_display(), str(chosen))]

    def clean_severity(self):
        severity = self.cleaned_data["severity"]
        if severity == self.complaint.severity:
            raise ValidationError(_("It has this severity already."))
        return severity
