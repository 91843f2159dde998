"""How long the texts of a step may be, whoever brings them: pages, bulk actions, API, tasks, the customer's link."""

from complaints.models.message import BODY_LIMIT
from complaints.texts import TooLong

# By the names of the fields; a finding and what is not named here have OTHERWISE.
OTHERWISE = 5_000
LIMITS = {
    "place": 200,
    "desired_outcome": 500,
    "identity_reason": 300,
    "not_confirmed_reason": 300,
    "tried_already": 1_000,
    "restatement": 10_000,
    "reply": BODY_LIMIT,
    # A reply that is saved unsent waits here.
    "told_note": BODY_LIMIT,
    "others_told": BODY_LIMIT,
    "override_reason": 500,
    "reason": 4_000,
    "responsibility": 2_000,
    "lesson": 2_000,
    "exception_reason": 2_000,
}


def refuse_too_long(data: dict):
    """Raises TooLong if a text in the `data` of a step has more characters than its place."""
    for name, value in data.items():
        limit = LIMITS.get(name, OTHERWISE)
        if isinstance(value, str) and len(value) > limit:
            raise TooLong(limit, len(value))
