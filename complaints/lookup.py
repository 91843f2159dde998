"""Who is it? Customers found by phone or name while a complaint is logged.

They are found through complaints that the person sees, so that a number or a name typed at random gives nobody away.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Person
from complaints.models import Complaint
from complaints.phones import phone_key
from complaints.search.find import matching, newest
from complaints.search.tokens import understand
from complaints.texts import clean_line

# Shorter numbers (12315) belong to no customer.
LEAST_DIGITS = 7
LEAST_OF_A_NAME = 2
LONGEST_PHONE, LONGEST_NAME = 40, 120
MOST_SHOWN = 5


@dataclass(frozen=True)
class Found:
    """The newest complaints of whoever was found, by what; `more` when there are others."""

    earlier: list[Complaint]
    by_name: bool = False
    more: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the customers, each once."""
        return list(dict.fromkeys(complaint.customer.label for complaint in self.earlier))


def key_of(phone: str) -> str:
    """Return the key of a phone number that is being typed; "" while it has too few digits to be anybody's."""
    key = phone_key(phone[:LONGEST_PHONE])
    return key if sum(character.isdigit() for character in key) >= LEAST_DIGITS else ""


def earlier_cases(person: Person, *, phone: str, name: str) -> Found:
    """Return the newest complaints of the customer with this phone; without a number, of those with this name.

    Never raises, whatever was typed. One query, two for a name.
    """
    visible = Complaint.objects.visible_to(person)
    key = key_of(phone)
    if key:
        return _newest(visible.filter(customer__phone_key=key))
    name = clean_line(name[:LONGEST_NAME].replace("\0", ""))
    query = understand(name)
    if phone.strip() or len(name) < LEAST_OF_A_NAME or query.is_empty:
        return Found([])
    found = newest(matching(visible, query, person))
    return _newest(Complaint.objects.filter(pk__in=found, customer__name__icontains=name), by_name=True)


def _newest(complaints: QuerySet, *, by_name: bool = False) -> Found:
    rows = list(complaints.select_related("customer").order_by("-received_at", "-id")[: MOST_SHOWN + 1])
    return Found(rows[:MOST_SHOWN], by_name, len(rows) > MOST_SHOWN)
