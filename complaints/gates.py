"""What must be true before a transition (SPEC, "Life of a complaint"). Every missing item is named at once.

A gate reads what is stored (and the step's data) and yields `Missing`; it changes nothing.
Rooms above this one add their own with `add()`: followups knows whether the callback was made.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from django.utils.translation import gettext as _

from accounts.access import authority_of
from accounts.models import Membership, Role
from complaints.choices import ConfirmedHow, Outcome, ToldHow
from complaints.errors import Missing
from complaints.models import Complaint

Gate = Callable[..., Iterable[Missing]]
_added: dict[str, list[Gate]] = defaultdict(list)


def add(action: str, gate: Gate):
    """Let `gate(complaint, step)` speak at `action` too; adding it twice counts once."""
    if gate not in _added[action]:
        _added[action].append(gate)


def added(action: str) -> tuple[Gate, ...]:
    return tuple(_added[action])


def of_this_round(rows, complaint):
    """The row of the present round, or None. Reads all rounds (few), so that a page that has them asks no more."""
    return next((row for row in rows.all() if row.round == complaint.round), None)


def log(complaint, step) -> Iterator[Missing]:
    if not complaint.narrative.strip():
        yield Missing("narrative", _("Write what the customer says"), hard=True)
    if not complaint.channel:
        yield Missing("channel", _("Choose how it reached us"), hard=True)
    reachable = complaint.customer is not None and complaint.customer.can_be_reached
    if not reachable and not complaint.wishes_no_contact:
        yield Missing(
            "phone",
            _("We need a phone number or an e-mail address to answer, or “does not want to be contacted”"),
            hard=True,
        )


def verify(complaint, step) -> Iterator[Missing]:
    check = getattr(complaint, "verification", None)
    if check is None or not (check.identity_confirmed or check.identity_reason):
        yield Missing("identity_confirmed", _("Confirm identity and contact, or write why not"))
    if complaint.occurred_at is None:
        yield Missing("occurred_at", _("When it happened"))
    if not (complaint.site_id or complaint.place):
        yield Missing("place", _("Where it happened"))
    if check is None or not check.evidence_asked:
        yield Missing("evidence_asked", _("Ask for evidence"))
    if check is None or not check.tried_already:
        yield Missing("tried_already", _("What the customer tried already, and what came of it"))
    if not complaint.desired_outcome:
        yield Missing("desired_outcome", _("What the customer wants"))
    if check is None or not check.restatement or not complaint.points.exists():
        yield Missing("restatement", _("Say the problem in our words, one point a line"))
    if check is None or not (
        check.is_confirmed or (check.confirmed_how == ConfirmedHow.NOT and check.not_confirmed_reason)
    ):
        yield Missing("confirmed_how", _("The customer confirms our words, or write why not"))


def assign(complaint, step) -> Iterator[Missing]:
    if complaint.category_id is None:
        yield Missing("category", _("Choose the category"))
    if not complaint.severity:
        yield Missing("severity", _("Choose the severity"), hard=True)
    if not step.data.get("team"):
        yield Missing("team", _("Choose the team"), hard=True)
    yield from fits(complaint, step)


def take(complaint, step) -> Iterator[Missing]:
    if step.previous_handler_id is not None:
        yield Missing("handler", _("Somebody handles this already; a supervisor can reassign it"), hard=True)
    yield from fits(complaint, step)


def reassign(complaint, step) -> Iterator[Missing]:
    if not str(step.data.get("reason") or "").strip():
        yield Missing("reason", _("Write why it changes hands"), hard=True)
    if (step.previous_team_id, step.previous_handler_id) == (complaint.team_id, complaint.handler_id):
        yield Missing("handler", _("Choose somebody else"), hard=True)
    yield from fits(complaint, step)


def fits(complaint, step) -> Iterator[Missing]:
    """The team takes complaints; the handler works in it and is not named in the complaint."""
    if not complaint.team.active:
        yield Missing("team", _("This team is closed; choose another"), hard=True)
    if complaint.handler_id is None:
        return
    works_there = Membership.objects.filter(
        person=complaint.handler_id,
        person__is_active=True,
        team__in=complaint.team.path_ids,
        role__in=[Role.HANDLER, Role.SUPERVISOR],
    )
    if not any(m.team_id == complaint.team_id or m.role == Role.SUPERVISOR for m in works_there):
        yield Missing("handler", _("Choose somebody who handles complaints in this team"), hard=True)
    if complaint.named_people.filter(pk=complaint.handler_id).exists():
        yield Missing("handler", _("Somebody named in a complaint never handles it"), hard=True)


def resolve(complaint, step) -> Iterator[Missing]:
    for point in complaint.points.all():
        if not point.finding.strip():
            yield Missing(f"finding_{point.number}", _("Finding for point %(number)d") % {"number": point.number})
    result = of_this_round(complaint.resolutions, complaint)
    if result is None or result.cause_id is None:
        yield Missing("cause", _("Choose the root cause"))
    if result is None or not result.solution.strip():
        yield Missing("solution", _("Write what was done"))
    yield from options(complaint, step)
    yield from told(complaint, step, result)


def options(complaint, step) -> Iterator[Missing]:
    offered = [o for o in complaint.options.all() if o.round == complaint.round and o.is_open]
    chosen = next((o for o in offered if o.chosen_at), None)
    if len(offered) > 1 and chosen is None:
        yield Missing("option", _("The customer chooses one of the solutions offered"))
    counted = [chosen] if chosen else offered
    if any(o.waits_for_approval for o in counted):
        yield Missing("option", _("The solution is above the limit and waits for approval"), hard=True)


def told(complaint, step, result) -> Iterator[Missing]:
    """Done but not told is not resolved: "将处理结果在承诺期限内告知客户"."""
    if complaint.wishes_no_contact:
        return
    if result is None or not result.told_how or result.told_at is None:
        yield Missing("told_how", _("Tell the customer the result"))
    elif result.told_at > step.at:
        yield Missing("told_at", _("The customer can only have been told before now"), hard=True)
    elif result.told_how != ToldHow.MESSAGE and not result.told_note.strip():
        yield Missing("told_note", _("Note what the customer was told"))


def record_feedback(complaint, step) -> Iterator[Missing]:
    feedback = of_this_round(complaint.feedback, complaint)
    if feedback is not None and (feedback.solved is not None or feedback.rating is not None):
        return
    if complaint.wishes_no_contact:
        return
    if step.data.get("no_answer"):
        return  # whether the attempts are used up is known to the room of callbacks
    yield Missing("solved", _("Ask whether it is solved and how satisfied the customer is"), hard=True)


def rework(complaint, step) -> Iterator[Missing]:
    feedback = max(complaint.feedback.all(), key=lambda row: row.round, default=None)
    if feedback is not None and feedback.is_satisfied:
        yield Missing("reason", _("The customer is satisfied; there is nothing to work on again"), hard=True)
    if not str(step.data.get("reason") or "").strip():
        yield Missing("reason", _("Write what has to be done differently"), hard=True)


def archive(complaint, step) -> Iterator[Missing]:
    feedback = of_this_round(complaint.feedback, complaint)
    satisfied = feedback is not None and feedback.is_satisfied
    window_over = complaint.reopen_until is not None and step.at >= complaint.reopen_until
    if not satisfied and not window_over:
        if not str(step.data.get("exception_reason") or "").strip():
            yield Missing("exception_reason", _("The customer is not satisfied yet: a supervisor signs the exception"))
        elif Role.SUPERVISOR not in step.roles:
            yield Missing("exception_reason", _("Only a supervisor signs an exception"), hard=True)
    result = of_this_round(complaint.resolutions, complaint)
    if result is None or result.cause_id is None:
        yield Missing("cause", _("Choose the root cause"))
    if not complaint.responsibility.strip():
        yield Missing("responsibility", _("Who answers for it inside"))
    if not complaint.lesson.strip():
        yield Missing("lesson", _("Write the lesson"))


def close_early(complaint, step) -> Iterator[Missing]:
    if complaint.outcome not in (Outcome.WITHDRAWN, Outcome.DUPLICATE, Outcome.INVALID):
        yield Missing("outcome", _("Choose why it is closed early"), hard=True)
    if not complaint.closing_reason.strip():
        yield Missing("reason", _("Write the reason"), hard=True)
    if complaint.outcome == Outcome.DUPLICATE and complaint.duplicate_of_id is None:
        yield Missing("duplicate_of", _("Give the reference of the original complaint"), hard=True)
    if complaint.outcome == Outcome.INVALID:
        if complaint.invalid_proposed_by_id is None:
            yield Missing("outcome", _("A second person has to see it: propose it first"), hard=True)
        elif step.actor.person is not None and complaint.invalid_proposed_by_id == step.actor.person.pk:
            yield Missing("outcome", _("Somebody else than the person who proposed it has to agree"), hard=True)


def reopen(complaint, step) -> Iterator[Missing]:
    if not str(step.data.get("reason") or "").strip():
        yield Missing("reason", _("Write what is still a problem"), hard=True)
    if step.data.get("basis") == "appeal":
        if Role.REVIEWER not in step.roles:
            yield Missing("basis", _("Only a reviewer decides an appeal"), hard=True)
        elif complaint.events.filter(actor=step.actor.person).exists():
            yield Missing("basis", _("The reviewer must never have worked on the complaint"), hard=True)
    elif complaint.reopen_until is None or step.at >= complaint.reopen_until:
        yield Missing("basis", _("The time to say “still a problem” is over; an appeal can reopen it"), hard=True)
    if complaint.outcome == Outcome.DUPLICATE:
        yield Missing("basis", _("This was closed as a duplicate; the original goes on"), hard=True)


def above_limit(person, complaint, amount) -> bool:
    """Whether granting `amount` yuan on `complaint` needs somebody else's approval."""
    return amount > authority_of(person, complaint.team)


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
