"""Letters that a browser draws: quotes in English are narrow, whatever faces a machine has."""

import pytest

from tests.config.test_design import ROOT

pytestmark = pytest.mark.browser
PAGE = """<html lang="en"><meta charset="utf-8"><style>{css} span {{ font: 100px var(--font-sans) }}
b {{ font-weight: 600 }}</style><span>’</span><span><b>’</b></span><span>“</span>"""


def test_an_english_apostrophe_is_narrow_on_a_machine_with_chinese_faces_only(browser):
    page = browser.new_page()
    page.set_content(PAGE.format(css=(ROOT / "static/css/tokens.css").read_text()))
    page.evaluate("document.fonts.ready")
    widths = page.evaluate("[...document.querySelectorAll('span')].map(each => each.getBoundingClientRect().width)")
    page.close()
    assert [width for width in widths if width > 60] == []
