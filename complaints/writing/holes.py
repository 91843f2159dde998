"""Holes that a template leaves in a text: variables without a value, brackets to be written over, blanks. Pure.

A bracket is a hole when a template has the very same one, or when nothing stands in it: what people put in brackets
themselves ("[sic]", "【重要】") is theirs. "____" and a lone "XX" are blanks of every form, whoever brought them.
"""

import re
from collections.abc import Iterable

_BRACKETED = re.compile(r"\[[^\[\]\n]{0,120}\]|【[^【】\n]{0,120}】|［[^［］\n]{0,120}］")
_NOTHING = re.compile(r".[\s.…·_]*.")
_BLANK = re.compile(
    r"_{3,}|＿{2,}"
    # "XX", and before a unit "xx" and "××" too; not in "XXL", a masked number or a plate.
    r"|(?<![A-Za-z0-9])(?:X{2,4}(?![A-Za-z0-9])|(?:x{2,4}|×{2,4})(?=[年月日号时点分元]))"
)


def bracketed(text: str) -> list[str]:
    """Everything in square brackets, Chinese ones included, in order."""
    return _BRACKETED.findall(text)


def in_text(text: str, *, variables: re.Pattern, known: Iterable[str] = ()) -> list[str]:
    """The holes of `text` in the order in which they stand, each once.

    `variables` matches those of our templates; `known` are bracketed holes that stand in a template.
    """
    known = frozenset(known)
    found = [(match.start(), match[0]) for match in variables.finditer(text)]
    found += [(match.start(), match[0]) for match in _BLANK.finditer(text)]
    found += [
        (match.start(), match[0])
        for match in _BRACKETED.finditer(text)
        if match[0] in known or _NOTHING.fullmatch(match[0])
    ]
    return list(dict.fromkeys(hole for _start, hole in sorted(found)))
