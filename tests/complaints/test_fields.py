import pytest
from django.core.exceptions import ValidationError

from complaints.forms.fields import LineField, TextField


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
    with pytest.raises(ValidationError, match="at most 20 characters \\(it has 21\\)"):
        TextField(limit=20).clean("x" * 21)


def test_line_ends_of_browsers_count_once():
    assert TextField(limit=3).clean("a\r\nb") == "a\nb"


def test_nul_is_refused_in_words():
    with pytest.raises(ValidationError, match="Null characters are not allowed"):
        LineField(limit=20).clean("a\0b")


def test_the_browser_is_not_asked_to_cut_what_is_pasted():
    assert "maxlength" not in TextField(limit=20).widget.attrs
