"""Rules that no linter knows: risky calls need a written reason on their line, files stay short."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

LONGEST = 350
CHECKED = {".py", ".html", ".js", ".css", ".svg", ".yml", ".yaml", ".toml", ".sh"}
SKIPPED_FOLDERS = {"migrations", "vendor", "locale", "staticfiles", "node_modules", "__pycache__", "docs"}

# Written so that this file does not find itself.
RISKY = {
    "|saf" + "e": re.compile(r"\|\s*saf[e]\b"),
    "mark_saf" + "e": re.compile(r"\bmark_saf[e]\b"),
    "csrf_exemp" + "t": re.compile(r"\bcsrf_exemp[t]\b"),
    "noq" + "a": re.compile(r"#\s*noq[a]\b"),
}
# A reason: words after the marker of a comment, in Python or in a template.
REASON = {
    ".py": re.compile(r"#\s*(?:noq[a][^-]*-\s*)?(?!noq[a])\S[^#]{7,}$"),
    ".html": re.compile(r"\{#\s*\S.{7,}#\}"),
}


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
        if len(lines) > LONGEST:
            yield f"{name}: {len(lines)} lines, at most {LONGEST}"
        for number, line in enumerate(lines, start=1):
            for risk, pattern in RISKY.items():
                if pattern.search(line) and not has_reason(path.suffix, line):
                    yield f"{name}:{number}: {risk} without a written reason on the line"


def has_reason(suffix: str, line: str) -> bool:
    """Say whether the line carries a comment of at least eight characters that says why."""
    pattern = REASON.get(suffix)
    return bool(pattern and pattern.search(line))
