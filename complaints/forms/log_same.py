"""The log form when it is the same: what the customer says goes into a complaint that is logged already."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.wording import date_words
from complaints import lookup
from complaints.forms.log import LogForm
from complaints.models import Complaint
from complaints.models.message import BODY_LIMIT

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
    """What was typed to log a complaint, cleaned for intake.tell_again(): `body` is what the customer said."""

    def __init__(self, *args, complaint: Complaint, **kwargs):
        """`complaint` is the one that it is added to."""
        super().__init__(*args, **kwargs)
        self.complaint = complaint
        self.body = ""

    def ask_for_the_rest(self):
        """Whether it is the customer of that complaint, and whether what is said may be read by who reads that."""
        for name in self.errors.keys() - LOOKED_AT:
            del self.errors[name]
        reference, customer = self.complaint.reference, self.complaint.customer
        key = lookup.key_of(self.cleaned_data.get("phone", ""))
        if "phone" not in self.errors and not (key and customer is not None and customer.phone_key == key):
            words = _(
                "This is not the phone number of the customer of %(reference)s: only what they say is added to it."
            )
            self.add_error("phone", words % {"reference": reference})
        named = {person.pk for person in self.cleaned_data.get("named_people", ())}
        if named - self.complaint.named_ids:
            words = _(
                "An employee is named here who could read it in %(reference)s. Log it as a complaint of its own."
            )
            self.add_error("named_people", words % {"reference": reference})
        if not self.errors:
            self._retell()

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

    def renew_key(self):
        """Make the next submission another one; what was typed stays."""
        self.data = self.data.copy()
        self.data["submission_key"] = uuid.uuid4()
