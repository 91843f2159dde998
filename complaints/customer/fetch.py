"""The case behind a customer's link, with everything that the customer's page says of it, in one query."""

from django.db.models import DateTimeField, Q
from django.utils import timezone

from accounts.written import Given
from complaints.case.event_kinds import EventKind
from complaints.customer import link_life
from complaints.customer.progress import SHOWN_ON_PATH
from complaints.db.json_columns import Beside, Columns, Parts, WholeRow, instance_of
from complaints.models import Complaint, ComplaintEvent, Evidence, Feedback, Message, Option, Resolution, Round

BESIDE = Beside(Complaint, ("customer", "site", "team", "handler", "verification"))
# What the customer may read of each; nothing else is fetched. By its name at the complaint.
PARTS: dict[str, tuple[Parts, Q]] = {
    "messages": (Parts(Message, beside=("author",)), ~Q(kind=Message.Kind.INTERNAL)),
    "evidence": (Parts(Evidence), Q(public=True)),
    "options": (Parts(Option), Q()),
    "feedback": (Parts(Feedback), Q()),
    "resolutions": (Parts(Resolution), Q()),
    "rounds": (Parts(Round), Q()),
    "events": (Parts(ComplaintEvent), Q(kind__in=(*SHOWN_ON_PATH, EventKind.OPTIONS_REFUSED))),
}
BY_TOKEN = Columns(
    Complaint,
    link_life.works(Given("now", DateTimeField())),
    by="token_hash",
    row=WholeRow("pk"),
    beside=BESIDE.column(),
    **{name: parts.column("complaint", where=where) for name, (parts, where) in PARTS.items()},
)


def fetch(token_hash: str) -> Complaint | None:
    """The complaint of the link with this hash, None where there is none or its time is over: one query each way.

    What hangs on the instance is what its customer may read: no internal note, and of its history the stages only.
    """
    try:
        rows = BY_TOKEN.of(token_hash, now=timezone.now())
    except Complaint.DoesNotExist:
        return None
    complaint = instance_of(Complaint, rows["row"])
    BESIDE.remember(complaint, rows["beside"])
    for name, (parts, _where) in PARTS.items():
        parts.remember(complaint, name, rows[name])
    return complaint
