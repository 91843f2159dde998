"""make quick: the test files that a change touches, on a kept server. python -m tests.touched [BASE]

The change is what differs from BASE, else from where the branch left main, with what is not committed yet. It touches
a changed test file itself; for a module the test file of its name and those that import it; for a template what it
touches to change the modules that name it. Where that is nothing, the tests of the same room. Nobody follows further
than that: the whole suite does.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from local.environment import ROOT

APPS = ("ui", "accounts", "complaints", "followups", "config", "demo", "local")


def main(arguments: list[str]) -> int:
    """Run the tests that are touched; pytest's exit status, 0 where there are none."""
    paths = changed(*arguments)
    files = touched(paths, ROOT)
    if not files:
        print("No test file is about what has changed: " + (", ".join(paths) or "nothing"))
        print("The whole suite is python3 run.py test; one file or folder: python3 run.py test --keep PATH")
        return 0
    print("\n".join(files), flush=True)
    return os.execv(sys.executable, [sys.executable, str(ROOT / "run.py"), "test", "--keep", "-q", *files])


def changed(base: str | None = None) -> list[str]:
    """Return the paths of files that differ from `base`, and of files that git does not know yet."""
    base = base or left_main_at()
    return [*git("diff", "--name-only", "--diff-filter=d", base), *git("ls-files", "--others", "--exclude-standard")]


def left_main_at() -> str:
    """Where the branch left main, or the last commit in a checkout that knows of no main."""
    for main in ("main", "origin/main"):
        if subprocess.run(["git", "rev-parse", "-q", "--verify", main], cwd=ROOT, capture_output=True).returncode == 0:
            return git("merge-base", "HEAD", main)[0]
    return "HEAD"


def git(*arguments: str) -> list[str]:
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {answer.stderr.strip()}")
    return answer.stdout.splitlines()


def touched(paths: Iterable[str], root: Path) -> list[str]:
    """Return the paths of the test files that a change of `paths` touches, sorted."""
    sources = {str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in modules(root)}
    found: set[str] = set()
    for path in map(PurePosixPath, paths):
        found |= touched_by(path, sources) or of_its_room(path, sources)
    return sorted(found)


def touched_by(path: PurePosixPath, sources: dict[str, str]) -> set[str]:
    """The test files that are about one changed file, by name or import; of a template those about what names it."""
    if path.parts[0] == "templates":
        name = str(path.relative_to("templates"))
        naming = [PurePosixPath(other) for other, source in sources.items() if name in source]
        return set().union(*(touched_by(module, sources) for module in naming))
    if str(path) not in sources:
        return set()
    if is_test(path):
        return {str(path)}
    importing = {name for name, source in sources.items() if is_test(name) and dotted(path) in imported(source)}
    return importing | ({named_after(path)} & sources.keys())


def of_its_room(path: PurePosixPath, sources: dict[str, str]) -> set[str]:
    """The test files of the room in which a module or a template stands, by its folder; none for a loose one."""
    room = PurePosixPath(*path.parts[1:]) if path.parts[0] == "templates" else path
    if path.parts[0] in ("docs", "tests") or len(room.parts) < 3:
        return set()
    return {name for name in sources if is_test(name) and PurePosixPath(name).parent == "tests" / room.parent}


def modules(root: Path) -> Iterable[Path]:
    for folder in (*APPS, "tests"):
        yield from (root / folder).rglob("*.py")


def is_test(path: str | PurePosixPath) -> bool:
    path = PurePosixPath(path)
    return path.parts[0] == "tests" and path.name.startswith("test_")


def dotted(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def named_after(module: PurePosixPath) -> str:
    """Where the test file of a module is: that of complaints/queue/bulk.py is tests/complaints/queue/test_bulk.py."""
    return str("tests" / module.with_name(f"test_{module.name}"))


def imported(source: str) -> set[str]:
    """Return the dotted names of everything that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
