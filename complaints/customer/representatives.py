"""Who may also ask about a complaint: people whom the customer names, each with a link of their own.

The customer hands the link on themselves: the desk writes to nobody whom only somebody with a link has named, and
needs no address of theirs. A representative reads the page; with the customer's leave they answer as well. What only
the customer may do they never do: judge the result, take the complaint back, decide how we reach them, let others ask.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.customer import links
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Complaint, Representative

MOST = 5
# What somebody may answer whom the customer lets answer for them.
ANSWERS = frozenset({"reply", "confirm", "choose", "appeal"})


def add(complaint_id: int, data: dict, *, at: datetime) -> Representative:
    """Let somebody ask: `name`, `relation`, what they `may`, and the `consent` in the customer's words.

    The very same, while it stands, is the first one: a form sent twice. Raises NotAllowedNow above MOST.
    """
    said = {name: data[name] for name in ("name", "relation", "may", "consent")}
    with transaction.atomic():
        complaint = lock(complaint_id)
        standing = complaint.representatives.filter(ended_at=None)
        known = standing.filter(**said).first()
        if known is not None:
            return known
        if standing.count() >= MOST:
            raise NotAllowedNow(_("These are many already. Take one back first."))
        token = links.new_token()
        added = Representative.objects.create(
            complaint=complaint,
            token_hash=links.token_hash(token),
            token_sealed=links.seal(token),
            added_at=at,
            **said,
        )
        kept = {"representative": added.pk, "name": added.name, "relation": added.relation, "may": added.may}
        kept["words"] = added.consent
        events.record(complaint, EventKind.REPRESENTATIVE_ADDED, actor=CUSTOMER, at=at, data=kept, public=True)
    return added


def end(complaint_id: int, representative_id: int, *, at: datetime) -> None:
    """The customer takes a link back: it is dead at once; twice is once.

    Raises Representative.DoesNotExist for one of another complaint.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        ended = complaint.representatives.get(pk=representative_id)
        if ended.ended_at is not None:
            return
        ended.ended_at = at
        ended.save(update_fields=["ended_at"])
        kept = {"representative": ended.pk, "name": ended.name}
        events.record(complaint, EventKind.REPRESENTATIVE_ENDED, actor=CUSTOMER, at=at, data=kept, public=True)


def actor_on(complaint: Complaint, what: str) -> Actor:
    """Who acts on the link by which `complaint` was fetched. Raises NotPermitted where they may not do `what`."""
    somebody = complaint.representative
    if somebody is None:
        return CUSTOMER
    if what in ANSWERS and somebody.may_answer:
        return Actor(CUSTOMER.kind, representative=somebody)
    raise NotPermitted(_("Only the customer may do this. Ask them to do it on their own link."))


def may(complaint: Complaint, what: str) -> bool:
    """Whether whoever has the link by which `complaint` was fetched may do `what`."""
    somebody = complaint.representative
    return somebody is None or (what in ANSWERS and somebody.may_answer)
