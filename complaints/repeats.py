"""Repeats: what may be logged already, and the third complaint about one thing (SPEC, "Repeats").

Alike are texts that share telling words (search.likeness). Somebody complains about the same thing again when they
complain within the window about the same site, or in words that are alike.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, OuterRef, QuerySet, TextField, Value

from complaints.choices import Kind, Outcome, Status
from complaints.models import Complaint
from complaints.search.find import TokenQuery
from complaints.search.likeness import in_words, is_alike, numbers_in, telling
from complaints.search.tokens import any_of

WINDOW = timedelta(days=90)
THIRD = 3
# Compared are the newest so many: of a customer, of a site, and of those that name the same number.
MOST_OF_CUSTOMER, MOST_AT_SITE, MOST_WITH_NUMBER = 50, 100, 20
MOST_SHOWN = 5
# Words in more than half of a site’s open cases tell none of them apart; of a few cases that says nothing.
COMMON_PART, COMMON_FROM = 0.5, 8
NOT_COUNTED = (Outcome.WITHDRAWN, Outcome.DUPLICATE, Outcome.INVALID)
COLUMNS = ("pk", "reference", "status", "site", "customer__phone_key")


class SharedTokens(Func):
    """The tokens of a document that are among the given ones, as an array."""

    template = "ARRAY(SELECT token FROM unnest(tsvector_to_array(%(expressions)s))"
    arg_joiner = ")) AS token WHERE token = ANY("
    output_field = ArrayField(TextField())


class BegunTokens(SharedTokens):
    """The tokens of a document that begin with one of the given ones, as an array."""

    arg_joiner = ")) AS token WHERE token ^@ ANY("


@dataclass(frozen=True)
class Row:
    """A complaint that was compared, and the words and numbers that it shares."""

    pk: int
    reference: str
    status: str
    site: int | None
    phone_key: str | None
    shared: frozenset[str]

    def is_same_thing(self, site: int | None) -> bool:
        """Whether it is about the same site, or told in words that are alike."""
        return (site is not None and self.site == site) or is_alike(self.shared)


@dataclass(frozen=True)
class Told:
    """A complaint that is being told: its words, where it happened (a team's id), the customer's phone key."""

    text: str
    site: int | None = None
    phone_key: str = ""


@dataclass(frozen=True)
class Likely:
    """An open complaint that may be the same: the words in both, and whether the same customer told it."""

    complaint: Complaint
    words: list[str]
    of_customer: bool


@dataclass(frozen=True)
class Known:
    """What is known already: what may be the same, the newest open cases of others at the site, and its number.

    `number` is 1 for the customer's first complaint about the thing, 3 for the third.
    """

    likely: list[Likely]
    at_site: list[Complaint]
    number: int


def earlier(complaint: Complaint, *, at: datetime) -> list[str]:
    """Return the references of the customer's earlier complaints about what `complaint` is about, the newest first.

    Of the WINDOW before `at` (aware), whoever may see them; a customer is known again by the phone. Not counted are
    suggestions, imported cases, and what was withdrawn, a duplicate or no complaint. Two logged at the same moment are
    counted one after the other: the counter of references lets one in at a time.
    """
    customer = complaint.customer
    if customer is None or complaint.kind == Kind.SUGGESTION:
        return []
    others = _counted(Complaint.objects.exclude(pk=complaint.pk), at)
    same = {"customer__phone_key": customer.phone_key} if customer.phone_key else {"customer": customer}
    rows = _compared([others.filter(**same)[:MOST_OF_CUSTOMER]], complaint.narrative)
    return [row.reference for row in rows if row.is_same_thing(complaint.site_id)]


def known(told: Told, visible: QuerySet, *, at: datetime) -> Known:
    """Return what the `visible` complaints say about one that is being told at the moment `at` (aware): two queries.

    Likely the same are open ones of the WINDOW with words alike: of the customer, at the site, or anywhere when
    they name the same plate, serial or telephone number.
    """
    fresh = visible.open().filter(received_at__gt=at - WINDOW).order_by("-id")
    numbers = numbers_in(told.text)
    parts = []
    if told.phone_key:
        parts.append(_counted(visible, at).filter(customer__phone_key=told.phone_key)[:MOST_OF_CUSTOMER])
    if told.site:
        parts.append(fresh.filter(site=told.site)[:MOST_AT_SITE])
    if numbers:
        naming = fresh.filter(search_document__tokens=TokenQuery(any_of(numbers, begun=True)))
        parts.append(naming[:MOST_WITH_NUMBER])
    rows = _compared(parts, told.text)

    def of_customer(row: Row) -> bool:
        return bool(told.phone_key) and row.phone_key == told.phone_key

    still_open = [row for row in rows if row.status != Status.ARCHIVED]
    at_site = [row for row in still_open if told.site and row.site == told.site]
    common = _common(at_site)
    words = {row.pk: row.shared if of_customer(row) else row.shared - common for row in still_open}
    likely = [row for row in still_open if is_alike(words[row.pk])]
    likely = sorted(likely, key=lambda row: (of_customer(row), len(words[row.pk]), row.pk), reverse=True)[:MOST_SHOWN]
    other = [row for row in at_site if row not in likely and not of_customer(row)][:MOST_SHOWN]
    named = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk")).values("person_id")
    # Who is named says who may do what.
    complaints = Complaint.objects.select_related("site").annotate(named_ids=ArraySubquery(named))
    shown = complaints.in_bulk([row.pk for row in [*likely, *other]])
    return Known(
        [Likely(shown[row.pk], in_words(words[row.pk], told.text), of_customer(row)) for row in likely],
        [shown[row.pk] for row in other],
        1 + sum(of_customer(row) and row.is_same_thing(told.site) for row in rows),
    )


def _counted(complaints: QuerySet, at: datetime) -> QuerySet:
    """The complaints that count as complaints when one is repeated at the moment `at`, the newest first."""
    fresh = complaints.filter(received_at__gt=at - WINDOW).exclude(kind=Kind.SUGGESTION)
    # A file and a line are written into what was imported.
    return fresh.exclude(outcome__in=NOT_COUNTED).exclude(source__has_key="file").order_by("-id")


def _compared(parts: list[QuerySet], text: str) -> list[Row]:
    """The complaints of all parts, each once, the newest first, with what they share with `text`: one query."""
    if not parts:
        return []
    numbers = numbers_in(text)
    document = F("search_document__tokens")
    words = SharedTokens(document, _array(telling(text)))
    # Hardly a story names a number; taking the documents apart a second time is spared then.
    begun = BegunTokens(document, _array(numbers)) if numbers else Value(None, output_field=words.output_field)
    first, *others = (
        part.annotate(words=words, begun=begun).values_list(*COLUMNS, "words", "begun") for part in parts
    )
    rows = {}
    for *columns, held, with_ends in first.union(*others, all=True) if others else first:
        named = {number for number in numbers if any(token.startswith(number) for token in with_ends)}
        rows[columns[0]] = Row(*columns, frozenset(held) | named)
    return sorted(rows.values(), key=lambda row: row.pk, reverse=True)


def _array(tokens: Iterable[str]) -> Value:
    return Value(sorted(tokens), output_field=ArrayField(TextField()))


def _common(rows: list[Row]) -> set[str]:
    """Words that too many of the rows share to tell any of them apart; none where there are few rows."""
    if len(rows) < COMMON_FROM:
        return set()
    held = Counter(token for row in rows for token in row.shared)
    return {token for token, count in held.items() if count > len(rows) * COMMON_PART}
