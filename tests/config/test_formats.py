from datetime import date, datetime

import pytest
from django import forms
from django.utils import formats, translation

NOVEMBER = datetime(2026, 11, 18, 14, 5)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Wed 18 Nov 2026, 14:05"), ("zh-hans", "2026年11月18日（星期三）14:05")]
)
def test_a_moment_reads_as_the_language_writes_it(language, words):
    with translation.override(language):
        assert formats.localize(NOVEMBER) == words


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_a_browsers_date_field_sends_is_understood_in_both_languages(language):
    with translation.override(language):
        assert forms.DateField().clean("2026-11-18") == date(2026, 11, 18)
        assert forms.DateTimeField().clean("2026-11-18T14:05").minute == 5


def test_chinese_dates_can_be_typed():
    with translation.override("zh-hans"):
        assert forms.DateField().clean("2026年11月18日") == date(2026, 11, 18)


@pytest.mark.parametrize("typed", ["18/11/2026", "11/18/2026", "2026-02-30"])
def test_a_date_with_two_meanings_or_none_is_refused(typed):
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean(typed)
