"""Dates that the desk itself changes are told like those that a person moves, one notice an occasion.

SPEC, "Told is evidence": "A promise that the desk itself replaces or withdraws is told like one that a person
moves; a later date is an extension and counts as one." What people move or withdraw themselves has words of its
own (followups.promises.promises).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy

from complaints.models import Complaint
from followups.models import Promise
from followups.outbox import notices

EVENT = "customer_dates_changed"
# What moves by less than this reads the same.
NOTICEABLE = timedelta(minutes=1)
# Why, where nobody wrote it in words for the customer; and what a case that ends says of its promises.
BECAUSE = {
    "severity": gettext_lazy("We see now how urgent this is."),
    "category": gettext_lazy("We see now what this is about."),
    "assigned": gettext_lazy("It is settled now who looks after this and how urgent it is."),
    "answered": gettext_lazy("We waited for your answer. Thank you for it; that time does not count."),
    "no_answer": gettext_lazy("We called you and did not reach you. We try again."),
    "new_number": gettext_lazy("The number we called is not yours. We call you at the other one."),
    "no_number": gettext_lazy(
        "The number we have of you is wrong, so we do not call. Please tell us on your page whether it is solved."
    ),
    "calls_over": gettext_lazy("We called you several times and did not reach you. We do not call again."),
    "together": gettext_lazy("Your complaint is handled together with another one, and the date for both changes."),
    "archived": gettext_lazy("Your complaint is finished and closed."),
    # Told before early closings had words of their own (followups.notices.closing_told).
    "withdrawn": gettext_lazy("You took your complaint back, so it is closed."),
    "duplicate": gettext_lazy("Your complaint is handled together with another one, so it is closed."),
    "invalid": gettext_lazy("Your complaint is closed."),
}


@dataclass(frozen=True)
class Occasion:
    """What changes dates: a key of BECAUSE, a key that names the occasion, and a reason in somebody's words."""

    because: str
    key: str
    reason: str = ""

    def reason_for(self, complaint: Complaint) -> str:
        """Why a date got later, as the customer reads it: what somebody wrote, else the desk's own words."""
        with translation.override(complaint.language):
            return self.reason or str(BECAUSE[self.because])


@dataclass(frozen=True)
class Change:
    """A promise whose date was `before` and is `after` now; None where it is taken back."""

    promise: Promise
    before: datetime
    after: datetime | None

    @property
    def is_told(self) -> bool:
        """Whether the customer has to hear of it: it was promised to them, and reads differently now."""
        differs = self.after is None or abs(self.after - self.before) >= NOTICEABLE
        return self.promise.to_customer and differs

    @property
    def is_later(self) -> bool:
        return self.after is not None and self.after > self.before

    def said(self) -> dict[str, Any]:
        return {
            "promise": self.promise.pk,
            "kind": self.promise.kind,
            "words": self.promise.words,
            "before_at": self.before.isoformat(),
            "after_at": self.after.isoformat() if self.after else None,
        }


def tell(complaint: Complaint, changes: Iterable[Change], occasion: Occasion, *, at: datetime) -> bool:
    """Tell the customer of a (locked) complaint every date that changed; returns whether they can be told.

    Nothing is written where nothing reads differently. What somebody wrote is told only where a date gets
    later: then it is the reason of an extension, and its author was told so; otherwise it was written for us.
    """
    told = [change for change in changes if change.is_told]
    if not told:
        return False
    data = {
        "because": occasion.because,
        "reason": occasion.reason if any(change.is_later for change in told) else "",
        "changes": [change.said() for change in told],
    }
    return notices.tell_customer(complaint, EVENT, key=f"{occasion.key}:dates", data=data, at=at)
