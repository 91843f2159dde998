"""The log form when it is the same: what the customer says goes into a complaint that is logged already."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.intake import gates, known_customers
from complaints.intake.forms import LogForm
from complaints.models import Complaint
from complaints.models.message import BODY_LIMIT
from ui.wording import date_words

# What is taken over, or says whether it may be; the other fields of the page are about a new complaint.
LOOKED_AT = {
    "narrative",
    "danger",
    "desired_outcome",
    "occurred_at",
    "place",
    "channel",
    "other_channel",
    "phone",
    "named_people",
    "evidence",
    "submission_key",
}


class SameForm(LogForm):
    """What was typed to log a complaint, cleaned for receiving.tell_again(): `body` is what the customer said."""

    def __init__(self, *args, complaint: Complaint, **kwargs):
        """`complaint` is the one that it is added to."""
        super().__init__(*args, **kwargs)
        self.complaint = complaint
        self.body = ""

    def ask_for_the_rest(self):
        """Whether it is the customer of that complaint, and whether what is said may be read by who reads that."""
        for name in self.errors.keys() - LOOKED_AT:
            del self.errors[name]
        for missing in gates.tell_again(self.complaint, phone_key=self.phone_key, named=self.named):
            if missing.field not in self.errors:
                self.add_error(missing.field, missing.message)
        if not self.errors:
            self._retell()

    @property
    def phone_key(self) -> str:
        """The key of the number that was typed; "" where it is nobody's."""
        return known_customers.key_of(self.cleaned_data.get("phone", ""))

    @property
    def named(self) -> set[int]:
        """The ids of the employees that what is said is about."""
        return {person.pk for person in self.cleaned_data.get("named_people", ())}

    def _retell(self):
        """Put what the customer said into one text, in the language in which they read it."""
        data = self.cleaned_data
        with translation.override(self.complaint.language):
            parts = [data["narrative"]]
            if data["desired_outcome"]:
                parts.append(_("What I want: %(words)s") % {"words": data["desired_outcome"]})
            if data["occurred_at"]:
                parts.append(_("When: %(moment)s") % {"moment": date_words(data["occurred_at"], self.at, "long")})
            if data["place"]:
                parts.append(_("Where: %(place)s") % {"place": data["place"]})
        self.body = "\n".join(parts)
        try:
            MaxLengthValidator(BODY_LIMIT)(self.body)
        except ValidationError as too_long:
            self.add_error("narrative", too_long)
