"""Asking: which complaints hold all the words, best first, with the words marked."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, FloatField, Func, QuerySet
from django.utils.translation import gettext as _

from complaints.errors import Refused
from complaints.search.tokens import Query, normal, understand

LONGEST_QUERY = 200
# Of very common words the newest ones are ranked; who wants older ones narrows by filters.
CANDIDATES = 1000
SNIPPET_BEFORE, SNIPPET_LENGTH = 30, 120


class NotSearchable(Refused):
    """The text cannot be searched for; the message says why."""


def query_of(text: str) -> Query:
    """Return the query in what somebody typed. Raises NotSearchable when it is too long or holds no word."""
    if len(text) > LONGEST_QUERY:
        raise NotSearchable(
            _("Search for at most %(limit)d characters (you wrote %(length)d).")
            % {"limit": LONGEST_QUERY, "length": len(text)}
        )
    query = understand(text)
    if query.is_empty:
        raise NotSearchable(_("There is no word or number in this to search for."))
    return query


def matching(complaints: QuerySet, query: Query) -> QuerySet:
    """Narrow a queryset of complaints to those that hold every word of the query."""
    return complaints.filter(search_document__tokens=TokenQuery(query))


def ranked(complaints: QuerySet, query: Query) -> QuerySet:
    """The newest matches in order of rank: reference and customer before subject, narrative and messages."""
    newest = matching(complaints, query).order_by("-id").values("pk")[:CANDIDATES]
    rank = Func(F("search_document__tokens"), TokenQuery(query), function="ts_rank", output_field=FloatField())
    return complaints.model.objects.filter(pk__in=newest).annotate(rank=rank).order_by("-rank", "-id")


class TokenQuery(SearchQuery):
    """A query of ready-made tokens: cast, not parsed, so that PostgreSQL does not split them its own way."""

    def __init__(self, query: Query):
        super().__init__(query.as_tsquery(), search_type="raw")
        self.text = query.as_tsquery()

    def as_sql(self, compiler, connection, function=None, template=None):
        return "%s::tsquery", [self.text]


@dataclass(frozen=True)
class Piece:
    """A part of a text; `hit` marks what was searched for."""

    text: str
    hit: bool = False


def pieces(text: str, query: Query, *, length: int = SNIPPET_LENGTH) -> list[Piece]:
    """Return a short part of `text` around its first hit, cut into pieces with the hits marked.

    Without a hit the beginning of the text is returned. The text is not changed; templates escape it.
    """
    hits = list(_hits(text, query))
    begin = max(0, hits[0][0] - SNIPPET_BEFORE) if hits else 0
    end = min(len(text), begin + length)
    found, place = [Piece("…")] if begin else [], begin
    for first, last in hits:
        if first < place or first >= end:
            continue
        found += [Piece(text[place:first]), Piece(text[first:last], hit=True)]
        place = last
    found.append(Piece(text[place:end]) if place < end else Piece(""))
    if end < len(text):
        found.append(Piece("…"))
    return [piece for piece in found if piece.text]


def has_hit(text: str, query: Query) -> bool:
    """Whether anything that was searched for stands in the text."""
    return next(_hits(text, query), None) is not None


def _hits(text: str, query: Query):
    """Yield (begin, end) of every hit, in order. Normal forms that change a text's length are passed over."""
    folded = normal(text)
    if len(folded) != len(text) or not query.phrases:
        return
    for match in re.finditer("|".join(re.escape(p) for p in sorted(query.phrases, key=len, reverse=True)), folded):
        yield match.span()
