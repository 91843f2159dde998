from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.queue.filter_choices import Choices
from complaints.writing.form_fields import LineField
from complaints.writing.long_choices import LongSelect
from ui.form_fields import field_of

LONGEST_NAME = 60


class SavedViewForm(forms.Form):
    """The name of a saved view, and with whom it is shared."""

    mark_optional = False

    name = LineField(label=_("Name of the view"), limit=LONGEST_NAME)
    shared_with = forms.TypedChoiceField(
        label=_("Who sees it"), required=False, coerce=int, empty_value=None, widget=LongSelect
    )

    def __init__(self, data=None, *, teams: Choices, **kwargs):
        """`teams` are those that it may be shared with, as (id, label)."""
        super().__init__(data, auto_id="view_%s", **kwargs)
        if teams:
            field_of(self, "shared_with", forms.TypedChoiceField).choices = [("", _("Only me")), *teams]
        else:
            del self.fields["shared_with"]
