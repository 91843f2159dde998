"""The Chinese catalogue: extracting the texts, finding what is missing, compiling it.

Extraction needs GNU gettext on the machine; compiling does not (polib).
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

LANGUAGE = "zh_Hans"
CATALOGUE = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
# Everything with texts for people lies in these folders.
SOURCES = ["ui", "accounts", "complaints", "followups", "config", "templates"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")
TAG = re.compile(r"<[^>]*>")
CHINESE = r"\u4e00-\u9fff\u3001-\u3011\uff01-\uff1f“”‘’"
# A mark of Western writing beside a Chinese character. Numbers, times and code have none beside them.
WESTERN_MARK = re.compile(rf"""(?<=[{CHINESE}])\s*[,;:?!()"'.]|[,;:?!()"'.]\s*(?=[{CHINESE}])""")


class CatalogueError(Exception):
    """What is wrong with the catalogue or missing to check it, in words."""


def extract(root: Path) -> None:
    """Bring the catalogue below `root` up to date with the texts in the source; raises CatalogueError.

    Django's settings stay out of it: they would write to the checkout's catalogue, wherever `root` is.
    """
    if not shutil.which("xgettext"):
        raise CatalogueError(
            "xgettext is missing, so the texts cannot be compared with the catalogue. Install GNU gettext "
            "(Debian: apt install gettext; macOS: brew install gettext) and try again."
        )
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "-l", LANGUAGE, "--no-wrap", "--add-location=file"]
    ignored = [part for name in ("tests", "static", "docs", "requirements*") for part in ("-i", f"{name}*")]
    parts = [*command, *ignored]
    answer = subprocess.run(parts, cwd=root, env=env, capture_output=True, text=True)  # noqa: S603 - our own words
    if answer.returncode:
        raise CatalogueError(f"The texts could not be extracted: {answer.stderr.strip()}")


def copy_sources(root: Path, target: Path) -> None:
    """Copy what has texts, and the catalogue, from the checkout to an empty folder."""
    for name in SOURCES:
        shutil.copytree(root / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    (target / CATALOGUE).parent.mkdir(parents=True)
    if (root / CATALOGUE).exists():
        shutil.copy(root / CATALOGUE, target / CATALOGUE)


def compile_catalogue(root: Path) -> Path:
    """Write django.mo beside django.po; return its path."""
    po = polib.pofile(str(root / CATALOGUE))
    target = (root / CATALOGUE).with_suffix(".mo")
    po.save_as_mofile(str(target))
    return target


def problems(extracted: Path, committed: Path) -> Iterator[str]:
    """Yield what is wrong: `extracted` is the folder with the merged catalogue, `committed` the checkout."""
    if not (committed / CATALOGUE).exists():
        yield f"{CATALOGUE} does not exist."
        return
    for entry in polib.pofile(str(extracted / CATALOGUE)):
        yield from problems_of(entry)
    po, compiled = polib.pofile(str(committed / CATALOGUE)), (committed / CATALOGUE).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != po.to_binary():
        yield f"{CATALOGUE.with_suffix('.mo')} is not what {CATALOGUE.name} compiles to: run make messages."


def problems_of(entry: polib.POEntry) -> Iterator[str]:
    """Yield what is wrong with one text: no longer used, not translated, doubtful, other placeholders."""
    text = entry.msgid_plural or entry.msgid
    if entry.obsolete:
        yield f"no longer used: {text!r}"
        return
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    where = f"{text!r} ({', '.join(sorted({place for place, _line in entry.occurrences}))})"
    if entry.fuzzy:
        yield f"new or changed, only guessed at: {where}"
    elif not all(translations):
        yield f"not translated: {where}"
    elif any(sorted(PLACEHOLDER.findall(each)) != sorted(PLACEHOLDER.findall(text)) for each in translations):
        yield f"other placeholders in the translation: {where}"
    elif any(WESTERN_MARK.search(_as_read(each)) for each in translations):
        yield f"Western punctuation in a Chinese sentence: {where}"


def _as_read(translation: str) -> str:
    """A translation without its markup; what is filled in stands there as a Chinese character."""
    return PLACEHOLDER.sub("某", TAG.sub("", translation))
