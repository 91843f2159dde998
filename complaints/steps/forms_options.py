import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.moments import MomentField
from complaints.choices import Channel
from complaints.writing.form_fields import LineField

# Decimal itself reads "1_000", "1e3" and the digits of every script.
_AMOUNT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
HEARD_ON = [Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.SMS, Channel.LETTER]


class YuanField(forms.DecimalField):
    """An amount in yuan with at most two decimals, as people write it: 186 or 186.50."""

    default_error_messages = {
        "invalid": _("Write an amount like 186 or 186.50."),
        "min_value": _("The amount must be 0 or more."),
        "max_decimal_places": _("At most 2 decimals."),
        "max_whole_digits": _("At most 10 digits before the point."),
        "max_digits": _("At most 12 digits."),
    }

    def __init__(self, **kwargs: Any) -> None:
        text = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(min_value=0, max_digits=12, decimal_places=2, widget=text, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # stubs say int
        if value in self.empty_values:
            return None
        if not _AMOUNT.fullmatch(str(value).strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(str(value).strip())


class OfferForm(forms.Form):
    """One solution for the customer to choose."""

    mark_optional = False

    words = LineField(label=_("What we offer"), limit=500, help_text=_("The customer reads exactly these words."))
    amount = YuanField(
        label=_("Worth in yuan"),
        required=False,
        help_text=_("Money, goods or discount. Empty: nothing. Above your limit a supervisor approves it first."),
    )
    expires_at = MomentField(label=_("The offer stands until"), required=False, help_text=_("Empty: without an end."))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="offer_%s")


class ChoiceHeardForm(forms.Form):
    """On which channel the customer chose."""

    channel = forms.ChoiceField(choices=[(channel, channel.label) for channel in HEARD_ON])


class DecideForm(forms.Form):
    """Approve, or decline with a reason."""

    approve = forms.TypedChoiceField(
        choices=[("yes", _("Approve")), ("no", _("Decline"))], coerce=lambda value: value == "yes"
    )
    reason = LineField(label=_("Why it is declined"), limit=300, required=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("approve") is False and not cleaned.get("reason") and not self.has_error("reason"):
            self.add_error("reason", _("Write why it is declined."))
        return cleaned
