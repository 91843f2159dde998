from datetime import UTC, datetime

import pytest
from django import forms
from django.contrib import admin
from django.utils import timezone

from accounts.admin.people import AbsenceInline
from accounts.forms import AbsenceForm
from accounts.models import Absence, Person
from accounts.moments import MomentField
from tests.flat import flat

BEFORE, AFTER = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
TYPED = "2026-10-25T02:30"


class MomentForm(forms.Form):
    at = MomentField(required=False)


@pytest.fixture(autouse=True)
def _in_berlin():
    with timezone.override("Europe/Berlin"):
        yield


def refused(**data) -> list[str]:
    form = MomentForm(data)
    assert not form.is_valid()
    return form.errors["at"]


def test_an_hour_that_comes_twice_is_asked_about_and_both_are_offered():
    form = MomentForm({"at": TYPED})
    assert form.errors["at"] == ["The clocks went back that night, so 02:30 came twice. Choose which one it is."]
    html = str(form["at"])
    assert f'value="{TYPED}"' in html
    assert html.index("before the clocks went back (UTC+02:00)") < html.index("after the clocks went back (UTC+01:00)")
    assert "checked" not in html, "it is not guessed"


@pytest.mark.parametrize(("offset", "moment"), [("+02:00", BEFORE), ("+01:00", AFTER)])
def test_what_is_chosen_is_meant_and_stands_in_the_form_again(offset, moment):
    form = MomentForm({"at": TYPED, "at_offset": offset})
    assert form.is_valid()
    assert form.cleaned_data["at"] == moment
    assert f'value="{TYPED}"' in str(form["at"])
    assert f'value="{offset}" checked' in flat(str(form["at"]))


@pytest.mark.parametrize(("stored", "offset"), [(BEFORE, "+02:00"), (AFTER, "+01:00")])
def test_what_is_stored_is_shown_as_the_one_that_it_is(stored, offset):
    form = MomentForm(initial={"at": stored})
    assert f'value="{offset}" checked' in flat(str(form["at"]))
    assert not MomentForm({"at": TYPED, "at_offset": offset}, initial={"at": stored}).has_changed()


@pytest.mark.parametrize("offset", ["+05:00", "", "two", "+02:00\0"])
def test_an_offset_that_was_not_offered_chooses_nothing(offset):
    assert "came twice" in refused(at=TYPED, at_offset=offset)[0]


def test_a_choice_does_not_stick_to_another_time():
    form = MomentForm({"at": "2026-11-20T02:30", "at_offset": "+02:00"})
    assert form.is_valid()
    assert form.cleaned_data["at"] == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert "fieldset" not in str(form["at"])


def test_an_hour_that_the_clocks_skip_is_refused_in_words():
    assert refused(at="2026-03-29T02:30") == ["That night the clocks go forward: 02:30 does not exist."]
    assert "fieldset" not in str(MomentForm({"at": "2026-03-29T02:30"})["at"])


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59", "1999-12-31T00:00"])
def test_a_year_that_nobody_can_mean_is_asked_about(typed):
    assert refused(at=typed)[0].startswith("Is the year right?")


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30T10:00", "\0", "9" * 99])
def test_what_is_no_moment_is_refused_and_kept(typed):
    assert refused(at=typed)
    assert MomentForm({"at": typed})["at"].value() == typed


@pytest.mark.django_db
def test_absences_offer_both_too(cast):
    """A form of a model makes its fields itself."""
    typed = {"begins_at": TYPED, "ends_at": "2026-10-26T10:00"}
    at = datetime(2026, 10, 1, tzinfo=UTC)
    assert "came twice" in AbsenceForm(typed, person=cast.handler, at=at).errors["begins_at"][0]
    form = AbsenceForm(typed | {"begins_at_offset": "+01:00"}, person=cast.handler, at=at)
    assert form.is_valid()
    assert form.cleaned_data["begins_at"] == AFTER


def test_the_administration_asks_with_the_same_field(rf):
    field = Absence._meta.get_field("begins_at")
    inline = AbsenceInline(Person, admin.site)
    assert isinstance(inline.formfield_for_dbfield(field, rf.get("/")), MomentField)
