"""python -m tests.dead_code: names and style classes that nothing uses; exits with 1 when there are any.

Much is reached by name here: from templates, from settings and URLs as dotted paths, from lists of fields. What stands
as a word in a template, or in a text of the source that is no sentence, counts as used. What Django, Celery and others
call by its name is listed, with the reason, in pyproject.toml under [tool.vulture].
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture
from vulture.config import make_config

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r"[A-Za-z_]\w*")
# Read whole by Django, Celery and gunicorn: what they use counts, what they define is not looked at.
READ_BY_OTHERS = re.compile(r"config/(settings\.py|gunicorn\.py|formats/.*)")
QUOTED = re.compile(r"""\"[^"]*\"|'[^'\n]*'|`[^`]*`""")
# The value of class="…" with the tags in it, and the block that gives a page its class.
CLASSES = re.compile(r'class="((?:\{[{%].*?[%}]\}|[^"])*)"|block pageclass %\}(.*?)\{%', re.DOTALL)
# Classes that Bootstrap, htmx and Django's administration set.
NOT_OURS = ("htmx-", "flex-container", "inline-group")
# A text that names something has no white space: "case_set__team", "accounts.signin.SignInBackend".
NAMING = re.compile(r"[\w.:/-]+")


def words_of_templates() -> Iterator[str]:
    """Each word inside {{ … }} or {% … %} of a template."""
    for path in (ROOT / "templates").rglob("*.*"):
        for part in re.findall(r"\{[{%](.*?)[}%]\}", path.read_text(encoding="utf-8")):
            yield from WORD.findall(part)


def words_of_texts(paths: list[str]) -> Iterator[str]:
    """Each word of a text in the Python source that names something."""
    for folder in paths:
        for path in [ROOT / folder] if folder.endswith(".py") else (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMING.fullmatch(node.value):
                    for word in WORD.findall(node.value):
                        yield word
                        yield from word.split("__")


def unused_classes() -> Iterator[str]:
    """Each class of our style sheets that no template, script or Python source names, with its file.

    A class is named in full, or from its beginning where the rest is filled in ("promise--{{ look }}").
    """
    texts = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        texts += [one or other for one, other in CLASSES.findall(text)]
        texts += [word for tag in re.findall(r"\{%.*?%\}", text) for word in QUOTED.findall(tag)]
    sources = [*(ROOT / "static/js").glob("*.js")]
    for app in ("ui", "accounts", "complaints", "followups", "config"):
        sources += (ROOT / app).rglob("*.py")
    for path in sources:
        texts += QUOTED.findall(path.read_text(encoding="utf-8"))
    text = "\n".join(texts)
    named = set(re.findall(r"[\w-]+", text))
    beginnings = tuple({*re.findall(r"([\w-]+-)[{%$]", text)})
    for path in sorted((ROOT / "static/css").glob("*.css")):
        rules = re.sub(r"/\*.*?\*/|\"[^\"]*\"|\{[^{}]*\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for name in dict.fromkeys(re.findall(r"\.([a-zA-Z][\w-]*)", rules)):
            if name not in named and not name.startswith((*beginnings, *NOT_OURS)):
                yield f"{path.relative_to(ROOT)}: unused class '{name}'"


def main() -> int:
    """Print what is unused; returns an exit status."""
    settings = make_config(["--config", str(ROOT / "pyproject.toml")])
    used = {*words_of_templates(), *words_of_texts(settings["paths"])}
    vulture = Vulture(ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"])
    vulture.scavenge([str(ROOT / path) for path in settings["paths"]], exclude=settings["exclude"])
    unused = [
        (item.filename.relative_to(ROOT), item)
        for item in vulture.get_unused_code(settings["min_confidence"])
        if item.name not in used
    ]
    unused = [(name, item) for name, item in unused if not READ_BY_OTHERS.fullmatch(name.as_posix())]
    for name, item in unused:
        print(f"{name}:{item.first_lineno}: {item.message}")
    classes = list(unused_classes())
    print("\n".join(classes), end="\n" if classes else "")
    return 1 if unused or classes else 0


if __name__ == "__main__":
    sys.exit(main())
