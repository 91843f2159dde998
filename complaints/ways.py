"""By which way a customer is told something: the one they chose, else the next that works (SPEC, "Told is evidence").

"None" is no way: that a customer wishes no contact stands in the complaint (`wishes_no_contact`).
"""

from collections.abc import Collection
from typing import Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.choices import Way

WHATEVER_WORKS = _("Whatever works")
# Without a choice, and after the chosen one. What somebody has to do comes last.
FALL_BACK = (Way.EMAIL, Way.SMS, Way.CALL, Way.LETTER)


class Reached(Protocol):
    """What the way is chosen by (models.Customer)."""

    way: str
    phone: str
    postal_address: str

    @property
    def email_works(self) -> bool: ...

    @property
    def sms_works(self) -> bool: ...


def ways_that_work() -> list[Way]:
    """What this desk can do, in the order in which forms offer it; text messages only with an account for them."""
    return [way for way in Way if way != Way.SMS or settings.SMS]


def way_choices(held: str = "") -> list[tuple[str, str | Promise]]:
    """What a form offers: whatever works, and what this desk can do; what is `held` may stay."""
    ways = [way for way in Way if way in ways_that_work() or way == held]
    return [("", WHATEVER_WORKS), *((way.value, way.label) for way in ways)]


def way_to(customer: Reached, *, without: Collection[Way] = ()) -> Way:
    """The way that is taken now; `without` those that failed. A call where nothing else is left."""
    here = ways_that_work()
    works = {
        Way.SMS: lambda: customer.sms_works,
        Way.EMAIL: lambda: customer.email_works,
        Way.CALL: lambda: bool(customer.phone),
        Way.LETTER: lambda: bool(customer.postal_address),
    }
    order = [Way(customer.way)] if customer.way else []
    for way in [*order, *FALL_BACK]:
        if way in here and way not in without and works[way]():
            return way
    return Way.CALL
