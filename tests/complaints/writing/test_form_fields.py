import pytest
from django import forms
from django.core.exceptions import ValidationError

from complaints.writing.form_fields import LineField, TextField


def test_a_line_is_cleaned_and_stays_on_one_line():
    assert LineField(limit=20).clean("  Pump\t4,\r\nleft \x07side ") == "Pump 4, left side"


def test_a_text_keeps_its_lines():
    assert TextField(limit=20).clean("one\r\ntwo\r") == "one\ntwo"


@pytest.mark.parametrize("invisible", ["", "  ", "​​", "‮", "\r\n\t", "　"])
def test_an_invisible_text_counts_as_an_empty_one(invisible):
    with pytest.raises(ValidationError) as refusal:
        TextField(limit=20).clean(invisible)
    assert refusal.value.code == "required"
    assert TextField(limit=20, required=False).clean(invisible) == ""


def test_a_text_that_is_too_long_is_told_how_long_it_is():
    with pytest.raises(ValidationError, match="At most 20 characters \\(you wrote 21\\)"):
        TextField(limit=20).clean("x" * 21)


def test_line_ends_of_browsers_count_once():
    assert TextField(limit=3).clean("a\r\nb") == "a\nb"


def test_nul_is_refused_in_words():
    with pytest.raises(ValidationError, match="There is a character in it that cannot be stored"):
        LineField(limit=20).clean("a\0b")


def test_the_browser_is_not_asked_to_cut_what_is_pasted():
    assert "maxlength" not in TextField(limit=20).widget.attrs


# What of a refused text stands in the form again -------------------------------------------------------


class LetterForm(forms.Form):
    line = LineField(limit=200)
    text = TextField(limit=20_000)
    moment = forms.DateTimeField()
    way = forms.ChoiceField(choices=[("a", "A")])


def shown(**data) -> str:
    form = LetterForm(data)
    assert not form.is_valid()
    return "".join(form[name].as_field_group() for name in form.fields)


def test_a_text_that_somebody_may_have_meant_is_kept_whole():
    html = shown(text="x" * 80_000, line="y" * 10_000)
    assert "x" * 80_000 in html
    assert "y" * 10_000 in html
    assert "At most 20000 characters (you wrote 80000)." in html
    assert "cut off" not in html


def test_of_an_absurd_one_the_beginning_is_kept_and_the_rest_is_said_to_be_cut_off():
    html = shown(text="x" * 1_000_000, line="y" * 1_000_000)
    assert html.count("x" * 80_000) == 1
    assert "x" * 80_001 not in html
    assert "y" * 10_001 not in html
    assert "At most 20000 characters (you wrote 1000000)." in html
    assert "Only the first 80000 characters stand here; the rest was cut off." in html


@pytest.mark.parametrize("name", LetterForm.base_fields)
def test_a_megabyte_of_brackets_does_not_come_back_as_four(name):
    assert len(shown(**{name: "<" * 1_000_000})) < 400_000
    assert len(shown(**{name: "\0<" * 500_000})) < 400_000
