"""The conversation as the customer reads it: no internal note, and what the desk told by itself. Read-only."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.conversation import tellings
from complaints.models import Complaint, Evidence, Message


@dataclass
class Entry:
    """One message as the customer reads it."""

    by: str
    mine: bool
    at: datetime
    body: str
    files: list[Evidence] = field(default_factory=list)
    # Of a message that the desk sent by itself: what it was about, and what became of it.
    about: str = ""
    way: str = ""


def conversation(complaint: Complaint) -> tuple[list[Entry], list[Evidence]]:
    """The messages the customer may read, with their files, and the files without a message."""
    readable = [message for message in complaint.messages.all() if message.kind != Message.Kind.INTERNAL]
    entries = {
        message.pk: Entry(
            by=_author(message, complaint),
            mine=message.kind == Message.Kind.INBOUND,
            at=message.at,
            body=message.body,
        )
        for message in readable
    }
    loose = []
    for row in complaint.evidence.all():
        if not row.public:
            continue
        if row.message_id is None:
            loose.append(row)
        elif row.message_id in entries:
            entries[row.message_id].files.append(row)
    said = [*entries.values(), *_told_by_the_desk(complaint, entries)]
    return sorted(said, key=lambda entry: entry.at), loose


def _told_by_the_desk(complaint: Complaint, entries: dict[int, Entry]) -> list[Entry]:
    """Messages that went by themselves; a mail that carries what a person wrote is said at that entry."""
    own = []
    for telling in tellings.of(complaint, for_staff=False):
        if telling.message is None:
            own.append(Entry(complaint.team.label, False, telling.at, telling.words, about=telling.about))
        entry = own[-1] if telling.message is None else entries.get(telling.message)
        if entry is not None:
            entry.way = telling.state_for_customer
    return own


def _author(message: Message, complaint: Complaint) -> str:
    if message.kind == Message.Kind.INBOUND:
        return message.written_by or _("You")
    author = message.author
    return author.label if author is not None and author.name else complaint.team.label
