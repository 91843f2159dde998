import re

import pytest
from django import forms

from tests.flat import flat
from ui.form_rendering import ChoiceCards, Scale, SegmentedRadios

TWO = [("a", "First"), ("b", "Second")]


class CaseForm(forms.Form):
    phone = forms.CharField(label="Phone", help_text="With area code.")
    want = forms.CharField(label="Wants", required=False, widget=forms.Textarea)
    site = forms.ChoiceField(label="Site", choices=TWO)
    danger = forms.BooleanField(label="Danger", required=False)
    told = forms.ChoiceField(label="Told", choices=TWO, widget=forms.RadioSelect, help_text="How?")
    channel = forms.ChoiceField(label="Channel", choices=TWO, widget=SegmentedRadios)
    solved = forms.ChoiceField(label="Solved", choices=TWO, widget=ChoiceCards)
    rating = forms.ChoiceField(label="Rating", choices=[(1, "Bad"), (2, "Good")], widget=Scale)
    version = forms.CharField(widget=forms.HiddenInput)


def group(name, data=None):
    return CaseForm(data)[name].as_field_group()


def test_a_field_has_label_hint_and_bootstrap_class():
    html = group("phone")
    assert '<label class="form-label" for="id_phone">Phone</label>' in html
    assert '<div class="form-text" id="id_phone_helptext">With area code.</div>' in html
    assert 'class="form-control"' in html
    assert 'aria-describedby="id_phone_helptext"' in html
    assert "field-error" not in html


def test_an_error_stands_above_the_input_and_describes_it():
    html = group("phone", {})
    assert html.index('id="id_phone_error"') < html.index("<input")
    assert 'class="form-control is-invalid"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html


@pytest.mark.parametrize(
    ("name", "css"),
    [("want", "form-control"), ("site", "form-select"), ("danger", "form-check-input"), ("told", "form-check-input")],
)
def test_each_widget_has_its_class(name, css):
    assert f'class="{css}"' in group(name)


def test_only_fields_that_may_stay_empty_are_marked_optional():
    assert "optional" in group("want")
    assert "optional" not in group("phone")
    assert "optional" not in group("danger")


def test_a_form_may_leave_the_optional_mark_out():
    form = CaseForm()
    form.mark_optional = False
    assert "optional" not in form["want"].as_field_group()


@pytest.mark.parametrize(("name", "css"), [("channel", "seg"), ("solved", "choice"), ("rating", "scale")])
def test_radios_come_as_segments_cards_and_scale(name, css):
    html = group(name)
    assert f'class="{css}"' in html
    assert html.count('type="radio"') == 2
    # The span right after the input shows the choice where :has() is unknown.
    assert len(re.findall(r"<input[^>]*><span>", flat(html))) == 2


def test_radios_are_a_fieldset_described_by_hint_and_error():
    html = group("told", {})
    assert '<fieldset class="field" aria-describedby="id_told_helptext id_told_error">' in html
    assert "aria-invalid" not in html


def test_the_summary_links_to_every_field_in_error():
    html = flat(str(CaseForm({"version": "1", "phone": "1"})))
    assert "5 things to put right" in html
    assert 'href="#id_site">Site: ' in html
    # A group has no input of its own id: the link leads to its first radio.
    assert 'href="#id_told_0">Told: ' in html
    assert 'id="id_told_0"' in html


def test_errors_without_a_visible_field_are_named_too():
    form = CaseForm({"phone": "1", "site": "a", "told": "a", "channel": "a", "solved": "a", "rating": "1"})
    form.add_error(None, "Changed meanwhile.")
    html = flat(str(form))
    assert "<li>Changed meanwhile.</li>" in html
    assert "2 things to put right" in html


def test_what_was_typed_is_kept_and_escaped():
    html = group("phone", {"phone": '"><script>'})
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


def test_a_class_given_by_the_page_stays():
    form = CaseForm()
    form.fields["phone"].widget.attrs["class"] = "num"
    assert 'class="num form-control"' in form["phone"].as_field_group()


def test_a_hidden_field_is_only_its_input():
    assert group("version").strip() == '<input type="hidden" name="version" id="id_version">'
