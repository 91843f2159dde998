"""What a verb refuses, and the HTTP status that says so on a page and in the API alike."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _, ngettext


class Refused(Exception):
    """The base of every refusal: `message` is for people, in the active language when read."""

    status = 400

    def __init__(self, message: str | Promise = "") -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotPermitted(Refused):
    """The person may see the complaint, but not do this."""

    status = 403


class NotAllowedNow(Refused):
    """The action does not fit the stage the complaint is in."""

    status = 409


class ChangedMeanwhile(Refused):
    """Somebody else changed the complaint since the page was shown."""

    status = 409

    def __init__(self, since_version: int):
        super().__init__(_("This complaint was changed meanwhile. Look at what is new, then decide again."))
        self.since_version = since_version


@dataclass(frozen=True)
class Missing:
    """One thing that a gate asks for. `hard` ones cannot be overridden by a supervisor."""

    field: str
    message: str
    hard: bool = False


class GateRefused(Refused):
    """The gate of an action is not passed; `missing` names every item at once."""

    status = 422

    def __init__(self, missing: list[Missing]):
        self.missing = missing
        count = len(missing)
        super().__init__(
            ngettext("%(count)d thing is missing", "%(count)d things are missing", count) % {"count": count}
        )
