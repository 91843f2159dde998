"""HTML from patterns and texts, for lists of hundreds of them."""

import re
from html import escape

from django.utils.safestring import SafeString

_SPECIAL = re.compile("[&<>\"']")


def render_pattern(pattern: str, **parts: object) -> SafeString:
    """Return `pattern` with each {name} filled: what is HTML already as it is, every other text escaped.

    The rule is that of django.utils.html.format_html, which asks of each part whether it is to be translated later,
    in four calls: in the rows of a list these take longer than all else. `pattern` is ours, never somebody's text.
    """
    return SafeString(pattern.format_map({name: _escaped(part) for name, part in parts.items()}))


def _escaped(part: object) -> str:
    # Plain texts come out, which format_map() takes as they are; most have nothing in them to escape.
    text = str.__str__(part) if isinstance(part, str) else str(part)
    return text if isinstance(part, SafeString) or not _SPECIAL.search(text) else escape(text)
