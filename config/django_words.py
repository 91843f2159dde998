"""Django's own words for limits and for what cannot be stored, said as the desk says them, in every form at once.

Models, the administration and allauth make fields of Django's, so the words are changed where Django keeps them.
"""

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _, ngettext_lazy

NOT_OFFERED = _("This is not offered, or not any more. Choose again.")


def say_it_our_way():
    """Replace the messages; to be called before the first form is made."""
    validators.MaxLengthValidator.message = ngettext_lazy(
        "At most %(limit_value)d character (you wrote %(show_value)d).",
        "At most %(limit_value)d characters (you wrote %(show_value)d).",
        "limit_value",
    )
    validators.MinLengthValidator.message = ngettext_lazy(
        "At least %(limit_value)d character (you wrote %(show_value)d).",
        "At least %(limit_value)d characters (you wrote %(show_value)d).",
        "limit_value",
    )
    validators.MaxValueValidator.message = _("At most %(limit_value)s.")
    validators.MinValueValidator.message = _("At least %(limit_value)s.")
    validators.DecimalValidator.messages |= {
        "max_digits": ngettext_lazy("At most %(max)s digit.", "At most %(max)s digits.", "max"),
        "max_decimal_places": ngettext_lazy("At most %(max)s decimal.", "At most %(max)s decimals.", "max"),
        "max_whole_digits": ngettext_lazy(
            "At most %(max)s digit before the point.", "At most %(max)s digits before the point.", "max"
        ),
    }
    validators.ProhibitNullCharactersValidator.message = _("There is a character in it that cannot be stored.")
    # Django's repeat what was sent, however long it is.
    for field in (forms.ChoiceField, forms.MultipleChoiceField):
        field.default_error_messages |= {"invalid_choice": NOT_OFFERED}
    forms.ModelMultipleChoiceField.default_error_messages |= {
        "invalid_choice": NOT_OFFERED,
        "invalid_pk_value": NOT_OFFERED,
    }
    forms.ModelChoiceField.default_error_messages |= {"invalid_choice": NOT_OFFERED}
