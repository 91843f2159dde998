"""What is written without a template is what the template gives: of Django's widgets, Django's own."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from accounts.moments import MomentField
from ui.form_rendering import DeskRenderer

DANGEROUS = '"><script>& 您好'
CHOICES = [("", "Choose…"), ("a", "First"), ("In a group", [(1, "One"), ("<2>", DANGEROUS)])]


def between_tags(html):
    """Without the white space that the templates' own lines leave around tags."""
    return re.sub(r"\s*([<>])\s*", r"\1", html)


WIDGETS = [
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.SearchInput,
    forms.TelInput,
    forms.PasswordInput,
    forms.HiddenInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
    forms.FileInput,
    forms.CheckboxInput,
    forms.Textarea,
]


@pytest.mark.parametrize("value", [None, "", DANGEROUS, 7, True])
@pytest.mark.parametrize("kind", WIDGETS)
def test_an_input_is_what_djangos_template_gives(kind, value):
    attrs = {"id": "id_a", "required": True, "disabled": False, "data-a": DANGEROUS, "maxlength": 9}
    ours = kind(attrs=attrs).render("na<me", value, renderer=DeskRenderer())
    assert ours.strip() == kind(attrs=attrs).render("na<me", value, renderer=DjangoTemplates()).strip()


@pytest.mark.parametrize("value", [None, "", "a", "1", "<2>"])
@pytest.mark.parametrize("kind", [forms.Select, forms.RadioSelect])
def test_a_choice_is_what_djangos_template_gives(kind, value):
    ours, djangos = (
        kind(attrs={"id": "id_a", "class": "b"}, choices=CHOICES).render("name", value, renderer=renderer)
        for renderer in (DeskRenderer(), DjangoTemplates())
    )
    assert between_tags(ours) == between_tags(djangos)


@pytest.mark.parametrize("kind", [forms.RadioSelect, forms.CheckboxSelectMultiple])
@pytest.mark.parametrize("labelled", [True, False])
def test_one_of_several_is_what_djangos_template_gives(kind, labelled):
    for option in kind(choices=CHOICES).subwidgets("name", ["a"], {"id": "id_a"}):
        option["wrap_label"] = labelled
        ours, djangos = (
            renderer.render(option["template_name"], {"widget": option})
            for renderer in (DeskRenderer(), DjangoTemplates())
        )
        assert between_tags(ours) == between_tags(djangos)


class Everything(forms.Form):
    line = forms.CharField(label=DANGEROUS, help_text=DANGEROUS)
    tick = forms.BooleanField(label=DANGEROUS, help_text=DANGEROUS)
    one_of = forms.ChoiceField(label=DANGEROUS, help_text=DANGEROUS, choices=CHOICES, widget=forms.RadioSelect)
    moment = MomentField(label=DANGEROUS)


@pytest.mark.parametrize("data", [None, {}, {"line": DANGEROUS, "one_of": DANGEROUS, "moment": DANGEROUS}])
def test_nothing_of_a_field_is_taken_for_html(data):
    html = str(Everything(data))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
