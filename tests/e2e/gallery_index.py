"""gallery/index.html: the pictures page by page, each in every language, size and theme, to be filtered."""

import re
from html import escape
from pathlib import Path

PICTURE = re.compile(r"(?P<page>.+)-(?P<language>en|zh)-(?P<size>desktop|phone)-(?P<theme>light|dark)\.png")
WORDS = {"en": "English", "zh": "简体中文", "desktop": "Desktop", "phone": "Phone", "light": "Light", "dark": "Dark"}
CHOICES = {"language": ("en", "zh"), "size": ("desktop", "phone"), "theme": ("light", "dark")}

STYLE = """
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #1c1b19; background: #f8f7f5; }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline;
  padding: .75rem 1.5rem; background: #fff; border-bottom: 1px solid #e5e2dc; }
h1, h2 { margin: 0; font-size: 1rem; }
fieldset { display: flex; gap: .75rem; margin: 0; padding: 0; border: 0; }
main { display: grid; grid-template-columns: 12rem minmax(0, 1fr); }
nav { position: sticky; top: 3rem; max-height: calc(100vh - 4rem); overflow: auto; padding: 1rem 1.5rem; }
nav a { display: block; color: inherit; text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { padding: 1rem 1.5rem; border-bottom: 1px solid #e5e2dc; scroll-margin-top: 3rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: .75rem; align-items: start; }
figure { margin: 0; }
figcaption { font-size: 12px; color: #5c5952; }
img { display: block; width: 20rem; max-height: 26rem; object-fit: cover; object-position: top;
  border: 1px solid #d5d1c9; }
.phone img { width: 10rem; }
[hidden] { display: none; }
@media (max-width: 48rem) { main { display: block; } nav { position: static; columns: 2; } }
"""
SCRIPT = """
const boxes = [...document.querySelectorAll("header input[type=checkbox]")];
const words = document.querySelector("header input[type=search]");
function show() {
  const off = boxes.filter((box) => !box.checked).map((box) => box.value);
  for (const figure of document.querySelectorAll("figure"))
    figure.hidden = off.some((value) => figure.classList.contains(value));
  for (const part of document.querySelectorAll("section, nav a"))
    part.hidden = !(part.id || part.textContent).includes(words.value.trim().toLowerCase());
}
document.querySelector("header").addEventListener("input", show);
show();
"""


def index(folder: Path, order: list[str]) -> str:
    """Return the page that shows the pictures in `folder`, in the order of the names in `order`."""
    pictures: dict[str, list[re.Match]] = {}
    for path in sorted(folder.glob("*.png")):
        if found := PICTURE.fullmatch(path.name):
            pictures.setdefault(found["page"], []).append(found)
    names = sorted(pictures, key=lambda name: (order.index(name) if name in order else len(order), name))
    filters = "".join(
        f"<fieldset aria-label={group}>"
        + "".join(f"<label><input type=checkbox value={key} checked> {WORDS[key]}</label>" for key in keys)
        + "</fieldset>"
        for group, keys in CHOICES.items()
    )
    links = "\n".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    sections = "\n".join(_section(name, pictures[name]) for name in names)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gallery</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>Gallery: {len(names)} pages</h1>{filters}<input type=search placeholder="Page" aria-label="Page"></header>
<main>
<nav aria-label="Pages">
{links}
</nav>
<div>
{sections}
</div>
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _section(name: str, pictures: list[re.Match]) -> str:
    looks = [key for keys in CHOICES.values() for key in keys]
    in_order = sorted(pictures, key=lambda each: [looks.index(each[group]) for group in ("size", "language", "theme")])
    figures = "\n".join(_figure(name, each) for each in in_order)
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2>\n<div class="pictures">\n{figures}\n</div></section>'


def _figure(name: str, picture: re.Match) -> str:
    look = [picture[group] for group in CHOICES]
    file, words = escape(picture[0]), ", ".join(WORDS[key] for key in look)
    return (
        f'<figure class="{" ".join(look)}"><a href="{file}">'
        f'<img src="{file}" loading="lazy" alt="{escape(name)}: {words}"></a><figcaption>{words}</figcaption></figure>'
    )
