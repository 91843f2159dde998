"""How often somebody may ask for the link to a complaint by its reference and the end of a phone number.

Nobody is told whether the two belong together, but a customer must not be sent messages by strangers who guess, and a
limit can be used against the customer whom it protects. So tries close the door only for the network they came from.
What networks try together, on one reference or with one ending, takes away the short way: then the whole number is
asked for, which the customer knows and nobody guesses. A try counts whether it fits or not: else it would tell.
"""

from enum import Enum

from accounts.throttle import allow

HOUR = 3600
FROM_A_NETWORK = 30
ON_A_REFERENCE_FROM_A_NETWORK = 10
ON_A_REFERENCE = 20
WITH_AN_ENDING = 60


class May(Enum):
    """What a try may be answered by."""

    FOUR_DIGITS = "four digits"
    WHOLE_NUMBER = "the whole number"
    NOTHING = "nothing"


class Finding:
    """One try with `reference` and the last four `digits` of a number, from `network`; counted when it is made.

    While Redis does not answer, nothing may be asked for: tries that are not counted can be repeated without end.
    """

    def __init__(self, network: str, reference: str, digits: str):
        here = [
            ("find from", network, FROM_A_NETWORK),
            ("find here", f"{reference} {network}", ON_A_REFERENCE_FROM_A_NETWORK),
        ]
        everywhere = [("find", reference, ON_A_REFERENCE), ("find ending", digits, WITH_AN_ENDING)]
        # Refused tries of one network are not held against the reference everywhere.
        if not all(self._count(*each) for each in here):
            self.may = May.NOTHING
        elif not all(self._count(*each) for each in everywhere):
            self.may = May.WHOLE_NUMBER
        else:
            self.may = May.FOUR_DIGITS

    @staticmethod
    def _count(what: str, who: str, limit: int) -> bool:
        return allow(what, who, limit=limit, seconds=HOUR, when_down=False)
