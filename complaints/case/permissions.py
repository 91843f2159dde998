"""Who may do what with a case: one answer, asked by verbs, pages, the palette, bulk actions and tasks (SPEC, "Roles").

The steps of the lifecycle have their roles and stages in its table (complaints.steps.lifecycle); here is the rest.
Which cases somebody sees at all is complaints.visibility.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.access import WORKING_ROLES
from accounts.models import Person, Role
from complaints.choices import Status
from complaints.errors import NotPermitted
from complaints.models import Complaint
from complaints.visibility import roles_on

WORKING = WORKING_ROLES
HANDLING = frozenset({Role.HANDLER, Role.SUPERVISOR})
LEADING = frozenset({Role.SUPERVISOR})
# A reviewer reads what is finished, and may ask about it.
SPEAKING = WORKING | {Role.REVIEWER}

BEFORE_RESULT = frozenset({Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED})
IN_WORK = frozenset({Status.ASSIGNED})
OPEN = frozenset(Status) - {Status.ARCHIVED}
CLOSED = frozenset({Status.ARCHIVED})
ALWAYS = frozenset(Status)


@dataclass(frozen=True)
class Permission:
    """What somebody may do with a case: with one of which roles over it, and at which of its stages."""

    name: str
    roles: frozenset[str]
    stages: frozenset[str] = ALWAYS


SPEAK = Permission("speak", SPEAKING)
ADD_EVIDENCE = Permission("add_evidence", SPEAKING, OPEN)
# Severity and category.
CHANGE = Permission("change", WORKING, OPEN)
CORRECT_FACTS = Permission("correct_facts", WORKING)
SAVE_VERIFICATION = Permission("save_verification", WORKING, frozenset({Status.RECEIVED}))
SAVE_RESULT = Permission("save_result", HANDLING, IN_WORK)
PROPOSE_INVALID = Permission("propose_invalid", WORKING, BEFORE_RESULT)
CLOSE_EARLY = Permission("close_early", HANDLING, BEFORE_RESULT)
OFFER_OPTIONS = Permission("offer_options", HANDLING, IN_WORK)
APPROVE_OPTIONS = Permission("approve_options", LEADING, IN_WORK)
NOTE_CHOICE = Permission("note_choice", WORKING, IN_WORK)
SEE_CUSTOMER_LINK = Permission("see_customer_link", WORKING)
# Who inside answers for what went wrong is not for the counter.
SEE_RESPONSIBILITY = Permission("see_responsibility", frozenset(Role) - {Role.FRONTLINE})
ISSUE_LINK = Permission("issue_link", WORKING)
# What the customer says on any channel; and who answers it, who had no part in the case.
TAKE_APPEAL = Permission("take_appeal", WORKING, CLOSED)
DECIDE_APPEAL = Permission("decide_appeal", frozenset({Role.REVIEWER}), CLOSED)
PROMISE = Permission("promise", WORKING, OPEN)
CALL_CUSTOMER = Permission("call_customer", WORKING)
ESCALATE = Permission("escalate", WORKING, OPEN)
SIGN_ESCALATIONS = Permission("sign_escalations", LEADING)
NAME_VERIFIER = Permission("name_verifier", LEADING)

PERMISSIONS = tuple(each for each in list(globals().values()) if isinstance(each, Permission))


def allowed(person: Person, complaint: Complaint, roles: Iterable[str] | None = None) -> frozenset[Permission]:
    """Everything that `person` may do with the case as it stands; `roles` are theirs over it, where they are known."""
    held = roles_on(person, complaint) if roles is None else frozenset(roles)
    return frozenset(each for each in PERMISSIONS if held & each.roles and complaint.status in each.stages)


def has_role(permission: Permission, person: Person | None, complaint: Complaint) -> bool:
    """Whether the person's roles over the case include it, whatever its stage; nobody (None) has none."""
    return person is not None and bool(roles_on(person, complaint) & permission.roles)


def refuse_without(permission: Permission, person: Person | None, complaint: Complaint, words: str) -> None:
    """Raises NotPermitted, saying `words`, unless the person's roles include it; of stages verbs speak themselves."""
    if not has_role(permission, person, complaint):
        raise NotPermitted(words)
