"""Importing whole files: totals that add up, nothing doubled, nothing sent, and the two real files in full."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Team
from complaints import events
from complaints.importing import load, mapping, run
from complaints.importing.errors import FileRefused
from complaints.models import Category, Complaint, Customer, Message
from followups.models import Notice

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


def test_a_fault_in_the_middle_of_a_file_keeps_what_was_loaded(company, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 1)
    path = tmp_path / "a.csv"
    head = ODD.read_text(encoding="utf-8").splitlines()[0]
    good = "甲,1,U,x,2019/1/1 8:00:00,漏油,,,,,,\n"
    path.write_bytes((head + "\n" + good).encode() + b"x" * 20_000 + b"\xff\n")
    with pytest.raises(FileRefused, match="is not UTF-8 text"):
        imported(path, company, tmp_path)
    assert Complaint.objects.count() == 1


def test_the_command_says_the_totals_and_refuses_in_words(company, tmp_path, capsys):
    call_command("import_complaints", str(ODD), "--mapping", "zh_complaints", "--rejects", str(tmp_path / "r.csv"))
    assert "12 rows read: 8 created, 0 known already, 4 rejected." in capsys.readouterr().out
    for arguments, said in [
        ([str(ODD)], "Name a mapping"),
        ([str(ODD), "--mapping", "nope"], "no mapping"),
        ([str(ODD), "--mapping", "cfpb"], "lacks these columns"),
        ([str(ODD), "--mapping", "zh_complaints", "--team", "Nobody"], 'no team "Nobody"'),
        ([str(tmp_path / "none.csv"), "--mapping", "cfpb"], "There is no file"),
    ]:
        with pytest.raises(CommandError, match=said):
            call_command("import_complaints", *arguments)


def test_without_any_team_the_command_says_what_to_do(db):
    with pytest.raises(CommandError, match="Create the company first"):
        call_command("import_complaints", str(ODD), "--mapping", "zh_complaints")


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
