"""The command: totals, progress, and what it says when it stops, in words and never with a traceback."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.models import Team
from complaints.importing import load, run
from complaints.management.commands import import_complaints
from complaints.models import Complaint

ODD = Path(__file__).parent / "oddities.csv"
ARGUMENTS = ["import_complaints", str(ODD), "--mapping", "zh_complaints"]


@pytest.fixture
def company(db):
    return Team.objects.create(name="Jinghe Energy", kind="company")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(settings, tmp_path):
    settings.DATA_DIR = tmp_path


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


def test_progress_counts_up_to_the_end(company, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 5)
    monkeypatch.setattr(import_complaints, "LINE_EVERY", 5)
    err = io.StringIO()
    call_command(*ARGUMENTS, stderr=err)
    assert err.getvalue().splitlines() == ["5 of 12 rows …", "10 of 12 rows …", "12 of 12 rows …"]


@pytest.mark.parametrize(
    ("stop", "said", "code"),
    [
        (KeyboardInterrupt(), "Stopped.", 130),
        (OperationalError("terminating\nmore"), "did not go on: terminating.", 1),
    ],
)
def test_a_stop_says_what_is_stored_and_how_to_go_on(company, monkeypatch, stop, said, code):
    monkeypatch.setattr(run, "BATCH", 5)
    whole = load.Loader.load

    def stop_at_the_second_batch(self, cases):
        if Complaint.objects.exists():
            raise stop
        return whole(self, cases)

    monkeypatch.setattr(load.Loader, "load", stop_at_the_second_batch)
    with pytest.raises(CommandError) as stopped:
        call_command(*ARGUMENTS)
    assert stopped.value.returncode == code
    assert said in str(stopped.value)
    assert "Stored so far, to line 11: 5 rows read: 5 created, 0 known already, 0 rejected." in str(stopped.value)
    assert "Run it again to go on" in str(stopped.value)
    assert Complaint.objects.count() == 5
    monkeypatch.setattr(load.Loader, "load", whole)
    out = io.StringIO()
    call_command(*ARGUMENTS, stdout=out)
    assert "12 rows read: 3 created, 5 known already, 4 rejected." in out.getvalue()


def test_what_is_said_of_one_file_goes_before_its_mapping(company, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(ODD.read_text(encoding="utf-8").split("\n", 1)[0].replace(",", "~").encode("gb18030"))
    out = io.StringIO()
    said = ["--mapping", "zh_complaints", "--encoding", "gb18030", "--delimiter", "~"]
    call_command("import_complaints", str(path), *said, stdout=out)
    assert "0 rows read" in out.getvalue()
    with pytest.raises(CommandError, match=r'"klingon" is no encoding.* Nothing was stored\.'):
        call_command("import_complaints", str(path), "--mapping", "zh_complaints", "--encoding", "klingon")


def test_nobody_listening_is_no_fault_of_the_import():
    """In a process of its own: it writes into pipes whose other end is closed, to the end of Python."""
    code = (
        "import django; django.setup()\n"
        "from complaints.management.commands.import_complaints import Command\n"
        "command = Command()\n"
        "for read in (5000, 10000): command.show(read, 10000)\n"
        "command.say('10000 rows read'); command.say('more')\n"
    )
    closed, other = os.pipe()
    os.close(closed)
    process = subprocess.run([sys.executable, "-c", code], stdout=other, stderr=other, check=False)
    os.close(other)
    assert process.returncode == 0
