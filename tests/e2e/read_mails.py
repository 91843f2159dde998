"""Looks at mails in Chromium, in a process of its own: beside a browser's driver Django leaves connections open.

python -m tests.e2e.read_mails CHROMIUM FOLDER prints what is wrong with the HTML files of the folder, as JSON.
"""

import json
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, sync_playwright

WIDTH = 360
# What can go wrong in a mail without scripts; the rest of axe asks for things that only pages have.
RULES = ["color-contrast", "document-title", "heading-order", "html-has-lang", "link-name", "list"]
# axe takes half a second: each theme is read in one language. And what stands behind everything.
THEMES = {"light": ("en", "rgb(248, 247, 245)"), "dark": ("zh-hans", "rgb(21, 21, 20)")}


def read(page: Page, theme: str, name: str, html: str) -> list[str]:
    """What is wrong with one mail."""
    language, behind = THEMES[theme]
    found = []
    page.set_content(html)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > WIDTH:
        found.append(f"{wide} px wide")
    if (colour := page.evaluate("getComputedStyle(document.body).backgroundColor")) != behind:
        found.append(f"stands on {colour}")
    if name.endswith(language):
        said = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        found += [f"{each['id']} {each['nodes'][0]['target']}" for each in said]
    return [f"{name} in {theme}: {fault}" for fault in found]


def main(chromium: str, folder: Path) -> None:
    mails = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.html"))}
    found: list[str] = []

    def hear(request: Request):
        found.append(f"loads {request.url}")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for theme in THEMES:
            page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme=theme)
            page.on("request", hear)
            for name, html in mails.items():
                found += read(page, theme, name, html)
        browser.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
