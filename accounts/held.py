"""What hardly ever changes (rules, hours, policies, roles), read once for work that changes none of it.

Nothing is remembered outside `reading_once()`: a page, a task and the sweep see what was saved a moment ago.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
_known: ContextVar[dict | None] = ContextVar("known", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Let each function marked with `once` read each thing once until the block ends.

    Only for work that changes no rules, calendars, policies, teams, people and roles, and that wants none of the
    changes others make meanwhile. All of it is forgotten at the end, after an error too.
    """
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def once(read: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Mark a function (hashable arguments, an answer that nobody changes) as read once inside `reading_once()`."""

    @wraps(read)
    def asked(*args: Given.args, **named: Given.kwargs) -> Answer:
        known = _known.get()
        if known is None:
            return read(*args, **named)
        key = (read, args, tuple(sorted(named.items())))
        if key not in known:
            known[key] = read(*args, **named)
        return known[key]

    return asked
