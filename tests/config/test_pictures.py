"""The pictures of the README, and the index of the gallery that make screenshots writes."""

import re

import pytest

from tests.e2e import gallery
from tests.e2e.gallery_index import index
from tests.e2e.gallery_pages import IN_README, OPENED, PAGES


def test_the_readme_shows_what_is_kept_and_nothing_else_is_kept():
    kept = {path.stem for path in gallery.DOCUMENTS.iterdir()}
    shown = re.findall(r"docs/screenshots/([\w-]+)\.png", (gallery.ROOT / "README.md").read_text(encoding="utf-8"))
    assert kept == set(shown) == set(IN_README)
    assert len(kept) <= 6


def test_the_readmes_pictures_are_taken_by_the_same_command(monkeypatch):
    monkeypatch.setenv("README", "1")
    taken = {
        gallery.picture_name(page[0], *look)
        for page in [*PAGES, *OPENED]
        for look in gallery.LOOKS
        if gallery.chosen(page[0], *look)
    }
    assert taken == set(IN_README)


@pytest.mark.parametrize(
    ("pages", "looks", "count"),
    [("", "", 8), ("queue", "", 8), ("queue-mine", "", 0), ("que", "", 0), ("board queue", "en-phone-dark", 1)],
)
def test_pages_and_looks_can_be_chosen(monkeypatch, pages, looks, count):
    monkeypatch.setenv("PAGES", pages)
    monkeypatch.setenv("LOOKS", looks)
    assert sum(gallery.chosen("queue", *look) for look in gallery.LOOKS) == count


def test_the_index_shows_page_by_page_what_is_there(tmp_path):
    for name in ("queue-zh-phone-dark", "queue-en-desktop-light", "board-en-phone-light", "admin-en-desktop-light"):
        (tmp_path / f"{name}.png").touch()
    (tmp_path / "other.png").touch()
    html = index(tmp_path, ["queue", "board"])
    assert re.findall(r'<section id="([\w-]+)">', html) == ["queue", "board", "admin"]
    assert re.findall(r'href="#([\w-]+)"', html) == ["queue", "board", "admin"]
    assert re.findall(r'<figure class="([a-z ]+)"><a href="(queue[^"]+)">', html) == [
        ("en desktop light", "queue-en-desktop-light.png"),
        ("zh phone dark", "queue-zh-phone-dark.png"),
    ]
    assert "other.png" not in html
