import pytest
from django import forms

from ui.form_fields import choices_of, field_of


class Asked(forms.Form):
    name = forms.CharField()
    colour = forms.ChoiceField(choices=[("r", "red"), ("Blues", [("n", "navy")])])


def test_a_field_is_given_by_its_type():
    form = Asked()
    field_of(form, "colour", forms.ChoiceField).choices = [("g", "green")]
    assert form.fields["colour"].choices == [("g", "green")]


def test_a_field_of_another_type_is_refused_by_name():
    with pytest.raises(TypeError, match=r"Asked\.name is a CharField, not a ChoiceField"):
        field_of(Asked(), "name", forms.ChoiceField)


def test_choices_are_given_with_their_groups():
    assert choices_of(Asked(), "colour") == [("r", "red"), ("Blues", [("n", "navy")])]
