"""Repeats: what may be logged already, and the third complaint about one thing (SPEC, "Repeats").

Alike are texts that share telling words (search.likeness). Somebody complains about the same thing again when they
complain within the window about the same site, or in words that are alike.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, Expression, F, Func, OuterRef, Q, QuerySet, TextField, Value

from accounts.written import Given, Written
from complaints.case.identity import contacts_of
from complaints.choices import Kind, Outcome, Status
from complaints.models import Complaint
from complaints.search.find import TokenQuery
from complaints.search.likeness import in_words, is_alike, numbers_in, telling
from complaints.search.tokens import any_of
from complaints.visibility import ComplaintQuerySet

WINDOW = timedelta(days=90)
THIRD = 3
# Compared are the newest so many: of a customer, of a site, and of those that name the same number.
MOST_OF_CUSTOMER, MOST_AT_SITE, MOST_WITH_NUMBER = 50, 100, 20
MOST_SHOWN = 5
# Words in more than half of a site’s open cases tell none of them apart; of a few cases that says nothing.
COMMON_PART, COMMON_FROM = 0.5, 8
NOT_COUNTED = (Outcome.WITHDRAWN, Outcome.DUPLICATE, Outcome.INVALID)
NO_COMPLAINTS = (Kind.SUGGESTION, Kind.PRAISE)
TEXTS: ArrayField = ArrayField(TextField())
COLUMNS = ("pk", "reference", "status", "site", "customer__phone_key")


class SharedTokens(Func):
    """The tokens of a document that are among the given ones, as an array."""

    template = "ARRAY(SELECT token FROM unnest(tsvector_to_array(%(expressions)s))"
    arg_joiner = ")) AS token WHERE token = ANY("
    output_field = TEXTS


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
class Story:
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

    Of the WINDOW before `at` (aware), whoever may see them; a customer is known again by the phone, without one by the
    address or because somebody said that it is them. Not counted are suggestions, praise, imported cases, and what
    was withdrawn, a duplicate or no complaint. Two logged at the same moment are
    counted one after the other: the counter of references lets one in at a time.
    """
    customer = complaint.customer
    if customer is None or complaint.kind in NO_COMPLAINTS:
        return []
    text, since = complaint.narrative, at - WINDOW
    if customer.phone_key:
        words, numbers = sorted(telling(text)), sorted(numbers_in(text))
        asked = {"pk": complaint.pk, "since": since, "phone_key": customer.phone_key, "words": words}
        rows = _read(_OF_NUMBER[bool(numbers)].rows(**asked, numbers=numbers), numbers)
    else:
        others = _counted(Complaint.objects.exclude(pk=complaint.pk), since)
        rows = _compared([others.filter(customer__in=contacts_of(customer))[:MOST_OF_CUSTOMER]], text)
    return [row.reference for row in rows if row.is_same_thing(complaint.site_id)]


def _of_number(naming: bool) -> QuerySet:
    """What else was told by the number of a customer; each complaint that is logged asks, so it is written once."""
    others = _counted(Complaint.objects.exclude(pk=Given("pk")), Given("since", DateTimeField()))
    of_number = others.filter(customer__phone_key=Given("phone_key", TextField()))[:MOST_OF_CUSTOMER]
    return _shared(of_number, Given("words", TEXTS), Given("numbers", TEXTS) if naming else None)


def readable_beside(references: list[str], complaint: Complaint) -> list[str]:
    """Those of the complaints, in the same order, that whoever reads `complaint` by a role reads as well: one query.

    A reference and the end of a number open the customer's page, so no case names one that its readers do not see.
    """
    readers = {complaint.team_id, complaint.site_id} - {None}
    found = Complaint.objects.filter(reference__in=references)
    for team in readers:
        found = found.filter(Q(team=team) | Q(site=team))
    seen = set(found.values_list("reference", flat=True))
    return [reference for reference in references if reference in seen]


def known(told: Story, visible: ComplaintQuerySet, *, at: datetime) -> Known:
    """Return what the `visible` complaints say about one that is being told at the moment `at` (aware): two queries.

    Likely the same are open ones of the WINDOW with words alike: of the customer, at the site, or anywhere when
    they name the same plate, serial or telephone number.
    """
    fresh = visible.open().filter(received_at__gt=at - WINDOW).order_by("-id")
    numbers = numbers_in(told.text)
    parts = []
    if told.phone_key:
        parts.append(_counted(visible, at - WINDOW).filter(customer__phone_key=told.phone_key)[:MOST_OF_CUSTOMER])
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


def _counted(complaints: QuerySet, since: datetime | Given) -> QuerySet:
    """The complaints that count as complaints when one is repeated, of those since a moment, the newest first."""
    fresh = complaints.filter(received_at__gt=since).exclude(kind__in=NO_COMPLAINTS)
    # A file and a line are written into what was imported.
    return fresh.exclude(outcome__in=NOT_COUNTED).exclude(source__has_key="file").order_by("-id")


def _compared(parts: list[QuerySet], text: str) -> list[Row]:
    """The complaints of all parts, each once, the newest first, with what they share with `text`: one query."""
    if not parts:
        return []
    numbers = numbers_in(text)
    words, named = _array(telling(text)), _array(numbers) if numbers else None
    first, *others = (_shared(part, words, named) for part in parts)
    return _read(first.union(*others, all=True) if others else first, numbers)


def _shared(part: QuerySet, words: Expression, numbers: Expression | None) -> QuerySet:
    """Of each complaint the columns of a Row, which of the words it holds, and which that begin with the numbers."""
    document = F("search_document__tokens")
    held = SharedTokens(document, words)
    # Hardly a story names a number; taking the documents apart a second time is spared then.
    begun = Value(None, output_field=held.output_field) if numbers is None else BegunTokens(document, numbers)
    return part.annotate(words=held, begun=begun).values_list(*COLUMNS, "words", "begun")


def _read(found: Iterable[tuple], numbers: Iterable[str]) -> list[Row]:
    """The complaints, each once, the newest first."""
    rows: dict[int, Row] = {}
    for pk, reference, status, site, phone_key, held, with_ends in found:
        named = {number for number in numbers if any(token.startswith(number) for token in with_ends)}
        rows[pk] = Row(pk, reference, status, site, phone_key, frozenset(held) | named)
    return sorted(rows.values(), key=lambda row: row.pk, reverse=True)


_OF_NUMBER = {naming: Written(partial(_of_number, naming)) for naming in (False, True)}


def _array(tokens: Iterable[str]) -> Value:
    return Value(sorted(tokens), output_field=TEXTS)


def _common(rows: list[Row]) -> set[str]:
    """Words that too many of the rows share to tell any of them apart; none where there are few rows."""
    if len(rows) < COMMON_FROM:
        return set()
    held = Counter(token for row in rows for token in row.shared)
    return {token for token, count in held.items() if count > len(rows) * COMMON_PART}
