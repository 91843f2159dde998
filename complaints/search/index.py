"""Keeping the tokens of a complaint up to date, in the transaction that changes what is said in it."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import prefetch_related_objects

from complaints.case.event_kinds import EventKind
from complaints.case.events import events_recorded
from complaints.db.inserting import insert
from complaints.models import Complaint, ComplaintEvent, Message, SearchDocument
from complaints.search import results
from complaints.search.tokens import (
    BLOCK,
    beginnings_of,
    block_mark,
    person_mark,
    plain_literal,
    team_mark,
    tokens_of,
    tokens_of_reference,
    vector_literal,
)

# Events after which something new can be found, or somebody else works on it; and those that bring one message.
NEW = EventKind.LOGGED
WHOLE = {
    EventKind.IMPORTED,
    EventKind.VERIFIED,
    EventKind.VERIFICATION_SAVED,
    EventKind.FACTS_CORRECTED,
    EventKind.ASSIGNED,
    EventKind.TAKEN,
    EventKind.REASSIGNED,
    EventKind.RESULT_SAVED,
    EventKind.RESOLVED,
    EventKind.FEEDBACK_RECORDED,
    EventKind.REWORKED,
    EventKind.REOPENED,
    EventKind.ARCHIVED,
    EventKind.CLOSED_EARLY,
}
ONE_MESSAGE = {EventKind.MESSAGE_SENT, EventKind.NOTE_ADDED, EventKind.CUSTOMER_REPLIED}


def connect():
    """Listen to the history; called once at start-up."""
    events_recorded.connect(on_events, dispatch_uid="search")


def on_events(sender, events: list[ComplaintEvent], **kwargs):
    """Index what the events brought."""
    # Nothing was said in a new complaint yet.
    insert([document_of(event.complaint, []) for event in events if event.kind == NEW])
    index_many([event.complaint for event in events if event.kind in WHOLE])
    messages = [event.data["message"] for event in events if event.kind in ONE_MESSAGE]
    for message in Message.objects.filter(pk__in=messages):
        add(message.complaint_id, weigh([(message.body, "D")]))


def weigh(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return token → best weight of the (text, weight) pairs; "A" is better than "D"."""
    weighted: dict[str, str] = {}
    for text, weight in texts:
        for token in tokens_of(text):
            if token not in weighted or weight < weighted[token]:
                weighted[token] = weight
    return weighted


def texts_of(complaint: Complaint, said: Iterable[str]) -> list[tuple[str, str]]:
    """What can be found of a complaint, with the weight of each text; `said` are its messages and results."""
    customer = complaint.customer
    # Where nothing happened but its arrival, nothing was verified.
    verification = getattr(complaint, "verification", None) if complaint.event_count > 1 else None
    texts = [(complaint.subject, "B"), (complaint.narrative, "C")]
    texts += [(complaint.desired_outcome, "C"), (complaint.place, "C")]
    texts += [(str(complaint.source[name]), "C") for name in complaint.source if name not in ("file", "line")]
    if customer is not None:
        texts += [(customer.name, "A"), (customer.phone, "A"), (customer.phone_key, "A"), (customer.email, "A")]
    if verification is not None:
        texts.append((verification.restatement, "C"))
    return texts + [(text, "D") for text in said]


def document_of(complaint: Complaint, said: Iterable[str]) -> SearchDocument:
    """The whole document of a complaint, unsaved: its words and how they begin, whose it is, and of which block."""
    words = weigh(texts_of(complaint, said)) | dict.fromkeys(tokens_of_reference(complaint.reference), "A")
    marks = dict.fromkeys(marks_of(complaint), "D")
    begins = plain_literal(beginnings_of(words))
    return SearchDocument(complaint_id=complaint.pk, tokens=vector_literal(words | marks), begins=begins)


def marks_of(complaint: Complaint) -> set[str]:
    """Whose complaint it is, and among which it was logged, as tokens that nobody can type.

    They spare a search of somebody who sees one site of fifty all the hits of the others, and a search for a common
    word all the older hits; who may see what is decided by visible_to() alone.
    """
    teams = {pk for pk in (complaint.team_id, complaint.site_id) if pk is not None}
    people = {pk for pk in (complaint.logged_by_id, complaint.handler_id) if pk is not None}
    block = block_mark(complaint.pk // BLOCK)
    return {team_mark(pk) for pk in teams} | {person_mark(pk) for pk in people} | {block}


def index_many(complaints: list[Complaint]):
    """Write the whole document of each complaint anew."""
    if not complaints:
        return
    prefetch_related_objects([complaint for complaint in complaints if complaint.event_count > 1], "verification")
    said: dict[int, list[str]] = {}
    rows = Message.objects.filter(complaint__in=complaints).values_list("complaint_id", "body")
    for complaint_id, text in [*rows, *results.texts_of_many(complaints)]:
        said.setdefault(complaint_id, []).append(text)
    SearchDocument.objects.bulk_create(
        [
            document_of(complaint, said.get(complaint.pk, []))
            for complaint in {complaint.pk: complaint for complaint in complaints}.values()
        ],
        update_conflicts=True,
        unique_fields=["complaint"],
        update_fields=["tokens", "begins", "rules"],
    )


def add(complaint_id: int, weighted: dict[str, str]):
    """Add tokens to a complaint's document; cheap however long the conversation is."""
    if not weighted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE complaints_searchdocument SET tokens = tokens || %s::tsvector, begins = begins || %s::tsvector"
            " WHERE complaint_id = %s",
            [vector_literal(weighted), plain_literal(beginnings_of(weighted)), complaint_id],
        )
        if cursor.rowcount == 0:
            index_many([Complaint.objects.select_related("customer", "verification").get(pk=complaint_id)])
