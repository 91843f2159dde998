import pytest

from config import source_rules

# Put together, so that this file keeps the rules itself.
SAFE, EXEMPT, MARK, NOQA = "|" + "safe", "csrf_" + "exempt", "mark_" + "safe", "# no" + "qa"


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
        ("a.py", "unsafe = is_safe(x)"),
        ("a.html", "{{ text|safer }}"),
    ],
)
def test_a_reason_or_another_word_is_fine(tmp_path, name, line):
    assert problems_in(tmp_path, name, line) == []


@pytest.mark.parametrize(("lines", "found"), [(350, 0), (351, 1)])
def test_a_file_has_at_most_350_lines(tmp_path, lines, found):
    assert len(problems_in(tmp_path, "long.css", "a{}\n" * lines)) == found


@pytest.mark.parametrize(
    "name", ["app/migrations/0001.py", "static/vendor/x.js", ".venv/x.py", "locale/x.py", "x.txt"]
)
def test_foreign_and_generated_files_may_be_long(tmp_path, name):
    assert problems_in(tmp_path, name, "x\n" * 400) == []


def test_our_own_source_keeps_the_rules(settings):
    assert list(source_rules.problems(settings.BASE_DIR)) == []
