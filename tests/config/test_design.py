"""The design system holds together: tokens, vendored files, icons, and templates that fit the strict CSP."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser

from complaints.templatetags import stages
from ui.styleguide import styleguide
from ui.templatetags import desk

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ICON_IN_TEMPLATE = re.compile(r'icon(?:=|\s+|\|default:)"([a-z0-9-]+)"')


def declarations(css, opening):
    """The declarations of the block that starts with `opening`, one a line, without indentation."""
    body = css.split(opening, 1)[1].split("}", 1)[0]
    return [line.strip() for line in body.splitlines() if line.strip()]


def test_both_dark_blocks_hold_the_same_tokens():
    css = (ROOT / "static/css/tokens.css").read_text()
    chosen = declarations(css, '\n  [data-bs-theme="dark"] {')
    by_device = declarations(css, ":root:not([data-bs-theme]) {")
    assert chosen == by_device
    assert len(chosen) > 20


def test_vendored_files_are_byte_identical_to_what_was_taken():
    entries = json.loads((VENDOR / "VENDORED.json").read_text())
    for entry in entries:
        digest = base64.b64encode(hashlib.sha384((VENDOR / entry["file"]).read_bytes()).digest()).decode()
        assert f"sha384-{digest}" == entry["sha384"], entry["file"]
        assert (VENDOR / entry["licence_file"]).is_file()
    listed = {entry["file"] for entry in entries} | {entry["licence_file"] for entry in entries} | {"VENDORED.json"}
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert present == listed


def test_the_sprite_has_every_icon_in_use():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    used = {name for path in TEMPLATES for name in ICON_IN_TEMPLATE.findall(path.read_text())}
    used |= set(desk.PROMISE_ICONS.values()) | set(stages.SEVERITY_ICONS.values())
    used |= {name for _kind, name in desk.MESSAGE_LOOKS.values()} | {f"stage-{n}" for n in range(1, 7)}
    assert {"brand", "check-circle", "info-circle", "search"} <= used
    assert used - sprite == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_needs_nothing_that_the_content_security_policy_forbids(path):
    html = path.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", html), "inline script"
    # A mail carries its own styles; no policy of ours reaches it.
    assert "emails" in path.parts or not re.search(r"\sstyle\s*=|<style", html), "inline style"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", html), "inline handler"
    assert not re.search(r"(?:src|href)=[\"']https?://", html), "another origin"


def test_every_colour_of_a_stylesheet_is_a_token():
    for path in (ROOT / "static/css").glob("*.css"):
        if path.name == "tokens.css":
            continue
        names = set(re.findall(r"var\((--c-[a-z-]+)\)", path.read_text()))
        tokens = set(re.findall(r"(--c-[a-z-]+):", (ROOT / "static/css/tokens.css").read_text()))
        assert names <= tokens, path.name


def test_what_is_chosen_shows_in_browsers_without_has():
    """What only hides more where a browser knows :has() may ask it, within @supports."""
    guarded = re.compile(r"^@supports selector\(:has\(\*\)\) \{.*?^\}", re.DOTALL | re.MULTILINE)
    for path in (ROOT / "static/css").glob("*.css"):
        rules = guarded.sub("", path.read_text())
        assert not re.search(r":has\([^)]*(?:checked|selected|current)", rules), path.name


def test_the_style_guide_renders_every_component(rf):
    request = rf.get("/styleguide/")
    request.user = AnonymousUser()
    html = styleguide(request).content.decode()
    for look in desk.PROMISE_ICONS:
        assert f"promise--{look}" in html
    for name in ("banner--bad", "error-summary", "seg", "scale", "choice", "steps", "entry--note", "menu-panel"):
        assert f'"{name}' in html or f" {name}" in html, name
