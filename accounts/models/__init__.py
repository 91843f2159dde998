from accounts.models.absence import Absence
from accounts.models.authority import AuthorityLimit
from accounts.models.calendar import Calendar, CalendarDay, CalendarSpan
from accounts.models.membership import Membership, Role
from accounts.models.person import Person
from accounts.models.rules import DeskRules
from accounts.models.team import Team

__all__ = [
    "Absence",
    "AuthorityLimit",
    "Calendar",
    "CalendarDay",
    "CalendarSpan",
    "DeskRules",
    "Membership",
    "Person",
    "Role",
    "Team",
]
