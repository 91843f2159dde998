"""What a bulk action asks once, for all its rows."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from complaints.choices import Severity
from complaints.models import BulkRun, Category, Complaint
from complaints.steps.forms_assignment import READ_WHERE_LATER, AssigneeField, entries
from complaints.steps.forms_closing import READ_BY_CUSTOMER, reason_field
from complaints.steps.forms_shared import REASON_LIMIT
from complaints.writing.form_fields import LineField, filled
from complaints.writing.long_choices import LabelledChoice
from ui.form_fields import field_of

KEEP = _("Keep what each has")
NO_ASSIGNEE = {"required": _("Choose who works on them.")}
NO_REASON = {"required": _("Write the reason.")}


class BulkForm(forms.Form):
    """The base: `person` does it; values() is what a worker needs of it."""

    mark_optional = False

    def __init__(self, data=None, *, person: Person, handler: str = ""):
        """`handler` is an assignee to begin with, as AssigneeField writes it; one that is not offered is left out."""
        self.person = person
        super().__init__(data, initial={"assignee": handler}, auto_id="bulk_%s")
        if "assignee" in self.fields:
            field_of(self, "assignee", AssigneeField).offer()
        if "category" in self.fields:
            field_of(self, "category", LabelledChoice).queryset = entries(Category, None)

    def values(self) -> dict:
        """The cleaned values with ids for objects, as JSON can keep them; call after is_valid()."""
        values = {name: getattr(value, "pk", value) for name, value in self.cleaned_data.items() if name != "assignee"}
        if "assignee" in self.cleaned_data:
            team, person = self.cleaned_data["assignee"]
            values |= {"team": team.pk, "handler": person.pk if person else None}
        return values


class BulkAssignForm(BulkForm):
    """Category and severity may stay as each complaint has them; the gate asks where one has none."""

    assignee = AssigneeField(label=_("Who works on them"), error_messages=NO_ASSIGNEE)
    category = LabelledChoice(label=_("Category"), queryset=None, required=False, empty_label=KEEP)
    severity = forms.ChoiceField(label=_("Severity"), choices=[("", KEEP), *Severity.choices], required=False)


class BulkReassignForm(BulkForm):
    assignee = AssigneeField(label=_("Who works on them from now on"), error_messages=NO_ASSIGNEE)
    reason = LineField(label=_("Why they change hands"), limit=REASON_LIMIT, error_messages=NO_REASON)


class BulkCategoryForm(BulkForm):
    category = LabelledChoice(
        label=_("Category"),
        queryset=None,
        empty_label=_("Choose…"),
        error_messages={"required": _("Choose the category.")},
    )
    reason = LineField(
        label=_("Why it changes"), limit=REASON_LIMIT, help_text=READ_WHERE_LATER, error_messages=NO_REASON
    )


class BulkDuplicateForm(BulkForm):
    original = LineField(
        label=_("Reference of the original complaint"),
        limit=20,
        help_text=_("The customers’ links keep working."),
        error_messages={"required": _("Give the reference of the original complaint.")},
    )
    reason = reason_field(_("Reason"), help_text=READ_BY_CUSTOMER, error_messages=NO_REASON)

    def clean_reason(self):
        return filled(self.cleaned_data["reason"])

    def clean_original(self) -> Complaint:
        """One that the person may not see is answered like one that does not exist."""
        reference = self.cleaned_data["original"].upper()
        original = Complaint.objects.visible_to(self.person).filter(reference=reference).first()
        if original is None:
            raise ValidationError(_("You see no complaint with this reference."))
        return original


FORMS: dict[str, type[BulkForm]] = {
    BulkRun.Action.ASSIGN: BulkAssignForm,
    BulkRun.Action.REASSIGN: BulkReassignForm,
    BulkRun.Action.CATEGORY: BulkCategoryForm,
    BulkRun.Action.DUPLICATE: BulkDuplicateForm,
}
