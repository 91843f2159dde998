"""A mapping with a key: a row that comes again is the same row, whatever changed in it, and never a second case."""

import csv
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Team
from complaints.case import events
from complaints.importing import load, mapping, run
from complaints.models import Complaint, Message, SourceRow
from followups.models import Notice
from tests.complaints.importing import broken

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
HEADER = "id,when,story,state,exported\n"
FIRST = HEADER + "1,2020-01-01,漏油,CA,mon\n2,2020-01-02,No receipt,NY,mon\n"
MAPPING = {
    "name": "desk",
    "key": "id",
    "columns": {"received_at": "when", "narrative": "story"},
    "keep": ["state"],
    "language": "en",
}


@pytest.fixture
def company(db):
    return Team.objects.create(name="Jinghe Energy", kind="company")


@pytest.fixture
def imported(company, tmp_path):
    def run_it(content, **more):
        path = tmp_path / more.pop("file", "export.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        how = mapping.build(MAPPING | more.pop("how", {}), where="own.yaml")
        (tmp_path / "rejected.csv").unlink(missing_ok=True)
        totals = run.run(path, how, team=company, at=NOW, rejects=tmp_path / "rejected.csv", **more)
        return totals.created, totals.known, totals.noted, totals.rejected

    return run_it


def reasons(tmp_path) -> list[str]:
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["reason"] for row in csv.DictReader(file)]


def test_the_shipped_mapping_has_a_key_where_the_source_has_one():
    assert mapping.load("cfpb").key == ("Complaint ID",)
    assert mapping.load("zh_complaints").key == (), "its numbers repeat for different messages"


def test_a_row_that_came_before_is_known_whatever_else_the_export_says(imported):
    assert imported(FIRST) == (2, 0, 0, 0)
    assert imported(FIRST.replace("mon", "tue")) == (0, 2, 0, 0), "a column that the mapping does not use"
    assert imported(FIRST.replace("2020-01-01", " 2020-01-01 ").replace("漏油", '"\n\t漏油\u3000"')) == (0, 2, 0, 0)
    assert Complaint.objects.count() == 2


def test_the_same_table_as_a_sheet_with_real_dates_is_the_same(imported):
    imported(FIRST)
    rows = [
        ["id", "when", "story", "state", "exported"],
        [1, datetime(2020, 1, 1), "漏油", "CA", "mon"],
        [2, datetime(2020, 1, 2), "No receipt", "NY", None],
    ]
    assert imported(broken.book(rows), file="export.xlsx") == (0, 2, 0, 0)


def test_a_changed_row_is_refused_naming_the_columns_and_its_case(imported, tmp_path):
    imported(FIRST)
    changed = FIRST.replace("No receipt,NY", "No receipt at all,NJ")
    for _again in range(2):
        assert imported(changed) == (0, 1, 0, 1)
        reference = Complaint.objects.get(source__state="NY").reference
        assert reasons(tmp_path) == [f"changed since it was imported ({reference}): state, story"]
    assert Complaint.objects.count() == 2
    assert not Message.objects.exists()


def test_a_changed_row_can_be_noted_on_its_case_once_with_old_and_new(imported):
    imported(FIRST, how={"language": "zh-hans"})
    changed = FIRST.replace("No receipt,NY", "No receipt at all,")
    assert imported(changed, note_changes=True) == (0, 1, 1, 0)
    assert imported(changed, note_changes=True) == (0, 2, 0, 0)
    note = Message.objects.get()
    assert (note.kind, note.author, note.complaint.source["state"]) == ("internal", None, "NY")
    assert note.body.splitlines() == [
        "导入之后在来源系统中有变动（export.csv，第3行）：",
        "state：NY → （空）",
        "story：No receipt → No receipt at all",
    ]
    complaint = note.complaint
    assert complaint.narrative == "No receipt", "the customer's words stay as they came"
    history = list(complaint.events.order_by("number"))
    assert [event.kind for event in history] == ["imported", *["promise_made"] * (len(history) - 2), "note_added"]
    assert list(events.broken_links(complaint, history)) == []
    assert not Notice.objects.exists()


@pytest.mark.parametrize("note_changes", [False, True])
def test_a_dry_run_tells_the_totals_of_the_real_one(imported, note_changes):
    imported(FIRST)
    again = FIRST.replace("NY", "NJ") + "3,2020-01-03,New,CA,x\n3,2020-01-03,New,CA,y\n3,2020-01-03,Other,CA,x\n,,,,\n"
    told = imported(again, dry_run=True, note_changes=note_changes)
    assert Complaint.objects.count() == 2
    assert not Message.objects.exists()
    assert imported(again, note_changes=note_changes) == told
    assert told == ((1, 2, 1, 1) if note_changes else (1, 2, 0, 2))


def test_two_rows_of_one_file_with_the_same_key_and_other_content_are_told_apart(imported, tmp_path):
    assert imported(FIRST + "2,2020-01-02,Another story,NY,mon\n") == (2, 0, 0, 1)
    assert reasons(tmp_path) == ["id: line 3 has the same key and other content: 2"]


def test_several_columns_can_be_the_key_together(imported):
    how = {"key": ["state", "id"]}
    assert imported(FIRST + "1,2020-01-03,Other,NY,x\n", how=how) == (3, 0, 0, 0)
    assert imported(FIRST, how=how) == (0, 2, 0, 0)


def test_rows_without_a_key_are_known_by_their_content_as_ever(imported):
    without = HEADER + ",2020-01-04,Other,,x\n" * 2
    assert imported(without) == (2, 0, 0, 0)
    assert imported(without) == (0, 2, 0, 0)


def test_keys_are_those_of_one_mapping(imported):
    imported(FIRST)
    assert imported(FIRST.replace("漏油", "加错油"), how={"name": "other"}) == (1, 1, 0, 0)
    assert SourceRow.objects.filter(key="1").count() == 2


def test_what_was_imported_before_its_mapping_had_a_key_is_known_and_gets_its_key(imported):
    assert imported(FIRST, how={"key": []}) == (2, 0, 0, 0)
    assert not SourceRow.objects.exists()
    assert imported(FIRST) == (0, 2, 0, 0)
    assert imported(FIRST.replace("NY", "NJ")) == (0, 1, 0, 1)
    assert Complaint.objects.count() == 2


def test_the_database_keeps_a_key_for_one_case(imported):
    imported(FIRST)
    row = SourceRow.objects.get(key="1")
    for mapping_name, key in (("desk", "1"), ("desk", ""), ("", "1")):
        with pytest.raises(IntegrityError), transaction.atomic():
            SourceRow.objects.create(mapping=mapping_name, key=key, complaint=row.complaint, values={})


def test_rows_that_another_import_stored_meanwhile_are_known(imported, company, tmp_path, monkeypatch):
    whole = load.Loader.known
    looked = []

    def not_yet(self, keys):
        looked.append(keys)
        return whole(self, keys) if len(looked) > 1 else {}

    imported(FIRST, how={"key": []})
    monkeypatch.setattr(load.Loader, "known", not_yet)
    assert imported(FIRST + "3,2020-01-03,New,CA,x\n", how={"key": []}) == (1, 2, 0, 0)
    assert Complaint.objects.count() == 3


def test_a_very_long_change_fits_into_one_note(imported):
    imported(FIRST)
    assert imported(FIRST.replace("No receipt", "油" * 19_000), note_changes=True) == (0, 1, 1, 0)
    assert len(Message.objects.get().body) < 3_000
