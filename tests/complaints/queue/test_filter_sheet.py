import pytest
from django.http import QueryDict
from django.utils import translation

from complaints.models import Category, Complaint
from complaints.queue import filter_sheet
from complaints.queue.filters import ComplaintFilter

NOBODY_ELSE = "Chen Jing"


@pytest.fixture(autouse=True)
def _nothing_kept():
    filter_sheet._untouched.clear()


@pytest.fixture
def fields(cast):
    """fields(person, "site=3") → the fields of the sheet as this person gets them."""

    def fields(person=None, query=""):
        filtered = ComplaintFilter(QueryDict(query), Complaint.objects.all(), person=person or cast.supervisor)
        return filter_sheet.fields_of(filtered)

    return fields


@pytest.fixture
def written(monkeypatch):
    """How often the fields were written, as a list that grows."""
    times, write = [], filter_sheet._written

    def counted(filtered):
        times.append(filtered.person)
        return write(filtered)

    monkeypatch.setattr(filter_sheet, "_written", counted)
    return times


def test_the_fields_are_written_once_for_all_who_may_choose_the_same(cast, fields, written):
    first = fields(cast.handler)
    assert fields(cast.colleague) == fields(cast.handler, "view=mine&sort=newest&after=x") == first
    assert written == [cast.handler]


def test_a_search_alone_leaves_the_fields_as_they_are(cast, fields, written):
    assert fields(cast.supervisor, "q=wang") == fields(cast.supervisor)
    assert "wang" not in fields(cast.supervisor, "q=wang")
    assert len(written) == 1


def test_who_may_choose_others_has_their_own_fields(cast, fields):
    assert NOBODY_ELSE in fields(cast.supervisor)
    assert NOBODY_ELSE not in fields(cast.handler)
    assert NOBODY_ELSE in fields(cast.supervisor)


def test_each_language_has_its_own_fields(fields):
    english = fields()
    with translation.override("zh-hans"):
        assert "河西路加油站" in fields()
    assert "Hexi Road station" in english
    assert fields() == english


def test_a_new_name_and_a_new_entry_show_at_once(cast, fields):
    fields()
    Category.objects.filter(pk=cast.metering.pk).update(name="Measuring")
    Category.objects.create(name="Fuel quality")
    assert "Measuring" in fields()
    assert "Fuel quality" in fields()


def test_what_somebody_chose_is_shown_to_them_alone(cast, fields):
    assert f'value="{cast.hexi.pk}" checked' in fields(query=f"site={cast.hexi.pk}")
    assert " checked" not in fields()
    assert "2026-11-01" in fields(query="received_from=2026-11-01")
    assert "2026-11-01" not in fields()


def test_only_so_many_are_kept(cast, fields, monkeypatch):
    monkeypatch.setattr(filter_sheet, "MOST_KEPT", 2)
    for number in range(5):
        Category.objects.create(name=f"Category {number}")
        assert f"Category {number}" in fields()
        assert len(filter_sheet._untouched) <= 2
