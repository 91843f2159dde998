"""The conversation of the complaint page: what was written, said and told, with what became of it."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.case.event_kinds import EventKind
from complaints.case.narrated import NarratedEvent
from complaints.case.timeline import sentence
from complaints.choices import Channel
from complaints.conversation import tellings
from complaints.db.json_columns import Columns, Parts
from complaints.models import Complaint, Evidence, Feedback, Message

MESSAGES_SHOWN = 30
TALK_EVENTS: dict[str, str] = {
    EventKind.RESOLVED: "check-circle",
    EventKind.REWORKED: "arrow-repeat",
    EventKind.REOPENED: "arrow-repeat",
    EventKind.ARCHIVED: "check-circle",
    EventKind.CLOSED_EARLY: "check-circle",
    EventKind.OPTION_CHOSEN: "check-circle",
    EventKind.PROMISE_BROKEN: "x-octagon-fill",
    EventKind.PROMISE_MOVED: "arrow-right-circle",
    EventKind.WAITING_BEGAN: "pause-circle",
}


@dataclass
class Entry:
    """One thing in the conversation: a message, what the customer said of the result, or an event."""

    at: datetime
    look: str  # out, note, in, event
    icon: str
    # Above what was said: who, and to whom or on which way.
    who: str = ""
    about: str = ""
    message: Message | None = None
    feedback: Feedback | None = None
    # What happened, of an event; what was sent, of a message of the desk's own.
    words: str = ""
    # What became of the mail that carried it, and whether that failed.
    way: str = ""
    failed: bool = False
    evidence: list[Evidence] = field(default_factory=list)


def _of_message(message: Message, customer: str, evidence: list[Evidence]) -> Entry:
    author = message.author.label if message.author else ""
    if message.kind == Message.Kind.PUBLIC:
        look, icon, who, about = "out", "arrow-up-right", author or _("The desk"), _("to the customer")
    elif message.kind == Message.Kind.INTERNAL:
        hidden = _("%(person)s, the customer cannot see this") % {"person": author}
        look, icon, who = "note", "lock-fill", _("Internal note")
        about = hidden if author else _("the customer cannot see this")
    else:
        noted = _("noted by %(person)s") % {"person": author} if author else ""
        look, icon, who = "in", "arrow-down-left", customer
        by = _("written by %(name)s for the customer") % {"name": message.written_by} if message.written_by else ""
        about = " · ".join(filter(None, [_channel(message.channel), noted, by]))
    return Entry(message.at, look, icon, who, about, message=message, evidence=evidence)


def _of_tellings(complaint: Complaint, entries: list[Entry]) -> list[Entry]:
    """What the desk told by itself. A mail that carries what a person wrote is said at that entry, not once more."""
    written = {entry.message.pk: entry for entry in entries if entry.message is not None}
    own = []
    entry: Entry | None
    for telling in tellings.of(complaint, for_staff=True):
        if telling.message is None:
            who, icon = (telling.by, "telephone") if telling.by else (_("Sent by the desk itself"), "envelope")
            entry = Entry(telling.at, "auto", icon, who, telling.about, words=telling.words)
            own.append(entry)
        elif (entry := written.get(telling.message)) is None:
            continue
        entry.way, entry.failed = telling.state, telling.failed
    return own


def _of_feedback(feedback: Feedback, customer: str) -> Entry:
    about = _("about the result, %(channel)s") % {"channel": _channel(feedback.channel)}
    return Entry(feedback.at, "in", "arrow-down-left", customer, about, feedback=feedback)


def _channel(key: str) -> str:
    """The channel in words; get_channel_display would put all channels into words for every message."""
    return str(Channel(key).label) if key else ""


# One more than is shown, to know whether there are more.
MESSAGES = Parts(Message, beside=("author",))
LATEST_MESSAGES = Columns(
    Complaint, messages=MESSAGES.column("complaint", order=("-at", "-id"), most=MESSAGES_SHOWN + 1)
)


def conversation(complaint: Complaint, history: list[NarratedEvent], *, show_all: bool) -> tuple[list[Entry], bool]:
    """The entries, oldest first, and whether earlier ones were left out."""
    if show_all:
        messages = list(complaint.messages.select_related("author").order_by("-at", "-id"))
    else:
        messages = MESSAGES.read(LATEST_MESSAGES.of(complaint.pk)["messages"])
    cut = not show_all and len(messages) > MESSAGES_SHOWN
    messages = messages[:MESSAGES_SHOWN] if cut else messages
    since = messages[-1].at if cut else None
    files: dict[int | None, list[Evidence]] = {}
    for evidence in complaint.evidence.all():
        files.setdefault(evidence.message_id, []).append(evidence)
    customer = complaint.customer.label if complaint.customer else _("The customer")
    entries = [_of_message(message, customer, files.get(message.pk, [])) for message in messages]
    entries += [
        Entry(one.event.at, "event", TALK_EVENTS[one.event.kind], words=sentence(one))
        for one in history
        if one.event.kind in TALK_EVENTS
    ]
    entries += _of_tellings(complaint, entries)
    entries += [_of_feedback(feedback, customer) for feedback in complaint.feedback.all()]
    return sorted((e for e in entries if since is None or e.at >= since), key=lambda e: e.at), cut
