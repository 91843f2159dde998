"""What the desk itself told the customer: rooms above know it, pages of the case show it in the conversation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from complaints.models import Complaint


@dataclass(frozen=True)
class Telling:
    """One message that went, or is to go, to the customer by itself, or that carries what a person wrote."""

    at: datetime
    # What it was about and what became of it, for staff and for the customer, in the active language.
    about: str
    state: str
    state_for_customer: str
    failed: bool
    # As it was sent, in the customer's language; "" until then.
    words: str = ""
    # Who said it to the customer; "" where the desk wrote it.
    by: str = ""
    # The id of the message of a person that it carries: then it is no entry of its own.
    message: int | None = None


Source = Callable[[Complaint, bool], list[Telling]]
_sources: list[Source] = []


def register_tellings(source: Source) -> None:
    """Let `source(complaint, for_staff)` give tellings; adding it twice counts once."""
    if source not in _sources:
        _sources.append(source)


def of(complaint: Complaint, *, for_staff: bool) -> list[Telling]:
    """Everything of the case, the oldest first; for staff it is read with what else their page shows."""
    return [telling for source in _sources for telling in source(complaint, for_staff)]
