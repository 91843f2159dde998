"""Who is it? Customers found by phone or name while a complaint is logged.

They are found through complaints that the person sees, so that a number or a name typed at random gives nobody away.
"""

from dataclasses import dataclass
from itertools import chain

from django.db.models import QuerySet

from accounts.models import Person
from complaints.case.identity import masked_email, masked_phone
from complaints.models import Complaint, Customer
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
class Known:
    """Somebody whom it may be: a contact of theirs, the newest, and how many of the complaints found are theirs."""

    customer: Customer
    count: int

    @property
    def contact(self) -> list[str]:
        """Their number and address, masked: enough to ask the customer whether it is them."""
        return list(filter(None, [masked_phone(self.customer.phone), masked_email(self.customer.email)]))


@dataclass(frozen=True)
class Found:
    """The newest complaints of whoever was found, by what; `more` when there are others."""

    earlier: list[Complaint]
    by_name: bool = False
    more: bool = False

    @property
    def people(self) -> list[Known]:
        """Whom it may be, each once: contacts of one person, or that look alike, stand for one."""
        groups: list[list[Customer]] = []
        # The oldest first, so that the newest contact of each ends its group, and groups stand by their newest.
        for customer in (complaint.customer for complaint in reversed(self.earlier)):
            if customer is None:
                continue
            same = [group for group in groups if any(_is_alike(customer, other) for other in group)]
            groups = [group for group in groups if group not in same]
            groups.append([*chain.from_iterable(same), customer])
        return [Known(group[-1], len(group)) for group in reversed(groups)]


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


def leads_to(customer: Customer, person: Person | None, *, phone: str, name: str) -> bool:
    """Whether what was typed leads `person` to the customer, as earlier_cases() would: number first, else name.

    Never for somebody who sees no complaint of theirs, for the customer's own page, or for the desk itself.
    """
    if person is None or not Complaint.objects.visible_to(person).filter(customer=customer.pk).exists():
        return False
    if phone.strip():
        return bool(key_of(phone)) and key_of(phone) == customer.phone_key
    name = clean_line(name)
    return len(name) >= LEAST_OF_A_NAME and name.casefold() in customer.name.casefold()


def _is_alike(one: Customer, other: Customer) -> bool:
    looks = [(c.name.casefold(), c.phone_key, c.email.casefold()) for c in (one, other)]
    return one.person_id == other.person_id or looks[0] == looks[1]


def _newest(complaints: QuerySet, *, by_name: bool = False) -> Found:
    rows = list(complaints.select_related("customer").order_by("-received_at", "-id")[: MOST_SHOWN + 1])
    return Found(rows[:MOST_SHOWN], by_name, len(rows) > MOST_SHOWN)
