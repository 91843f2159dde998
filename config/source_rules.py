"""Rules that no linter knows: risky calls need a reason, files stay short and small, migrations are frozen."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

LONGEST = 350
# A formatted style sheet has a line for each declaration, so that one rule takes six.
LONGEST_STYLE_SHEET = 1100
# Python's lines are the linter's (pyproject.toml); a mail's text is a template too, other texts are not ours.
WIDEST = 140
WIDTH_CHECKED = {".html", ".css", ".js"}
LARGEST_BYTES = 300_000
# The catalogue of translations grows with the texts.
MAY_BE_LARGE = ("static/vendor/", "locale/")
CHECKED = {".py", ".html", ".js", ".css", ".svg", ".yml", ".yaml", ".toml", ".sh"}
SKIPPED_FOLDERS = {"migrations", "vendor", "locale", "staticfiles", "gallery", "node_modules", "__pycache__", "docs"}

# Written so that this file does not find itself.
RISKY = {
    "|saf" + "e": re.compile(r"\|\s*saf[e]\b"),
    "mark_saf" + "e": re.compile(r"\bmark_saf[e]\b"),
    "csrf_exemp" + "t": re.compile(r"\bcsrf_exemp[t]\b"),
    "noq" + "a": re.compile(r"#\s*noq[a]\b"),
    "type: ignor" + "e": re.compile(r"#\s*type:\s*ignor[e]\b"),
}
# A reason: words after the marker of a comment, in Python or in a template.
REASON = {
    ".py": re.compile(r"#\s*(?:noq[a][^-]*-\s*)?(?!noq[a]|type:)\S[^#]{7,}$"),
    ".html": re.compile(r"\{#\s*\S.{7,}#\}"),
}

# Migrations say what was; our code says what is. Validators and managers are named as Django writes them.
LIVE = re.compile(r"\s*(?:from|import) (?:ui|accounts|complaints|followups|config)\b(?!\.models\.\w+$)")


def checked_files(root: Path) -> Iterator[Path]:
    """Yield our own source files below `root` in order; hidden and foreign folders are left out."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if name not in SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix in CHECKED:
                yield Path(folder, name)


def problems(root: Path) -> Iterator[str]:
    """Yield a line for each rule that is broken: where and which."""
    for path in checked_files(root):
        name = path.relative_to(root)
        lines = path.read_text(encoding="utf-8").splitlines()
        longest = LONGEST_STYLE_SHEET if path.suffix == ".css" else LONGEST
        if len(lines) > longest:
            yield f"{name}: {len(lines)} lines, at most {longest}"
        if path.suffix in WIDTH_CHECKED:
            yield from too_wide(name, lines)
        for number, line in enumerate(lines, start=1):
            for risk, pattern in RISKY.items():
                if pattern.search(line) and not has_reason(path.suffix, line):
                    yield f"{name}:{number}: {risk} without a written reason on the line"
    for path in sorted(root.glob("*/migrations/*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if LIVE.match(line):
                yield f"{path.relative_to(root)}:{number}: a migration imports our code, which will change"
    for path in sorted((root / "templates").rglob("*.txt")):
        yield from too_wide(path.relative_to(root), path.read_text(encoding="utf-8").splitlines())
    for tracked in tracked_files(root):
        size = (root / tracked).stat().st_size if (root / tracked).is_file() else 0
        if size > LARGEST_BYTES and not tracked.startswith(MAY_BE_LARGE):
            yield f"{tracked}: {size:,} bytes, at most {LARGEST_BYTES:,}: every clone would carry it for ever"


def too_wide(name: Path, lines: list[str]) -> Iterator[str]:
    """Yield a line for each of `lines` that is wider than a page and a script may be."""
    for number, line in enumerate(lines, start=1):
        if len(line) > WIDEST:
            yield f"{name}:{number}: {len(line)} characters, at most {WIDEST}"


def tracked_files(root: Path) -> list[str]:
    """Return the names of the files that git keeps below `root`; none where there is no repository (in an image)."""
    if not (root / ".git").exists():
        return []
    command = ["git", "-C", str(root), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603 - a fixed command
    return listed.split("\0")[:-1]


def has_reason(suffix: str, line: str) -> bool:
    """Say whether the line carries a comment of at least eight characters that says why."""
    pattern = REASON.get(suffix)
    return bool(pattern and pattern.search(line))
