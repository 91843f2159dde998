from datetime import datetime, timedelta

from allauth.account import forms as allauth_forms
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.absences import possible_deputies
from accounts.models import Absence, Person
from accounts.models.person import time_zones
from accounts.moments import MomentField
from accounts.tasks import send_password_reset
from ui.form_fields import field_of
from ui.form_rendering import SegmentedRadios
from ui.ordering import by_label

LONGEST_ABSENCE = timedelta(days=2 * 366)
# Hashing takes longer for longer passwords; no person and no password manager uses one of this length.
LONGEST_PASSWORD = 1_000


def with_limit(field: forms.CharField, limit: int):
    """Let a field that somebody else made refuse what is longer; a browser would cut it without a word."""
    field.max_length = limit
    field.validators.append(MaxLengthValidator(limit))


def time_zone_choices() -> list:
    """The zones of the tz database, grouped by region, for a select."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(time_zones()):
        region, _slash, place = name.partition("/")
        if place and region not in ("Etc", "SystemV", "posix", "right"):
            regions.setdefault(region, []).append((name, place.replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]


class PreferencesForm(forms.ModelForm):
    """What people choose for themselves."""

    mark_optional = False
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("Moments on every page are shown in this zone."),
    )

    class Meta:
        model = Person
        fields = ["language", "time_zone", "theme", "notify_by_mail", "notify_in_page"]
        widgets = {"language": SegmentedRadios, "theme": SegmentedRadios, "notify_by_mail": forms.RadioSelect}
        labels = {
            "language": _("Language"),
            "theme": _("Appearance"),
            "notify_by_mail": _("E-mail"),
            "notify_in_page": _("The bell at the top of every page"),
        }
        help_texts = {
            "notify_by_mail": _(
                "What happens with your complaints. Danger to people and what you must sign for is always "
                "mailed at once. The summary comes at 8:00 on working days."
            ),
            "notify_in_page": _("Counts what you have not seen yet."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = Person.Theme.choices
        self.fields["language"].choices = Person.Language.choices
        self.fields["notify_by_mail"].choices = Person.Mail.choices
        if not self.instance.email:
            # The bell is the only way to reach them: there is nothing to choose.
            del self.fields["notify_by_mail"], self.fields["notify_in_page"]


class AbsenceForm(forms.ModelForm):
    """When `person` is away, in the active time zone; `at` is now (aware). Not `own`: a supervisor enters it."""

    class Meta:
        model = Absence
        fields = ["begins_at", "ends_at", "deputy"]
        field_classes = {"begins_at": MomentField, "ends_at": MomentField}

    def __init__(self, *args, person: Person, at: datetime, own: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.person, self.at = person, at
        deputy = field_of(self, "deputy", forms.ModelChoiceField)
        deputy.queryset = possible_deputies(person)
        people = by_label(deputy.queryset)
        deputy.choices = [("", _("Nobody")), *((each.pk, each.label) for each in people)]
        if not own:
            said = _("Is told what %(name)s would be told, about cases that they may see.")
            deputy.help_text = said % {"name": person.label}

    def clean_ends_at(self):
        """The moment of being back. Raises ValidationError when it is over already or out of sight."""
        ends_at = self.cleaned_data["ends_at"]
        if ends_at <= self.at:
            raise forms.ValidationError(_("That moment is over already."))
        if ends_at > self.at + LONGEST_ABSENCE:
            raise forms.ValidationError(_("That is more than two years ahead."))
        return ends_at

    def clean(self):
        cleaned = super().clean()
        begins_at, ends_at = cleaned.get("begins_at"), cleaned.get("ends_at")
        if begins_at and ends_at and ends_at <= begins_at:
            self.add_error("ends_at", _("The return has to come after the departure."))
        return cleaned


class SignInForm(allauth_forms.LoginForm):
    """allauth's form in the desk's words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("Work e-mail or user name")
        with_limit(login, 254)
        with_limit(password, LONGEST_PASSWORD)
        login.widget = forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        )
        password.label, password.help_text = _("Password"), ""
        password.widget.attrs = {"autocomplete": "current-password"}


class PasswordResetForm(allauth_forms.ResetPasswordForm):
    """Asks a worker to send the link: the answer takes the same time whether the address is known or not."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Work e-mail")
        self.fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "email"})

    def clean_email(self):
        """The address as typed; whether somebody has it is not looked up here."""
        return self.cleaned_data["email"]

    def save(self, request, **kwargs):
        email = self.cleaned_data["email"]
        send_password_reset.delay(email)
        return email


class NewPasswordWords:
    """The desk's labels on allauth's forms for a new password; what a browser may fill in is kept."""

    WORDS = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password, once more"),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.WORDS[name]
            field.widget.attrs.pop("placeholder", None)
            with_limit(field, LONGEST_PASSWORD)
            field.help_text = ""
        self.fields["password1"].help_text = _("At least 10 characters; not a common password, not only digits.")


class ChangePasswordForm(NewPasswordWords, allauth_forms.ChangePasswordForm):
    pass


class ResetPasswordKeyForm(NewPasswordWords, allauth_forms.ResetPasswordKeyForm):
    pass
