"""Who does something to a complaint: a person of the desk, the customer, or the desk itself."""

from dataclasses import dataclass

from accounts.models import Person
from complaints.models import ComplaintEvent

Kind = ComplaintEvent.ActorKind


@dataclass(frozen=True)
class Actor:
    """The author of an event; `person` is set for people of the desk only."""

    kind: str
    person: Person | None = None

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
