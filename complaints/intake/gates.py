"""What must be true of who logs, and of what is said again: asked by the log form and by its verbs alike."""

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from accounts.models import Person
from complaints.errors import Missing
from complaints.intake import known_customers
from complaints.models import Complaint, Customer


def same_as(known: Customer | None, person: Person | None, *, phone: str, name: str) -> Iterator[Missing]:
    """ "It is them" is said by somebody who sees a case of that customer, with the number or name that leads there.

    Without a choice (`known` is None) nothing is asked: a new customer is made.
    """
    if known is not None and not known_customers.leads_to(known, person, phone=phone, name=name):
        words = _("This number or name does not lead to that customer. Look at who it is once more.")
        yield Missing("same_as", words, hard=True)


def tell_again(complaint: Complaint, *, phone_key: str, named: Collection[int]) -> Iterator[Missing]:
    """What is said again is added only to a case of the same customer, who reads it there, and kept from who is named.

    `phone_key` is that of whoever says it ("": unknown), `named` the ids of the employees it names.
    """
    reference, customer = complaint.reference, complaint.customer
    if not (phone_key and customer is not None and customer.phone_key == phone_key):
        words = _("This is not the phone number of the customer of %(reference)s: only what they say is added to it.")
        yield Missing("phone", words % {"reference": reference}, hard=True)
    if set(named) - complaint.named_ids:
        words = _("An employee is named here who could read it in %(reference)s. Log it as a complaint of its own.")
        yield Missing("named_people", words % {"reference": reference}, hard=True)
