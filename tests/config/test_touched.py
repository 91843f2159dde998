"""Which test files a change touches (make quick)."""

import pytest

from tests.touched import touched

FILES = {
    "complaints/texts.py": "",
    "complaints/queue/bulk.py": "",
    "complaints/queue/rows.py": "TEMPLATE = 'complaints/queue/row.html'",
    "complaints/queue/__init__.py": "",
    "complaints/__init__.py": "",
    "complaints/queue/views_bulk.py": "",
    "local/up.py": "",
    "tests/complaints/test_texts.py": "from complaints import texts",
    "tests/complaints/test_samples.py": "import complaints.queue",
    "tests/complaints/samples.py": "import complaints.queue.bulk",
    "tests/complaints/queue/test_bulk.py": "from complaints.queue import bulk",
    "tests/complaints/queue/test_bulk_together.py": "from complaints.queue.bulk import choose",
    "tests/complaints/queue/test_rows.py": "",
    "tests/complaints/queue/test_views_bulk.py": "from complaints.bulky import choose",
    "tests/local/test_up.py": "from tests.complaints.samples import one",
}


@pytest.fixture
def checkout(tmp_path):
    for name, source in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "files"),
    [
        ("complaints/texts.py", ["tests/complaints/test_texts.py"]),
        (
            "complaints/queue/bulk.py",
            ["tests/complaints/queue/test_bulk.py", "tests/complaints/queue/test_bulk_together.py"],
        ),
        ("complaints/queue/rows.py", ["tests/complaints/queue/test_rows.py"]),
        ("complaints/queue/__init__.py", ["tests/complaints/queue/test_bulk.py", "tests/complaints/test_samples.py"]),
        ("complaints/__init__.py", ["tests/complaints/test_texts.py"]),
        ("complaints/queue/views_bulk.py", ["tests/complaints/queue/test_views_bulk.py"]),
        ("local/up.py", ["tests/local/test_up.py"]),
        ("tests/complaints/queue/test_rows.py", ["tests/complaints/queue/test_rows.py"]),
        ("tests/complaints/samples.py", ["tests/local/test_up.py"]),
        ("templates/complaints/queue/row.html", ["tests/complaints/queue/test_rows.py"]),
        (
            "templates/complaints/queue/_named_by_no_module.html",
            [f"tests/complaints/queue/test_{name}.py" for name in ("bulk", "bulk_together", "rows", "views_bulk")],
        ),
        ("static/css/queue.css", []),
        ("docs/operations.md", []),
        ("complaints/gone.py", []),
    ],
)
def test_it_is_the_file_of_the_name_and_those_that_import_it(checkout, changed, files):
    assert touched([changed], checkout) == files


def test_several_changes_touch_each_file_once(checkout):
    files = touched(["complaints/queue/bulk.py", "tests/complaints/queue/test_bulk.py"], checkout)
    assert files == ["tests/complaints/queue/test_bulk.py", "tests/complaints/queue/test_bulk_together.py"]
