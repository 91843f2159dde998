import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from accounts.markup import filled

PARTS = ["plain", "<b>\"&' 油", SafeString("<i>html</i>"), gettext_lazy("Queue"), 7, None, "{name}"]


@pytest.mark.parametrize("part", PARTS)
def test_texts_are_escaped_and_html_is_kept_as_by_django(part):
    pattern = '<td class="x">{name}</td>'
    assert filled(pattern, name=part) == format_html(pattern, name=part)


def test_what_was_filled_is_html_and_can_be_filled_in_again():
    once = filled("<b>{name}</b>", name="<")
    assert filled("{once}", once=once) == "<b>&lt;</b>"
