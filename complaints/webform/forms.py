"""What a customer fills in without an account: the story first, and only as much else as they want to say."""

import re
import uuid

from django import forms
from django.utils.translation import get_language, gettext, gettext_lazy as _, ngettext, override, pgettext_lazy

from accounts.models import Team
from complaints.case import gates
from complaints.choices import LANGUAGES, Channel, Kind, Severity
from complaints.customer.forms import SubmissionKeyField
from complaints.evidence.forms import EvidenceField
from complaints.intake.receiving import Intake
from complaints.models import Complaint, Customer
from complaints.models.complaint import NARRATIVE_LIMIT
from complaints.phones import phone_key
from complaints.texts import normalised
from complaints.writing.form_fields import LineField, TextField
from ui.form_rendering import ChoiceCards, SegmentedRadios

PHONE, EMAIL, LINK = "phone", "email", "link"
# A Chinese mobile number, and how many digits it has.
_MOBILE = re.compile(r"1[3-9][0-9]*")
MOBILE_DIGITS = 11
SHORTEST_NUMBER = 5
# Stored in the customer's language, in words that plan the calls (followups.callbacks.call_hours).
CALL_HOURS = {
    "": _("Any time during the day"),
    "morning": _("In the morning"),
    "afternoon": _("In the afternoon"),
    "evening": _("After 17:00"),
}


class ComplainForm(forms.Form):
    """One form for everybody; `intake()` gives it to receiving.log().

    With "Send now", which stands beside the danger, the story alone is enough.
    """

    # Where a choice stands already, or is asked of everybody, nobody need be told that they may pass it by.
    mark_optional = frozenset({"place", "desired_outcome", "evidence", "name"})

    narrative = TextField(
        label=_("What happened?"),
        help_text=_("In your own words: what, when, and where exactly."),
        limit=NARRATIVE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Say what happened, a few words are enough")},
    )
    kind = forms.ChoiceField(
        label=_("This is"),
        choices=[(Kind.COMPLAINT, _("a complaint")), (Kind.SUGGESTION, _("a suggestion")), (Kind.PRAISE, _("praise"))],
        initial=Kind.COMPLAINT,
        widget=SegmentedRadios,
        required=False,
    )
    danger = forms.ChoiceField(
        label=_("Could somebody get hurt right now?"),
        help_text=_("A leak, fire, a strong smell of fuel, somebody injured."),
        choices=[("yes", pgettext_lazy("danger", "Yes")), ("no", pgettext_lazy("danger", "No"))],
        widget=SegmentedRadios,
        required=False,
    )
    place = LineField(
        label=_("Where was it?"), help_text=_("Which station or shop, and in which town."), limit=200, required=False
    )
    desired_outcome = LineField(
        label=_("What would put it right?"), limit=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    evidence = EvidenceField(label=_("Photos, video, sound"))
    how = forms.ChoiceField(
        label=_("How may we answer?"),
        choices=[
            (PHONE, _("By phone")),
            (EMAIL, _("By e-mail")),
            (LINK, _("Only on a link: nobody contacts you, and you need no number and no name")),
        ],
        initial=PHONE,
        widget=ChoiceCards,
        required=False,
    )
    phone = LineField(
        label=_("Phone number"),
        help_text=_("Used for this only. The people you write about do not see it."),
        limit=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("Used for this only. The people you write about do not see it."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"inputmode": "email", "autocomplete": "email"}),
    )
    call_hours = forms.ChoiceField(label=_("When may we call?"), choices=list(CALL_HOURS.items()), required=False)
    name = LineField(
        label=_("What may we call you?"),
        limit=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("We write to you in"), choices=LANGUAGES, widget=SegmentedRadios, required=False
    )
    # People do not see it and programs fill it in (complaints.webform.views).
    homepage = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    submission_key = SubmissionKeyField(initial=uuid.uuid4)
    # Under it lie the files that were uploaded by themselves (complaints.webform.staging).
    form_key = SubmissionKeyField(initial=uuid.uuid4)

    def __init__(self, *args, site: Team | None, **kwargs):
        """`site` is that of the poster; without one the form asks where it was."""
        super().__init__(*args, **kwargs)
        self.site = site
        if site is not None:
            del self.fields["place"]
        self.initial = {**self.initial, "language": _spoken()}

    @property
    def is_urgent(self) -> bool:
        """Whether it was sent with "Send now": danger never waits for a phone number."""
        return "now" in self.data

    @property
    def is_praise(self) -> bool:
        return not self.is_danger and self.cleaned_data.get("kind") == Kind.PRAISE

    @property
    def is_danger(self) -> bool:
        return self.is_urgent or self.cleaned_data.get("danger") == "yes"

    @property
    def is_trapped(self) -> bool:
        """Whether something stands in the field that people do not see."""
        return bool(str(self.data.get("homepage") or "").strip())

    def clean_phone(self) -> str:
        """The number as it was typed, in any of its spellings. Raises ValidationError for what cannot be one."""
        phone = self.cleaned_data["phone"]
        digits = "".join(each for each in normalised("NFKC", phone) if each in "0123456789")
        if self._answers_by() != PHONE or not phone:
            return phone
        if len(digits) < SHORTEST_NUMBER:
            raise forms.ValidationError(_("Check the number: it is too short."))
        if _MOBILE.fullmatch(digits) and len(digits) != MOBILE_DIGITS and "+" not in phone:
            words = ngettext(
                "Check the number: it has %(count)d digit, a mobile number has 11.",
                "Check the number: it has %(count)d digits, a mobile number has 11.",
                len(digits),
            )
            raise forms.ValidationError(words % {"count": len(digits)})
        return normalised("NFKC", phone)

    def clean(self):
        """A way to answer, unless danger cannot wait for it; then nothing but the story can be wrong."""
        super().clean()
        if self.is_urgent or self.cleaned_data.get("kind") == Kind.PRAISE:
            # Nothing but the story is needed; what is not shown for praise cannot be wrong.
            for name in set(self.errors) - {"narrative", "evidence", "kind"}:
                del self._errors[name]
                self.cleaned_data[name] = ""
            return self.cleaned_data
        customer = self._customer()
        draft = Complaint(
            narrative=self.cleaned_data.get("narrative") or "",
            channel=Channel.WEB,
            customer=customer,
            wishes_no_contact=self._answers_by() == LINK,
        )
        if not self.errors.keys() & {"phone", "email"} and any(gates.a_way_to_answer(draft)):
            if self._answers_by() == EMAIL:
                self.add_error("email", gettext("Give us your e-mail address, or choose another way to answer"))
            else:
                self.add_error("phone", gettext("Give us your number, or choose another way to answer"))
        return self.cleaned_data

    @property
    def files_key(self) -> uuid.UUID:
        """The key of the files, also of a form that is refused."""
        return uuid.UUID(self.cleaned_data["form_key"])

    @property
    def key(self) -> str:
        """What makes it the same submission."""
        return f"web:{self.cleaned_data['submission_key']}"

    def renew_key(self):
        """Make the next submission another one; what was typed stays."""
        self.data = self.data.copy()
        self.data["submission_key"] = uuid.uuid4()

    def empty_trap(self):
        """So that a person whose browser filled in what they cannot see can send it again."""
        self.data = self.data.copy()
        self.data["homepage"] = ""

    def intake(self, company: Team) -> Intake:
        """The cleaned data for receiving.log(); without a site it goes to the `company`.

        Only what belongs to the way that was chosen is kept: who wants no contact leaves no number and no name.
        """
        data, customer = self.cleaned_data, self._customer()
        language = data.get("language") or _spoken()
        return Intake(
            narrative=data["narrative"],
            channel=Channel.WEB,
            team=self.site or company,
            site=self.site,
            kind=data.get("kind") or Kind.COMPLAINT,
            severity=Severity.DANGER if self.is_danger else Severity.NORMAL,
            desired_outcome=data.get("desired_outcome") or "",
            place=data.get("place") or "",
            name=customer.name,
            phone=customer.phone,
            email=customer.email,
            call_hours=_in_words(data.get("call_hours") or "", language) if customer.phone else "",
            language=language,
            wishes_no_contact=not customer.can_be_reached,
            submission_key=self.key,
        )

    def _answers_by(self) -> str:
        return self.cleaned_data.get("how") or PHONE

    def _customer(self) -> Customer:
        """Who can be answered, and how; never somebody we know: a number on a form proves nothing."""
        data, how = self.cleaned_data, LINK if self.is_praise else self._answers_by()
        if self.is_urgent:
            how = PHONE if phone_key(data.get("phone") or "") else EMAIL
        return Customer(
            phone=data.get("phone") or "" if how == PHONE else "",
            email=data.get("email") or "" if how == EMAIL else "",
            name=data.get("name") or "" if how != LINK else "",
        )


def _spoken() -> str:
    """The language of the page, as customers' languages are called."""
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def _in_words(hours: str, language: str) -> str:
    with override(language):
        return str(CALL_HOURS[hours]) if hours else ""
