"""Who does something to a complaint: a person of the desk, the customer, or the desk itself."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Person
from complaints.models import ComplaintEvent, Representative

Kind = ComplaintEvent.ActorKind


@dataclass(frozen=True)
class Actor:
    """The author of an event; `person` is set for people of the desk only.

    `representative` is set where somebody acts for the customer, by the customer's leave.
    """

    kind: str
    person: Person | None = None
    representative: Representative | None = None

    @classmethod
    def staff(cls, person: Person) -> "Actor":
        return cls(Kind.PERSON, person)

    @property
    def colleague(self) -> Person:
        """The person of the desk, where nobody else comes so far. Raises TypeError for the customer and the desk."""
        if self.person is None:
            raise TypeError(f"No person of the desk acts here, but the {self.kind}")
        return self.person

    @property
    def said(self) -> dict[str, Any]:
        """What an event says of who acted for the customer, with the name of then."""
        if self.representative is None:
            return {}
        return {"representative": self.representative.pk, "represented_by": self.representative.name}

    @property
    def is_staff(self) -> bool:
        return self.kind == Kind.PERSON

    @property
    def is_customer(self) -> bool:
        return self.kind == Kind.CUSTOMER

    @property
    def is_system(self) -> bool:
        return self.kind == Kind.SYSTEM


CUSTOMER = Actor(Kind.CUSTOMER)
SYSTEM = Actor(Kind.SYSTEM)
