"""What a supervisor finds on the board: an escalation by hand, a notice that could not be delivered; and the page."""

from django.utils import timezone

from complaints.case.actors import Actor
from followups.escalation import escalations
from followups.models import Escalation, Notice


def shown(client, address: str) -> str:
    """The page at the address, which has to be there."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def asked(cast, complaint, at, note="The customer shouts") -> Escalation:
    """An escalation by hand, which the supervisor of the west must sign."""
    return escalations.escalate_by_hand(
        complaint.pk, note=note, tried="Talked to him twice", actor=Actor.staff(cast.handler), at=at
    )


def dead(complaint, **given) -> Notice:
    fields = {
        "key": f"test:{Notice.objects.count()}",
        "complaint": complaint,
        "to_customer": True,
        "address": "wang@customer.example",
        "event": "customer_acknowledged",
        "state": Notice.State.DEAD,
        "created_at": timezone.now(),
        "not_before": timezone.now(),
        "attempts": 5,
        "last_error": "550 no such mailbox",
    }
    return Notice.objects.create(**(fields | given))
