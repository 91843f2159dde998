"""Every address of the desk, from the URLconf: what can be posted to has to have a recipe."""

from collections.abc import Iterator

from django.urls import get_resolver
from django.urls.resolvers import URLPattern


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Yield (name with its namespaces, pattern) of every address; one without a name is called as it is written."""
    yield from _below(get_resolver().url_patterns, "", "")


def _below(patterns, space: str, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        written = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield (space + pattern.name if pattern.name else written), pattern
        else:
            inner = f"{pattern.namespace}:" if getattr(pattern, "namespace", None) else ""
            yield from _below(pattern.url_patterns, space + inner, written)
