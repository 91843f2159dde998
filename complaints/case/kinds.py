"""What the steps do not ask of a case that is no complaint: a suggestion, or a latent complaint that we found.

SPEC, "Words": a suggestion is advice, and is answered "adopted" or "not adopted, because". Of a latent complaint the
customer said nothing to us: nobody confirms our words, and whoever does not know of it is told no result.
"""

from complaints.choices import Channel, Kind
from complaints.models import Complaint, Message

# By kind and action, by the gate's names; "finding" stands for the findings of all points.
NOT_ASKED: dict[str, dict[str, frozenset[str]]] = {
    Kind.SUGGESTION: {
        "verify": frozenset({"occurred_at", "evidence_asked", "tried_already", "desired_outcome"}),
        "resolve": frozenset({"finding", "cause"}),
        "archive": frozenset({"cause", "responsibility", "lesson"}),
    },
    Kind.LATENT: {
        "verify": frozenset(
            {
                *("identity_confirmed", "identity_reason", "occurred_at", "evidence_asked", "tried_already"),
                *("desired_outcome", "confirmed_how", "not_confirmed_reason"),
            }
        ),
        "resolve": frozenset({"finding"}),
    },
}


def asks(complaint: Complaint, action: str, name: str) -> bool:
    """Whether the step `action` asks for the item, or shows the field, `name` for a case of this kind."""
    if name == "adopted":
        return complaint.kind == Kind.SUGGESTION
    not_asked = NOT_ASKED.get(complaint.kind, {}).get(action, frozenset())
    return ("finding" if name.startswith("finding_") else name) not in not_asked


def is_to_be_told(complaint: Complaint) -> bool:
    """Whether there is a customer to tell: one who may be contacted and, of a latent complaint, who knows of it."""
    return not complaint.wishes_no_contact and knows_of_it(complaint)


def may_be_written_to(complaint: Complaint) -> bool:
    """Whether a message has a reader: who wishes no contact reads what stands on their link, if the form gave them it.

    Nothing is sent to them all the same (is_to_be_told).
    """
    return not complaint.wishes_no_contact or complaint.channel == Channel.WEB


def hears_of_dates(complaint: Complaint) -> bool:
    """Whether the customer is promised what policies promise: told it, or at least shown it on their link."""
    return may_be_written_to(complaint) and knows_of_it(complaint)


def knows_of_it(complaint: Complaint) -> bool:
    """Whether the customer knows of the case: of a latent one only after a word between us and them about it.

    One query for a latent complaint whose customer can be reached, none otherwise.
    """
    if complaint.kind != Kind.LATENT:
        return True
    customer = complaint.customer
    if customer is None or not customer.can_be_reached:
        return False
    return complaint.messages.exclude(kind=Message.Kind.INTERNAL).exists()
