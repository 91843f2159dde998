"""Importing whole files: totals that add up, nothing doubled, nothing sent, and the two real files in full."""

import csv
import gzip
import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DataError

from accounts.models import Team
from complaints.case import events
from complaints.errors import Refused
from complaints.importing import load, mapping, run
from complaints.importing.errors import FileRefused
from complaints.models import Category, Complaint, Customer, Message, ReferenceBlock
from followups.models import Notice
from tests.complaints.importing import broken

HERE = Path(__file__).parent
ODD = HERE / "oddities.csv"
REAL = HERE.parents[3] / "shared" / "data"
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
def company(db):
    return Team.objects.create(name="Jinghe Energy", kind="company")


def imported(path, company, tmp_path, name="zh_complaints", **more):
    return run.run(path, mapping.load(name), team=company, at=NOW, rejects=tmp_path / "rejected.csv", **more)


def test_totals_add_up_and_a_second_run_doubles_nothing(company, tmp_path):
    totals = imported(ODD, company, tmp_path)
    assert (totals.read, totals.created, totals.known, totals.rejected) == (12, 8, 0, 4)
    again = imported(ODD, company, tmp_path)
    assert (again.read, again.created, again.known, again.rejected) == (12, 0, 8, 4)
    assert Complaint.objects.count() == 8


def test_rejected_rows_are_written_with_line_and_reason(company, tmp_path):
    imported(ODD, company, tmp_path)
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        rejected = list(csv.DictReader(file))
    lines = ODD.read_text(encoding="utf-8").splitlines()
    assert [row["reason"].split(":")[0] for row in rejected[:3]] == ["留言时间", "留言详情", "留言时间"]
    assert "6 cells" in rejected[3]["reason"]
    for row in rejected:
        assert row["留言编号"] in lines[int(row["line"]) - 1]
    assert rejected[2]["留言详情"] == "'=1+1", "a spreadsheet must not calculate it"


def test_no_file_of_rejects_without_rejects(company, tmp_path):
    path = tmp_path / "good.csv"
    path.write_text(
        "\n".join(ODD.read_text(encoding="utf-8").splitlines()[:1]) + "\n甲,1,U,x,2019/1/1 8:00:00,漏油,,,,,,\n"
    )
    imported(path, company, tmp_path)
    assert not (tmp_path / "rejected.csv").exists()


def test_cases_land_where_their_data_supports_with_the_waived_gates_in_the_event(company, tmp_path):
    imported(ODD, company, tmp_path)
    open_one = Complaint.objects.get(source__留言编号="102")
    answered = Complaint.objects.get(source__留言编号="101")
    assert (open_one.status, answered.status) == ("received", "resolved")
    assert open_one.received_at == datetime(2020, 1, 31, 16, 0, tzinfo=UTC)
    assert len(open_one.narrative) == 9023
    first = open_one.events.get(number=1)
    assert (first.kind, first.data["waived"]) == ("imported", ["log:phone"])
    assert answered.events.get(number=1).data["waived"] == ["log:phone", "verify", "assign", "resolve"]
    assert answered.resolutions.get().told_at == datetime(2019, 11, 5, 1, 0, tzinfo=UTC)
    assert answered.messages.get().body.startswith("网友：您好！")
    assert answered.narrative == "冷柜停用四天 了，𠮷先生说。"


def test_the_history_of_imported_cases_holds(company, tmp_path):
    imported(ODD, company, tmp_path)
    for complaint in Complaint.objects.all():
        assert list(events.broken_links(complaint, list(complaint.events.order_by("number")))) == []


def test_accounts_of_the_source_are_one_customer_each_and_categories_are_added_once(company, tmp_path):
    imported(ODD, company, tmp_path)
    assert Customer.objects.filter(name="U1").count() == 1
    assert Complaint.objects.filter(customer__name="U1").count() == 2
    assert set(Category.objects.values_list("name", flat=True)) == {"计量", "服务"}


@pytest.mark.parametrize("accounts", [False, True])
def test_one_number_is_one_customer_only_where_the_mapping_says_so(company, tmp_path, accounts):
    known = Customer.objects.create(name="Li", phone="13900004417", phone_key="+8613900004417", created_at=NOW)
    path = tmp_path / "numbers.csv"
    path.write_text("when,story,who,phone\n" + "".join(f"2020-01-0{n},漏油{n},Li,139 0000 4417\n" for n in (1, 2)))
    columns = {"received_at": "when", "narrative": "story", "customer_name": "who", "phone": "phone"}
    numbers = mapping.build({"columns": columns, "contacts_are_accounts": accounts}, where="here")
    run.run(path, numbers, team=company, at=NOW, rejects=tmp_path / "rejected.csv")
    customers = set(Complaint.objects.values_list("customer", flat=True))
    assert (customers == {known.pk}) if accounts else (len(customers) == 2 and known.pk not in customers)


def test_nothing_is_sent_to_anybody(company, tmp_path, mailoutbox):
    imported(ODD, company, tmp_path)
    assert not Notice.objects.exists()
    assert mailoutbox == []


def test_a_dry_run_counts_the_same_and_stores_nothing(company, tmp_path):
    totals = imported(ODD, company, tmp_path, dry_run=True)
    assert (totals.read, totals.created, totals.rejected) == (12, 8, 4)
    assert not Complaint.objects.exists()
    assert not Category.objects.exists()


def test_an_import_that_was_stopped_goes_on_where_it_was(company, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 3)
    whole, loaded = load.Loader.load, []

    def stop_at_the_second_batch(self, cases):
        if loaded:
            raise KeyboardInterrupt
        loaded.append(cases)
        return whole(self, cases)

    monkeypatch.setattr(load.Loader, "load", stop_at_the_second_batch)
    with pytest.raises(KeyboardInterrupt):
        imported(ODD, company, tmp_path)
    assert Complaint.objects.count() == 3
    monkeypatch.setattr(load.Loader, "load", whole)
    totals = imported(ODD, company, tmp_path)
    assert (totals.created, totals.known) == (5, 3)


def test_a_batch_is_stored_whole_or_not_at_all(company, tmp_path, monkeypatch):
    monkeypatch.setattr(load.events, "append_many", lambda events: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        imported(ODD, company, tmp_path)
    assert not Complaint.objects.exists()
    assert not Customer.objects.exists()


def test_a_missing_column_is_named_before_anything_is_read(company, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("留言详情,留言时间\n漏油,2019/1/1 8:00:00\n")
    with pytest.raises(FileRefused, match=r"lacks these columns: .*留言主题"):
        imported(path, company, tmp_path)


def test_a_file_that_is_broken_in_its_middle_stores_nothing(company, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 1)
    path = tmp_path / "a.csv"
    head = ODD.read_text(encoding="utf-8").splitlines()[0]
    good = "甲,1,U,x,2019/1/1 8:00:00,漏油,,,,,,\n"
    path.write_bytes((head + "\n" + good).encode() + b"x" * 20_000 + b"\xff\n")
    with pytest.raises(FileRefused, match=r"a.csv, line 3: this is not UTF-8 text"):
        imported(path, company, tmp_path)
    assert not Complaint.objects.exists()


def test_numbers_are_taken_before_the_batch_and_a_failed_batch_explains_its_gap(company, tmp_path, monkeypatch):
    with monkeypatch.context() as failing:
        failing.setattr(load.events, "append_many", lambda events: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            imported(ODD, company, tmp_path)
    block = ReferenceBlock.objects.get()
    assert (block.first, block.last) == (1, 8)
    imported(ODD, company, tmp_path)
    assert Complaint.objects.earliest("id").reference == "C-2026-000009"
    assert ReferenceBlock.objects.get() == block
    call_command("verify_history")


def test_a_cell_that_is_too_long_refuses_its_row_alone(company, tmp_path):
    columns = {"received_at": "when", "narrative": "story", "place": "place", "reply": "reply", "phone": "phone"}
    how = mapping.build({"columns": columns, "keep": ["n"]}, where="here")
    path = tmp_path / "long.csv"
    lines = [["2020-01-01", "漏油", "", "", "", ""]]
    for column, length in ((1, 20_001), (1, 2_000_000), (2, 201), (3, 20_001), (4, 41), (5, 5_001)):
        lines.append([*lines[0]])
        lines[-1][column] = "x" * length
    path.write_text("when,story,place,reply,phone,n\n" + "".join(",".join(cells) + "\n" for cells in lines))
    totals = run.run(path, how, team=company, at=NOW, rejects=tmp_path / "rejected.csv")
    assert (totals.created, totals.rejected) == (1, 6)
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [(row["line"], row["reason"]) for row in rejected] == [
        ("3", "story: 20,001 characters, at most 20,000 can be kept"),
        ("4", "story: 2,000,000 characters, at most 20,000 can be kept"),
        ("5", "place: 201 characters, at most 200 can be kept"),
        ("6", "reply: 20,001 characters, at most 20,000 can be kept"),
        ("7", "phone: 41 characters, at most 40 can be kept"),
        ("8", "n: 5,001 characters, at most 5,000 can be kept"),
    ]


@pytest.mark.parametrize("error", [DataError("value too long for a column"), Refused("not taken")])
def test_a_row_that_cannot_be_stored_takes_no_other_with_it(company, tmp_path, monkeypatch, error):
    whole = load.Loader._results

    def refuse_one(self, cases, complaints):
        if any(case.source.get("留言编号") == "103" for case in cases):
            raise error
        return whole(self, cases, complaints)

    monkeypatch.setattr(load.Loader, "_results", refuse_one)
    totals = imported(ODD, company, tmp_path)
    assert (totals.read, totals.created, totals.known, totals.rejected) == (12, 7, 0, 5)
    assert f"it cannot be stored: {error}" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    call_command("verify_history")


def test_a_sheet_with_real_dates_is_taken_by_the_shipped_mapping_in_its_zone(company, tmp_path):
    cfpb = mapping.load("cfpb")
    row = dict.fromkeys(sorted(cfpb.needed_columns)) | {
        "Date received": datetime(2023, 4, 20),
        "Date sent to company": datetime(2023, 4, 21, 9, 30),
        "Issue": "Wrong amount",
        "Submitted via": "Web",
        "Company response to consumer": "Closed with explanation",
        "ZIP code": 94103,
        "Complaint ID": 6868681.0,
    }
    (tmp_path / "cfpb.xlsx").write_bytes(broken.book([list(row), list(row.values())]))
    totals = imported(tmp_path / "cfpb.xlsx", company, tmp_path, "cfpb")
    assert (totals.created, totals.rejected) == (1, 0)
    complaint = Complaint.objects.get()
    assert complaint.received_at == datetime(2023, 4, 20, 4, 0, tzinfo=UTC), "midnight in New York"
    assert complaint.resolutions.get().told_at == datetime(2023, 4, 21, 13, 30, tzinfo=UTC)
    assert (complaint.source["ZIP code"], complaint.source["Complaint ID"]) == ("94103", "6868681")


def test_rejected_rows_stand_under_their_own_columns_whole(company, tmp_path):
    head = ODD.read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / "ragged.csv"
    path.write_text(f"{head}\n甲,1\n甲,2,U,x,不是日期,漏油,,,,,,,一,二\n甲,3,U,x,不是日期,漏油,,,,,,\n")
    imported(path, company, tmp_path)
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        short, long, whole = csv.DictReader(file)
    assert (short["留言编号"], short["留言时间"]) == ("1", None)
    assert long[None][-2:] == ["一", "二"]
    assert (whole["留言时间"], whole["留言详情"]) == ("不是日期", "漏油")


def test_the_file_that_is_imported_is_not_written_over(company, tmp_path):
    path = tmp_path / "rejected.csv"
    path.write_bytes(ODD.read_bytes())
    with pytest.raises(FileRefused, match="name another one"):
        imported(path, company, tmp_path)
    assert path.read_bytes() == ODD.read_bytes()


def test_rejected_rows_that_have_no_place_stop_the_import_in_words(company, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileRefused, match="The rejected rows cannot be written to"):
        run.run(ODD, mapping.load("zh_complaints"), team=company, at=NOW, rejects=tmp_path / "file" / "r.csv")


REAL_FILES = [
    # file, mapping, rows, resolved
    ("zh_complaints.csv.gz", "zh_complaints", 5000, 1932),
    ("cfpb_5000.csv.gz", "cfpb", 5000, 1751),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "name", "rows", "resolved"), REAL_FILES, ids=[row[1] for row in REAL_FILES])
def test_a_real_file_comes_in_whole_and_again_with_nothing_new(company, tmp_path, file, name, rows, resolved):
    path = REAL / file
    if not path.exists():
        pytest.skip(f"{file} is not beside this checkout (shared/data)")
    totals = imported(path, company, tmp_path, name)
    assert (totals.read, totals.created, totals.known, totals.rejected) == (rows, rows, 0, 0)
    assert Complaint.objects.filter(status="resolved").count() == resolved
    assert Complaint.objects.filter(status="received").count() == rows - resolved
    assert not Message.objects.exclude(complaint__status="resolved").exists()
    again = imported(path, company, tmp_path, name)
    assert (again.read, again.created, again.known, again.rejected) == (rows, 0, rows, 0)


@pytest.mark.slow
def test_a_real_file_exported_again_with_a_changed_column_doubles_nothing(company, tmp_path):
    path = REAL / "cfpb_5000.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout (shared/data)")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *found = itertools.islice(csv.reader(file), 301)
    answered = header.index("Company response to consumer")
    later = [[*row[:answered], "Closed with relief", *row[answered + 1 :]] for row in found]
    for name, exported in (("first.csv", found), ("second.csv", later)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *exported])
    assert imported(tmp_path / "first.csv", company, tmp_path, "cfpb").created == 300
    totals = imported(tmp_path / "second.csv", company, tmp_path, "cfpb")
    assert (totals.created, totals.known + totals.rejected) == (0, 300)
    assert Complaint.objects.count() == 300
    reasons = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert reasons.count("changed since it was imported") == totals.rejected > 200
