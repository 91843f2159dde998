"""What a person may do with an open promise by hand; the rest is done by the steps of the case and by calls."""

from collections.abc import Iterable

from accounts.models import Role
from complaints.case import permissions
from followups.models import Promise
from followups.models.promise import INTERNAL, PromiseKind
from followups.promises.promises import BY_TELLING, MOVES_WITHOUT_SUPERVISOR

KEEP, MOVE, WITHDRAW = "keep", "move", "withdraw"
# Kept by the step that does it, whose gate asks for more than a button.
BY_A_STEP = frozenset({PromiseKind.VERIFICATION, PromiseKind.RESOLUTION, PromiseKind.APPEAL}) | INTERNAL


def actions_for(promise: Promise, roles: Iterable[str]) -> frozenset[str]:
    """The actions (keep, move, withdraw) that somebody with `roles` on the case is offered now.

    The promise of a callback belongs to the call desk: it is kept, and moved on, by calling.
    """
    of_the_call_desk = promise.kind == PromiseKind.CALLBACK and not promise.words
    if promise.kind in INTERNAL and Role.SUPERVISOR not in roles:
        return frozenset()
    if promise.state != Promise.State.OPEN or of_the_call_desk or not permissions.PROMISE.roles & set(roles):
        return frozenset()
    leads = Role.SUPERVISOR in roles
    offered = set()
    if promise.words or promise.kind not in BY_A_STEP | BY_TELLING:
        offered.add(KEEP)
    movable = leads or promise.moves < MOVES_WITHOUT_SUPERVISOR
    if movable:
        offered.add(MOVE)
    if promise.kind not in INTERNAL and (leads or (movable and promise.policy_id is None)):
        offered.add(WITHDRAW)
    return frozenset(offered)
