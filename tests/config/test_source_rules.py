import subprocess

import pytest

from config import source_rules

# Put together, so that this file keeps the rules itself.
SAFE, EXEMPT, MARK, NOQA = "|" + "safe", "csrf_" + "exempt", "mark_" + "safe", "# no" + "qa"
IGNORED = "# type: " + "ignore"


def problems_in(tmp_path, name: str, text: str) -> list[str]:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return list(source_rules.problems(tmp_path))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.html", "{{ text" + SAFE + " }}"),
        ("a.html", "{{ text | " + "safe }}"),
        ("a.py", f"@{EXEMPT}"),
        ("a.py", f"from django.utils.safestring import {MARK}"),
        ("a.py", f"import x  {NOQA}: F401"),
        ("a.py", f"@{EXEMPT}  # ok"),
        ("a.py", f"x = y.z  {IGNORED}[attr-defined]"),
        ("a.py", f"x = y.z  {IGNORED}[attr-defined]  # no"),
    ],
)
def test_a_risky_line_without_a_reason_is_found(tmp_path, name, line):
    found = problems_in(tmp_path, name, f"first\n{line}\n")
    assert len(found) == 1
    assert found[0].startswith(f"{name}:2: ")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.html", "{{ text" + SAFE + " }}{# built from our own constants #}"),
        ("a.py", f"@{EXEMPT}  # the provider signs its calls instead"),
        ("a.py", f"import x  {NOQA}: F401 - registers the checks"),
        ("a.py", f"x = y.z  {IGNORED}[attr-defined]  # the stubs leave it out"),
        ("a.py", "unsafe = is_safe(x)"),
        ("a.html", "{{ text|safer }}"),
    ],
)
def test_a_reason_or_another_word_is_fine(tmp_path, name, line):
    assert problems_in(tmp_path, name, line) == []


@pytest.mark.parametrize(
    ("name", "lines", "found"), [("a.js", 350, 0), ("a.js", 351, 1), ("a.css", 1100, 0), ("a.css", 1101, 1)]
)
def test_a_file_has_at_most_350_lines_and_a_style_sheet_more(tmp_path, name, lines, found):
    assert len(problems_in(tmp_path, name, "a{}\n" * lines)) == found


@pytest.mark.parametrize(("width", "found"), [(140, 0), (141, 1)])
@pytest.mark.parametrize("name", ["a.html", "a.css", "a.js", "templates/emails/a/body.txt"])
def test_a_line_of_a_page_a_script_or_a_mail_has_at_most_140_characters(tmp_path, name, width, found):
    assert len(problems_in(tmp_path, name, f"first\n{'x' * width}\n")) == found


@pytest.mark.parametrize(
    ("name", "size", "found"),
    [
        ("docs/a.png", 300_000, 0),
        ("docs/a.png", 300_001, 1),
        ("static/vendor/a.woff2", 300_001, 0),
        ("locale/a.po", 300_001, 0),
    ],
)
def test_what_git_keeps_is_at_most_300_kilobytes_large(tmp_path, name, size, found):
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * size)
    assert list(source_rules.problems(tmp_path)) == []
    for command in (["init", "-q"], ["add", name]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    assert len(list(source_rules.problems(tmp_path))) == found


@pytest.mark.parametrize(
    "name", ["app/migrations/0001.py", "static/vendor/x.js", ".venv/x.py", "locale/x.py", "x.txt"]
)
def test_foreign_and_generated_files_may_be_long(tmp_path, name):
    assert problems_in(tmp_path, name, "x\n" * 400) == []


def test_our_own_source_keeps_the_rules(settings):
    assert list(source_rules.problems(settings.BASE_DIR)) == []


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("from complaints.search.tokens import fold", 1),
        ("    import accounts.models", 1),
        ("from complaints.models import Complaint", 1),
        ("import complaints.models.evidence", 0),
        ("from django.db import migrations", 0),
    ],
)
def test_a_migration_imports_nothing_of_ours(tmp_path, line, faults):
    found = problems_in(tmp_path, "complaints/migrations/0001_first.py", f"{line}\n")
    assert len(found) == faults
