"""Rendered HTML without its layout: a test says what a page shows, not where its template breaks a line."""

import re

# What stands between "<" and ">", where quoted values may hold a ">".
TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")


def flat(html: str) -> str:
    """Return `html` with one space for each run of white space, and none beside tags or before the end of one."""
    html = TAG.sub(lambda tag: re.sub(r"\s+", " ", tag[0]).replace(" >", ">"), html)
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", html))
