"""What a customer sends from the link."""

import re
import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from complaints.choices import Kind
from complaints.evidence.forms import EvidenceField
from complaints.models.message import BODY_LIMIT
from complaints.phones import phone_key
from complaints.texts import normalised
from complaints.writing.form_fields import LineField, TextField
from ui.form_fields import field_of
from ui.form_rendering import ChoiceCards, Scale

REASON_LIMIT = 4000
# The answer that no option suits.
NONE = "none"
# A number with fewer digits is the end of one.
SHORTEST_NUMBER = 7


class SubmissionKeyField(forms.UUIDField):
    """Makes a form that is sent twice one thing; a missing or broken key only loses that."""

    widget = forms.HiddenInput

    def clean(self, value) -> str:
        try:
            return str(super().clean(value))
        except ValidationError:
            return str(uuid.uuid4())


class PublicForm(forms.Form):
    """Ids carry the form's name: several stand on one page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=f"{type(self).__name__[:-4].lower()}-%s", **kwargs)
        for field in self.fields.values():
            if isinstance(field, TextField):
                field.widget.attrs["rows"] = 3

    def typed(self) -> str:
        """The text that was typed into a form that was sent."""
        names = [name for name, field in self.fields.items() if isinstance(field, TextField)]
        return "\n".join(text for name in names if (text := str(self[name].value() or "").strip()))


class ReplyForm(PublicForm):
    body = TextField(label=_("Add something"), limit=BODY_LIMIT, required=False)
    files = EvidenceField()  # type: ignore[assignment]  # a declared field is no attribute
    submission_key = SubmissionKeyField(initial=uuid.uuid4)

    mark_optional = False

    def renew_key(self):
        """Make the next submission another one; what was typed stays."""
        self.data = self.data.copy()
        self.data["submission_key"] = uuid.uuid4()

    def clean(self):
        if not self.errors and not self.cleaned_data["body"] and not self.cleaned_data["files"]:
            self.add_error("body", _("Write something, or add a file."))
        return self.cleaned_data


class ConfirmForm(PublicForm):
    """The customer confirms our words; `seen` says which ones the page showed, which writes it itself."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    words = TextField(label=_("Anything to add?"), required=False, limit=REASON_LIMIT)


class ChooseForm(PublicForm):
    option = forms.ChoiceField(
        label=_("Choose what suits you"),
        widget=ChoiceCards,
        error_messages={
            "required": _("Choose one of them."),
            "invalid_choice": _("This offer does not stand any more."),
        },
    )

    mark_optional = False

    why = TextField(label=_("Why not, and what would suit you?"), required=False, limit=REASON_LIMIT)

    def __init__(self, *args, options=(), **kwargs):
        super().__init__(*args, **kwargs)
        offered = [(str(option.pk), option.words) for option in options]
        self.fields["option"].choices = [*offered, (NONE, _("None of these, because…"))]

    def clean(self):
        if self.cleaned_data.get("option") == NONE and not self.errors and not self.cleaned_data["why"]:
            self.add_error("why", _("Write why not, or what would suit you."))
        return self.cleaned_data


class RateForm(PublicForm):
    solved = forms.TypedChoiceField(
        label=_("Is your problem solved?"),
        choices=[("yes", _("Yes, it is solved")), ("no", _("No, it is still a problem"))],
        coerce=lambda value: value == "yes",
        widget=ChoiceCards,
        error_messages={"required": _("Tell us whether it is solved.")},
    )
    rating = forms.TypedChoiceField(
        label=_("How satisfied are you?"),
        choices=[
            (1, _("Not at all")),
            (2, _("Not very")),
            (3, _("So-so")),
            (4, _("Quite")),
            (5, _("Very")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Scale,
    )
    words = TextField(label=_("Anything you want to add"), required=False, limit=REASON_LIMIT)
    # Which result the page showed: after a second look there is another one. The page writes it itself,
    # so that a form shown again carries the present one.
    round = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=32767)

    def __init__(self, *args, kind: str = Kind.COMPLAINT, **kwargs):
        super().__init__(*args, **kwargs)
        if kind == Kind.SUGGESTION:
            solved = field_of(self, "solved", forms.TypedChoiceField)
            solved.label = _("Does our answer settle it for you?")
            solved.choices = [("yes", _("Yes")), ("no", _("No, please look at it once more"))]
            solved.error_messages["required"] = _("Tell us whether our answer settles it.")


class ReopenForm(PublicForm):
    reason = TextField(
        label=_("What is still a problem?"),
        limit=REASON_LIMIT,
        error_messages={"required": _("Write what is still a problem.")},
    )


class FindForm(PublicForm):
    """Reference and the end of the phone number, or the e-mail, typed as people type them."""

    reference = LineField(
        label=_("Your reference"),
        help_text=_("It looks like C-2026-000123 and is in our first message to you."),
        limit=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    digits = LineField(
        label=_("The last 4 digits of your phone number"),
        help_text=_("Or your whole e-mail address."),
        limit=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_reference(self) -> str:
        """The reference as we write it: "c 2026 123" is C-2026-000123; what is no reference stays itself."""
        typed = normalised("NFKC", self.cleaned_data["reference"]).upper()
        parts = re.fullmatch(r"C?[\s–—-]*([0-9]{4})[\s–—-]+([0-9]{1,6})", typed.strip())
        return f"C-{parts[1]}-{int(parts[2]):06d}" if parts else typed.strip()

    def clean_digits(self) -> str:
        """The last four digits of whatever was typed: the whole number will do; or an e-mail address in small letters.

        Raises ValidationError. Beside it `whole` is the key of the number that was typed, "" where that was only its
        end, or the address.
        """
        typed = normalised("NFKC", self.cleaned_data["digits"]).strip()
        if "@" in typed:
            self.cleaned_data["whole"] = typed.lower()
            return typed.lower()
        digits = "".join(character for character in typed if character in "0123456789")
        if len(digits) < 4:
            raise ValidationError(_("Give the last 4 digits."))
        self.cleaned_data["whole"] = phone_key(typed) if len(digits) >= SHORTEST_NUMBER else ""
        return digits[-4:]
