"""What tests.dead_code finds (make check runs it over our own source), and what it lets pass."""

import pytest

from tests import dead_code


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A small desk with one page, one style sheet, one script and one module."""
    monkeypatch.setattr(dead_code, "ROOT", tmp_path)
    for name, text in {
        "templates/a.html": '<b class="chip chip--{{ look }}{% if a %} is-late{% endif %}">dead</b>{% icon "push" %}',
        "static/js/a.js": 'row.classList.add("is-open"); // dead',
        "static/css/a.css": ".chip, .chip--bad, .is-late, .push, .is-open, .shown {}\n.dead .chip { a: b.unit }",
        "accounts/a.py": "LOOKS = 'accounts.signin.Backend', 'two words'\nHTML = '<p class=\"shown\">'",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")


def test_a_class_that_nothing_names_is_found(source):
    assert list(dead_code.unused_classes()) == ["static/css/a.css: unused class 'dead'"]


def test_what_a_template_names_is_used(source):
    words = set(dead_code.words_of_templates())
    assert {"look", "a", "push"} <= words
    assert "dead" not in words


def test_a_text_that_names_something_is_used_and_a_sentence_is_not(source):
    words = set(dead_code.words_of_texts(["accounts"]))
    assert {"signin", "Backend"} <= words
    assert "two" not in words
