"""What a customer decides on their page at any time: the forms, one on a page of its own each."""

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.choices import LANGUAGES
from complaints.customer.forms import REASON_LIMIT, PublicForm
from complaints.models import Complaint, Representative
from complaints.models.representative import RELATIONS
from complaints.writing.form_fields import LineField, TextField
from ui.form_rendering import ChoiceCards


class DecideForm(PublicForm):
    """A button is enough; what stands in the fields first is what holds now."""

    mark_optional = False

    def __init__(self, *args, complaint: Complaint, **kwargs):
        super().__init__(*args, initial=self.holds_now(complaint), **kwargs)

    def holds_now(self, complaint: Complaint) -> dict[str, str]:
        return {}


class TakeBackForm(DecideForm):
    words = TextField(label=_("Why, if you want to say"), required=False, limit=REASON_LIMIT)


class SupervisorForm(DecideForm):
    # As much as whoever signs for it is shown.
    words = TextField(label=_("What should a supervisor look at?"), required=False, limit=500)


class HoursForm(DecideForm):
    call_hours = LineField(
        label=_("When to call me"),
        help_text=_("In your words, for example: after 17:00, not on Sundays. Empty: whenever it suits."),
        limit=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def holds_now(self, complaint: Complaint) -> dict[str, str]:
        return {"call_hours": complaint.customer.call_hours if complaint.customer is not None else ""}


class LanguageForm(DecideForm):
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=ChoiceCards)

    def holds_now(self, complaint: Complaint) -> dict[str, str]:
        return {"language": complaint.language}


class RepresentativeForm(PublicForm):
    """Somebody whom the customer lets ask; the consent stands there to be sent as it is, or written anew."""

    name = LineField(label=_("Their name"), limit=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    relation = forms.ChoiceField(label=_("Who are they to you?"), choices=RELATIONS)
    may = forms.ChoiceField(
        label=_("What may they do?"),
        choices=Representative.May,
        initial=Representative.May.READ,
        widget=ChoiceCards,
        help_text=_("Answering means: writing to us, confirming our words and choosing a solution."),
    )
    consent = TextField(
        label=_("Your consent, in your own words"),
        initial=_("I agree that this person sees everything on my page: my words, files and messages."),
        limit=500,
        error_messages={"required": _("Without your consent we let nobody in.")},
    )
