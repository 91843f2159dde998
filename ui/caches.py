"""What a process remembers between requests: words and forms that hang on nothing but what they are asked with.

Rows of the database are never among them: what somebody saves, the next page shows.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
_known: list = []


def remembered(maxsize: int | None) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Mark a function (hashable arguments, an answer that nobody changes) as remembered for its last `maxsize` calls.

    The same as functools.lru_cache, and known here, so that clear_all() forgets it.
    """

    def mark(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        cached = lru_cache(maxsize=maxsize)(function)
        _known.append(cached)
        # With the signature of what it remembers.
        return cast(Callable[Given, Answer], cached)

    return mark


def clear_all():
    """Forget everything: after settings or the catalogue changed under a running process, and between tests."""
    for cached in _known:
        cached.cache_clear()


def held() -> dict[str, int]:
    """How many answers are remembered now, by the dotted name of the function."""
    return {f"{cached.__module__}.{cached.__qualname__}": cached.cache_info().currsize for cached in _known}
