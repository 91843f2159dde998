"""Who is who: what one case was told of its customer, and what says that two cases are of one person.

A Customer is the contact of one case. One number or address may be a family's, a company's or a typing mistake, so it
never makes two contacts one person: staff who look at both say "it is them" (`same_as`).
"""

from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from complaints.models import Customer

MASK = "*"


def contacts_of(customer: Customer) -> QuerySet[Customer]:
    """The contacts that somebody found to be this person, and those with the same number or, without one, address.

    For counting repeats and for showing cases that the reader may see anyway; nothing is told to anybody by it.
    """
    same = Q(pk=customer.person_id) | Q(same_as=customer.person_id)
    if customer.phone_key:
        same |= Q(phone_key=customer.phone_key) & ~Q(phone_key="")
    elif customer.email:
        contacts = Customer.objects.annotate(address=Lower("email"))
        return contacts.filter(same | (Q(address=customer.email.lower()) & ~Q(email="")))
    return Customer.objects.filter(same)


def contacts_beside() -> QuerySet[Customer]:
    """As contacts_of(), without the address, of the customer of the complaint two queries around.

    For the part of a page's query that asks whether there are other complaints at all.
    """
    person, root, number = (
        OuterRef(OuterRef(path)) for path in ("customer_id", "customer__same_as", "customer__phone_key")
    )
    same = Q(pk=person) | Q(same_as=person) | Q(pk=root) | Q(same_as=root)
    return Customer.objects.filter(same | (Q(phone_key=number) & ~Q(phone_key="")))


def masked_phone(phone: str) -> str:
    """Return the number with its middle hidden ("139****4417"): enough to ask whether it is theirs."""
    digits = "".join(character for character in phone if character.isdigit())
    return f"{digits[:3]}{MASK * 4}{digits[-4:]}" if len(digits) > 7 else MASK * len(digits)


def masked_email(address: str) -> str:
    """Return the address with its name hidden but for the first letter ("w***@customer.example")."""
    name, at, host = address.partition("@")
    return f"{name[:1]}{MASK * 3}{at}{host}" if at else ""
