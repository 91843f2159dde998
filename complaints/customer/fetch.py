"""The case behind a customer's link, with everything that the customer's page says of it, in one query."""

from django.db.models import CharField, DateTimeField, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.written import Given
from complaints.case.event_kinds import EventKind
from complaints.customer import link_life
from complaints.customer.progress import SHOWN_ON_PATH
from complaints.db.json_columns import Beside, Columns, Parts, WholeRow, instance_of
from complaints.models import (
    Appeal,
    Complaint,
    ComplaintEvent,
    Evidence,
    Feedback,
    Message,
    Option,
    Representative,
    Resolution,
    Round,
)

BESIDE = Beside(Complaint, ("customer", "site", "team", "handler", "verification"))
# What the customer may read of each; nothing else is fetched. By its name at the complaint.
PARTS: dict[str, tuple[Parts, Q]] = {
    "messages": (Parts(Message, beside=("author",)), ~Q(kind=Message.Kind.INTERNAL)),
    "evidence": (Parts(Evidence), Q(public=True)),
    "options": (Parts(Option), Q()),
    "feedback": (Parts(Feedback), Q()),
    "resolutions": (Parts(Resolution), Q()),
    "rounds": (Parts(Round, beside=("handler",)), Q()),
    "appeals": (Parts(Appeal, beside=("reviewer",)), Q()),
    "representatives": (Parts(Representative), Q(ended_at__isnull=True)),
    "events": (Parts(ComplaintEvent), Q(kind__in=(*SHOWN_ON_PATH, EventKind.OPTIONS_REFUSED))),
}
TOKEN = Given("key", CharField())
# Whose link it is, if it is not the customer's.
LET_IN = Q(token_hash=TOKEN, ended_at__isnull=True)
REPRESENTATIVE = Parts(Representative)
# One after the other, each by its unique index; together in one condition they would be looked for in every row.
FOUND = Coalesce(
    Subquery(Complaint.objects.filter(token_hash=TOKEN).order_by().values("pk")),
    Subquery(Representative.objects.filter(LET_IN).order_by().values("complaint_id")),
)
BY_TOKEN = Columns(
    Complaint,
    Q(pk=FOUND) & link_life.works(Given("now", DateTimeField())),
    by=None,
    representative=REPRESENTATIVE.column("complaint", where=LET_IN),
    row=WholeRow("pk"),
    beside=BESIDE.column(),
    **{name: parts.column("complaint", where=where) for name, (parts, where) in PARTS.items()},
)


def fetch(token_hash: str) -> Complaint | None:
    """The complaint of the link with this hash, the customer's or a representative's: one query each way.

    None where there is none or its time is over.

    What hangs on the instance is what its customer may read: no internal note, and of its history the stages only.
    """
    try:
        rows = BY_TOKEN.of(token_hash, now=timezone.now())
    except Complaint.DoesNotExist:
        return None
    complaint = instance_of(Complaint, rows["row"])
    BESIDE.remember(complaint, rows["beside"])
    complaint.representative = next(iter(REPRESENTATIVE.read(rows["representative"])), None)
    for name, (parts, _where) in PARTS.items():
        parts.remember(complaint, name, rows[name])
    return complaint
