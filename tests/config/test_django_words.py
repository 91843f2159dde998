"""Limits and what cannot be stored are said in the desk's words, whoever made the field."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.models import Person, Team

FIELDS = {
    "longer than it may be": (forms.CharField(max_length=3), "abcd", "At most 3 characters (you wrote 4)."),
    "shorter": (forms.CharField(min_length=3), "ab", "At least 3 characters (you wrote 2)."),
    "NUL": (forms.CharField(), "a\0", "There is a character in it that cannot be stored."),
    "NUL in an address": (forms.EmailField(), "a\0@b.example", "There is a character in it that cannot be stored."),
    "too large": (forms.IntegerField(max_value=5), "6", "At most 5."),
    "too small": (forms.IntegerField(min_value=5), "4", "At least 5."),
    "digits": (forms.DecimalField(max_digits=3), "1234", "At most 3 digits."),
    "decimals": (forms.DecimalField(decimal_places=2), "0.123", "At most 2 decimals."),
    "not offered": (forms.ChoiceField(choices=[("a", "A")]), "<b>" * 99, "This is not offered, or not any more."),
    "none of several": (forms.MultipleChoiceField(choices=[("a", "A")]), ["b" * 99], "This is not offered"),
}


@pytest.mark.parametrize(("field", "value", "words"), FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_limits_are_said_in_our_words(field, value, words, language):
    with translation.override(language), pytest.raises(ValidationError) as refusal:
        field.clean(value)
    with translation.override(language):
        said = " ".join(refusal.value.messages)
    if language == "en":
        assert words in said
    else:
        assert "Ensure" not in said
        assert not any(word in said for word in ("确保", "请确认", "ensure", "At most", "At least"))
    assert str(value) not in said


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "fields"), [(Person, ["name"]), (Team, ["name", "kind", "parent"])])
def test_so_are_those_of_models_and_of_the_administration(model, fields):
    form = forms.modelform_factory(model, fields=fields)({"name": "x" * 200})
    assert any(words.startswith("At most ") for words in form.errors["name"])
    form = forms.modelform_factory(model, fields=fields)({"name": "a\0"})
    assert form.errors["name"] == ["There is a character in it that cannot be stored."]


def test_every_form_of_the_desk_has_them():
    """Fields made before the words were replaced would keep Django's."""
    import config.urls  # noqa: F401 - loads every form

    def below(form):
        return [form, *(each for child in form.__subclasses__() for each in below(child))]

    said = {
        str(field.error_messages["invalid_choice"])
        for form in below(forms.BaseForm)
        if form.__module__.split(".")[0] in ("accounts", "complaints", "followups")
        for field in form.base_fields.values()
        if "invalid_choice" in field.error_messages
    }
    assert len(said) > 1
    assert not [words for words in said if words.startswith("Select a valid choice")]
