"""Asking: which complaints hold all the words, best first, with the words marked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, F, FloatField, Func, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.access import reach_of
from accounts.models import Person, Role
from complaints.errors import Refused
from complaints.models import Complaint, Message, SearchDocument
from complaints.search.tokens import BLOCK, Query, any_of, normal, person_mark, team_mark, understand

LONGEST_QUERY = 200
# Of very common words the newest hits are ranked; who wants older ones narrows by filters.
MOST_FOUND = 250
# For people of more teams than this everything is searched, and filtered to what they may see afterwards.
FEW_TEAMS = 12
RANK_STEPS = 1_000_000
# How many blocks are looked through before the next ones, from the newest on; then all that are left.
BLOCKS = (2, 8, 32)
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


def matching(complaints: QuerySet, query: Query, person: Person | None = None) -> QuerySet:
    """Narrow a queryset of complaints to those that hold every word of the query.

    Name the `person` for whom `complaints` was narrowed by visible_to(): whoever sees few teams is not searched
    all the others for, which of a common word takes twenty times as long.
    """
    marks = any_of(_marks(person)) if person is not None else ""
    for part in filter(None, [query.for_tokens(), marks]):
        complaints = complaints.filter(search_document__tokens=TokenQuery(part))
    begun = query.for_beginnings()
    return complaints.filter(search_document__begins=TokenQuery(begun)) if begun else complaints


def newest(matches: QuerySet) -> list[int]:
    """The ids of the newest MOST_FOUND of what matching() gave, and one more where there are more: one query.

    The newest blocks are looked through first, then more and more older ones, until there are enough: of a common
    word only the newest hits are read, and a rare one has few.
    """
    # Sorted by what no index holds, so that PostgreSQL begins at the words.
    matches = matches.order_by((F("id") + 0).desc()).values("pk")
    parts, begun = [], 0
    for count in BLOCKS:
        parts.append(matches.filter(search_document__tokens=InBlocks(begun, begun + count)))
        begun += count
    before = SearchDocument.objects.order_by("-pk").values(oldest=(F("pk") / BLOCK - (begun - 1)) * BLOCK)[:1]
    parts.append(matches.filter(pk__lt=Subquery(before)))
    try:
        statements = [part[: MOST_FOUND + 1].query.sql_with_params() for part in parts]
    except EmptyResultSet:
        return []
    # One after the other, and none that is not needed: PostgreSQL stops at the limit.
    every = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS part" for sql, _values in statements)  # noqa: S608 - Django's
    with connection.cursor() as cursor:
        values = [value for _sql, given in statements for value in given]
        cursor.execute(f"{every} LIMIT {MOST_FOUND + 1}", values)
        return [pk for (pk,) in cursor.fetchall()]


def _marks(person: Person) -> list[str]:
    """The marks of what `person` can see at most; none for people of many teams, whom they would only cost time."""
    teams = reach_of(person).of(*Role)
    return [person_mark(person.pk), *map(team_mark, teams)] if len(teams) <= FEW_TEAMS else []


def rank_of(query: Query) -> Func:
    """How well a complaint matches, as a whole number: reference and customer before subject, narrative, messages."""
    tokens = TokenQuery(query.as_tsquery())
    rank = Func(F("search_document__tokens"), tokens, function="ts_rank", output_field=FloatField())
    return Cast(rank * RANK_STEPS, BigIntegerField())


def said_in(complaints: Iterable[Complaint], query: Query) -> dict[int, str]:
    """A message of each complaint that holds something of the query, by the complaint's id: one query."""
    holds = reduce(or_, (Q(body__icontains=words) for words in dict.fromkeys(query.typed + query.phrases)))
    messages = Message.objects.filter(holds, complaint__in=[complaint.pk for complaint in complaints])
    first = messages.order_by("complaint_id", "at", "id").distinct("complaint_id")
    return dict(first.values_list("complaint_id", "body"))


class TokenQuery(SearchQuery):
    """A query of ready-made tokens: cast, not parsed, so that PostgreSQL does not split them its own way."""

    def __init__(self, text: str):
        super().__init__(text, search_type="raw")
        self.text = text

    def as_sql(self, compiler, connection, function=None, template=None):
        return "%s::tsquery", [self.text]


class InBlocks(SearchQuery):
    """The documents of the blocks `first` to `last` (without it) behind the newest, which is number 0."""

    def __init__(self, first: int, last: int):
        super().__init__("", search_type="raw")
        self.numbers = first, last

    def as_sql(self, compiler, connection, function=None, template=None):
        table = connection.ops.quote_name(SearchDocument._meta.db_table)
        first, last = self.numbers
        return (
            "(SELECT string_agg(quote_literal('@b' || number), ' | ')::tsquery FROM"  # noqa: S608 - nobody's text
            f" (SELECT max(complaint_id) / {BLOCK} AS newest FROM {table}) AS documents,"
            " generate_series(newest - %s, newest - %s) AS number)"
        ), [last - 1, first]


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
    if begin:
        # Not in the middle of a word, where words have spaces between them.
        begin = text.find(" ", begin, hits[0][0]) + 1 or begin
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
    """Yield (begin, end) of every hit in `text`, in order."""
    folded = normal(text)
    # Folding can change the length. Then it is done sign by sign, so that each one's place is known.
    places: Sequence[int] = range(len(text) + 1)
    if len(folded) != len(text):
        signs = [(sign, place) for place, written in enumerate(text) for sign in normal(written)]
        folded = "".join(sign for sign, _place in signs)
        places = [*(place for _sign, place in signs), len(text)]
    if not query.phrases:
        return
    for match in re.finditer("|".join(map(_pattern, sorted(query.phrases, key=len, reverse=True))), folded):
        begin, end = match.span()
        yield places[begin], places[end - 1] + 1


def _pattern(phrase: str) -> str:
    """Words are found at their beginning, as the index does it; Chinese and the ends of numbers anywhere."""
    begins = r"(?<![^\W_])" if phrase[0].isascii() and phrase[0].isalpha() else ""
    return begins + re.escape(phrase)
