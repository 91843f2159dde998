"""The form with which staff log a complaint: narrative first, nothing required that the customer may not know."""

import uuid
from datetime import datetime

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy as _, pgettext_lazy

from accounts.access import WORKING_ROLES, reach_of, teams_in_order_to_log_for
from accounts.models import Membership, Person, Role, Team
from accounts.moments import MomentField
from complaints.case import gates
from complaints.choices import LANGUAGES, Channel, Kind, Severity
from complaints.evidence.forms import EvidenceField
from complaints.intake import gates as intake_gates
from complaints.intake.receiving import Intake
from complaints.models import Complaint, Customer
from complaints.models.complaint import NARRATIVE_LIMIT
from complaints.phones import phone_key
from complaints.ways import way_choices
from complaints.writing.form_fields import LineField, TextField
from complaints.writing.long_choices import PickList, by_region
from complaints.writing.moments import refuse_future
from ui.form_fields import field_of
from ui.form_rendering import SegmentedRadios
from ui.ordering import by_label

OTHER = "other"
NEAR_CHANNELS = [
    (Channel.WALK_IN, Channel.WALK_IN.label),
    (Channel.PHONE, Channel.PHONE.label),
    (Channel.BOOK, pgettext_lazy("channel", "Book")),
    (OTHER, pgettext_lazy("channel", "Other")),
]
OTHER_CHANNELS = [Channel.EMAIL, Channel.SMS, Channel.SOCIAL, Channel.LETTER]
# More digits are no person's id, and the database could not hold them.
LONGEST_ID = 10
# Who holds several roles logs for the team in which they stand at the counter.
NEAREST_ROLE = [Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR]

# The gate speaks of one field where the form has two.
ASKED_AS = {"other_channel": "channel", "email": "phone"}
WAYS = ("phone", "email", "postal_address")


class LogForm(forms.Form):
    """What is known when a complaint is taken down; `intake()` gives it to receiving.log()."""

    # Nearly every field is optional; what is needed says so itself.
    mark_optional = False

    narrative = TextField(
        label=_("In the customer’s own words"),
        help_text=_("Write as they speak. Sorting comes later."),
        limit=NARRATIVE_LIMIT,
        error_messages={"required": _("Write what the customer says")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Kind.choices,
        initial=Kind.COMPLAINT,
        widget=SegmentedRadios,
        required=False,
        help_text=_(
            "Latent: the customer did not complain, we found out ourselves. Praise is passed on, and over with that."
        ),
    )
    danger = forms.BooleanField(
        label=_("Somebody could get hurt"),
        help_text=_("leak, fire, fall, smell of fuel: the supervisor is told at once"),
        required=False,
    )
    desired_outcome = LineField(label=_("What does the customer want?"), limit=500, required=False)
    occurred_at = MomentField(
        label=_("When"),
        required=False,
        error_messages={"invalid": _("Write the day and the time, for example 2026-11-20 14:55.")},
    )
    site = forms.ChoiceField(label=_("Site"), required=False)
    place = LineField(
        label=_("Where exactly"), help_text=_("Pump, counter, vehicle, address"), limit=200, required=False
    )
    channel = forms.ChoiceField(
        label=_("How it reached us"),
        choices=NEAR_CHANNELS,
        initial=Channel.WALK_IN,
        widget=SegmentedRadios,
        error_messages={"required": _("Choose how it reached us")},
    )
    other_channel = forms.ChoiceField(
        label=_("Which other way"),
        choices=[("", _("Choose…")), *((channel.value, channel.label) for channel in OTHER_CHANNELS)],
        required=False,
    )
    phone = LineField(
        label=_("Phone"), help_text=_("Phone or e-mail, so that we can answer"), limit=40, required=False
    )
    name = LineField(label=_("Name"), limit=120, required=False)
    title = forms.ChoiceField(
        label=_("Title"), choices=Customer.Title.choices, required=False, widget=SegmentedRadios, initial=""
    )
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("With it the customer gets the number and the link at once."),
        max_length=254,
        required=False,
    )
    postal_address = LineField(
        label=_("Postal address"),
        help_text=_("For customers with neither phone nor e-mail: we write letters. On one line, with the postcode."),
        limit=200,
        required=False,
    )
    way = forms.ChoiceField(
        label=_("How to tell them"),
        help_text=_("Where it fails, the next way that works is taken; a call comes last."),
        choices=way_choices,
        required=False,
        widget=SegmentedRadios,
        initial="",
    )
    call_hours = LineField(
        label=_("When to call"),
        help_text=_("Planned for: after 18:00, 9:00–11:00, evenings, weekends. Other words are shown to the caller."),
        limit=120,
        required=False,
    )
    language = forms.ChoiceField(label=_("The customer’s language"), choices=LANGUAGES, widget=SegmentedRadios)
    wishes_no_contact = forms.BooleanField(label=_("Does not want to be contacted"), required=False)
    named_people = forms.ModelMultipleChoiceField(
        label=_("Employees named in it"),
        help_text=_("They never handle this complaint and cannot read it."),
        queryset=Person.objects.filter(is_active=True),
        required=False,
        widget=PickList,
    )
    evidence = EvidenceField()
    # Who of those that the look-up found it is; empty: somebody new. Its choices stand in what was looked up.
    same_as = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, person: Person, at: datetime, **kwargs):
        """`person` logs at the moment `at` (aware); moments typed are in the person's time zone."""
        super().__init__(*args, **kwargs)
        self.person, self.at = person, at
        teams = teams_in_order_to_log_for()
        self.teams = {str(team.pk): team for team in teams}
        field_of(self, "site", forms.ChoiceField).choices = [("", _("Not at one of our sites")), *by_region(teams)]
        named = field_of(self, "named_people", forms.ModelMultipleChoiceField)
        # Asked only where the form is shown: a complaint that is logged mostly names nobody.
        named.choices = lambda: [(each.pk, each.label) for each in by_label(named.queryset or ())]
        own = reach_of(person).of(*WORKING_ROLES)
        self.initial = {**self.initial} | {
            "site": next((pk for pk, team in self.teams.items() if team.pk in own), ""),
            "language": "zh-hans" if (get_language() or "").startswith("zh") else "en",
            "submission_key": uuid.uuid4(),
        }
        self.fields["narrative"].widget.attrs |= {"rows": 5, "autofocus": True}
        self._help_typing()

    def _help_typing(self):
        """Keyboards for phones, and what the browser can say of a file before it is sent."""
        self.fields["phone"].widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}
        self.fields["name"].widget.attrs |= {"autocomplete": "off"}
        self.fields["postal_address"].widget.attrs |= {"autocomplete": "off"}
        self.fields["email"].widget.attrs |= {"autocomplete": "off", "inputmode": "email"}
        files, megabytes = settings.EVIDENCE_MAX_FILES, settings.EVIDENCE_MAX_BYTES >> 20
        self.fields["evidence"].widget.attrs |= {
            "data-most-files": files,
            "data-most-bytes": settings.EVIDENCE_MAX_BYTES,
            # In braces stands what the script fills in.
            "data-too-large": _("“%(name)s” is larger than %(most)d MB.") % {"name": "{name}", "most": megabytes},
            "data-too-many": _("At most %(most)d files: “%(name)s” is left out.") % {"name": "{name}", "most": files},
        }

    def clean_occurred_at(self):
        return refuse_future(self.cleaned_data["occurred_at"], self.at)

    def clean_phone(self):
        phone = self.cleaned_data["phone"]
        if phone and not phone_key(phone):
            raise forms.ValidationError(_("There is no digit in this phone number."))
        return phone

    def clean(self):
        """Which other channel; then what else is needed, so that all is named at once."""
        super().clean()
        data = self.cleaned_data
        if data.get("channel") == OTHER:
            data["channel"] = data.get("other_channel")
            if not data["channel"] and "other_channel" not in self.errors:
                self.add_error("other_channel", _("Choose which other way"))
        self.ask_for_the_rest()
        return data

    def ask_for_the_rest(self):
        """What the gate of "log" asks for."""
        data = self.cleaned_data
        self.known = _customer_named(data.get("same_as") or "")
        known = self.known or Customer()
        draft = Complaint(
            kind=data.get("kind") or Kind.COMPLAINT,
            narrative=data.get("narrative") or "",
            channel=data.get("channel") or "",
            customer=Customer(**{name: data.get(name) or getattr(known, name) for name in WAYS}),
            wishes_no_contact=data.get("wishes_no_contact", False),
        )
        # A wrong number or address is said already: that it is missing would be said twice.
        said = set(self.errors) | {ASKED_AS[name] for name in self.errors if name in ASKED_AS}
        chosen = intake_gates.same_as(
            self.known, self.person, phone=data.get("phone") or "", name=data.get("name") or ""
        )
        for missing in [*gates.log(draft), *chosen]:
            if missing.field not in said:
                self.add_error(missing.field, missing.message)

    @property
    def key(self) -> str:
        """The form’s key, bound to the person: nobody meets what another logged or noted with it."""
        return f"log:{self.person.pk}:{self.cleaned_data['submission_key']}"

    def renew_key(self):
        """Make the next submission another one; what was typed stays."""
        self.data = self.data.copy()
        self.data["submission_key"] = uuid.uuid4()

    def intake(self) -> Intake:
        """The cleaned data for receiving.log()."""
        data = self.cleaned_data
        site = self.teams.get(data["site"])
        return Intake(
            narrative=data["narrative"],
            channel=data["channel"],
            team=site or self._own_team(),
            site=site,
            kind=data["kind"] or Kind.COMPLAINT,
            severity=Severity.DANGER if data["danger"] else Severity.NORMAL,
            desired_outcome=data["desired_outcome"],
            occurred_at=data["occurred_at"],
            place=data["place"],
            same_as=self.known,
            name=data["name"],
            title=data["title"],
            phone=data["phone"],
            email=data["email"],
            postal_address=data["postal_address"],
            way=data["way"],
            call_hours=data["call_hours"],
            language=data["language"],
            wishes_no_contact=data["wishes_no_contact"],
            named_people=list(data["named_people"]),
            submission_key=self.key,
        )

    def _own_team(self) -> Team:
        held = Membership.objects.filter(person=self.person, role__in=NEAREST_ROLE).select_related("team")
        return min(held, key=lambda m: (NEAREST_ROLE.index(Role(m.role)), m.team.path)).team


def _customer_named(pk: str) -> Customer | None:
    """The customer with the key that the form sent; an unsaved one, whom nothing leads to, where there is none."""
    if not pk:
        return None
    is_key = pk.isascii() and pk.isdigit() and len(pk) < LONGEST_ID
    return (Customer.objects.filter(pk=int(pk)).first() if is_key else None) or Customer()
