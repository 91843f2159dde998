from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.filter_choices import Choices
from complaints.forms.fields import LineField
from complaints.forms.long_choices import LongSelect

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
            self.fields["shared_with"].choices = [("", _("Only me")), *teams]
        else:
            del self.fields["shared_with"]
