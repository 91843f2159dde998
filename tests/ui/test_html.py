import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from ui.html import render_pattern

PARTS = ["plain", "<b>\"&' 油", SafeString("<i>html</i>"), gettext_lazy("Queue"), 7, None, "{name}"]


@pytest.mark.parametrize("part", PARTS)
def test_texts_are_escaped_and_html_is_kept_as_by_django(part):
    pattern = '<td class="x">{name}</td>'
    assert render_pattern(pattern, name=part) == format_html(pattern, name=part)


def test_what_was_filled_is_html_and_can_be_filled_in_again():
    once = render_pattern("<b>{name}</b>", name="<")
    assert render_pattern("{once}", once=once) == "<b>&lt;</b>"
