"""What must be true before a transition (SPEC, "Life of a complaint"). Every missing item is named at once.

A gate reads what is stored (and the step's data) and yields `Missing`; it changes nothing. The step has written
already: what it overwrote is in `step.before`.
Rooms above this one register theirs: followups knows whether the callback was made.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import wraps

from django.utils.translation import gettext as _, ngettext

from accounts.access import authority_of
from accounts.models import Membership, Person, Role
from complaints.case import appealing, followers, kinds
from complaints.case.step import Gate, Step
from complaints.case.this_round import of_this_round
from complaints.choices import ConfirmedHow, Kind, Outcome, Status, ToldHow
from complaints.errors import Missing
from complaints.models import Complaint, Customer, Resolution

_registered: dict[str, list[Gate]] = defaultdict(list)


def register_gate(action: str, gate: Gate) -> None:
    """Let `gate(complaint, step)` speak at `action` too; adding it twice counts once."""
    if gate not in _registered[action]:
        _registered[action].append(gate)


def registered(action: str) -> tuple[Gate, ...]:
    return tuple(_registered[action])


def nothing(complaint: Complaint, step: Step) -> Iterator[Missing]:
    """Asks for nothing: the desk itself takes the step because of what happened."""
    yield from ()


def log(complaint: Complaint) -> Iterator[Missing]:
    if not complaint.narrative.strip():
        yield Missing("narrative", _("Write what the customer says"), hard=True)
    if not complaint.channel:
        yield Missing("channel", _("Choose how it reached us"), hard=True)
    yield from a_way_to_answer(complaint)


def a_way_to_answer(complaint: Complaint) -> Iterator[Missing]:
    """Nobody waits for an answer to a latent complaint, which we discovered ourselves, nor to praise."""
    reachable = complaint.customer is not None and complaint.customer.can_be_reached
    if not reachable and not complaint.wishes_no_contact and complaint.kind not in (Kind.LATENT, Kind.PRAISE):
        yield Missing(
            "phone",
            _("We need a phone number, an e-mail or a postal address to answer, or “does not want to be contacted”"),
            hard=True,
        )


def by_kind(action: str) -> Callable[[Gate], Gate]:
    """Let a gate ask only for what `action` asks of a case of its kind (complaints.case.kinds)."""

    def limited(gate: Gate) -> Gate:
        @wraps(gate)
        def asked(complaint: Complaint, step: Step) -> Iterator[Missing]:
            return (item for item in gate(complaint, step) if kinds.asks(complaint, action, item.field))

        return asked

    return limited


@by_kind("verify")
def verify(complaint: Complaint, step: Step) -> Iterator[Missing]:
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


def assign(complaint: Complaint, step: Step) -> Iterator[Missing]:
    if complaint.category_id is None:
        yield Missing("category", _("Choose the category"))
    if not complaint.severity:
        yield Missing("severity", _("Choose the severity"), hard=True)
    if not step.data.get("team"):
        yield Missing("team", _("Choose the team"), hard=True)
    yield from fits(complaint, step)


def take(complaint: Complaint, step: Step) -> Iterator[Missing]:
    if step.before.handler_id is not None:
        yield Missing("handler", _("Somebody handles this already; a supervisor can reassign it"), hard=True)
    yield from fits(complaint, step)


def reassign(complaint: Complaint, step: Step) -> Iterator[Missing]:
    if not str(step.data.get("reason") or "").strip():
        yield Missing("reason", _("Write why it changes hands"), hard=True)
    if (step.before.team_id, step.before.handler_id) == (complaint.team_id, complaint.handler_id):
        yield Missing("handler", _("Choose somebody else"), hard=True)
    yield from fits(complaint, step)


def fits(complaint: Complaint, step: Step) -> Iterator[Missing]:
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
    if complaint.handler_id in appealing.barred_from_handling(complaint):
        words = _("An appeal was upheld: somebody else works on it than whose finding fell, or who decided so")
        yield Missing("handler", words, hard=True)


@by_kind("resolve")
def resolve(complaint: Complaint, step: Step) -> Iterator[Missing]:
    for point in complaint.points.all():
        if not point.finding.strip():
            yield Missing(f"finding_{point.number}", _("Finding for point %(number)d") % {"number": point.number})
    result = of_this_round(complaint.resolutions, complaint)
    if result is None or result.cause_id is None:
        yield Missing("cause", _("Choose the root cause"))
    is_suggestion = complaint.kind == Kind.SUGGESTION
    if is_suggestion and (result is None or result.adopted is None):
        yield Missing("adopted", _("Say whether the suggestion is adopted"))
    if result is None or not result.solution.strip():
        yield Missing("solution", _("Write why, for the customer") if is_suggestion else _("Write what was done"))
    yield from options(complaint, step)
    yield from told(complaint, step, result)
    yield from others_told(complaint, result)


def others_told(complaint: Complaint, result: Resolution | None) -> Iterator[Missing]:
    """Who complained of the same thing hears the result too, in words that say nothing of this customer."""
    if result is not None and result.others_told.strip():
        return
    count = len(followers.of(complaint))
    if count:
        words = ngettext(
            "Write what the customer of %(count)d duplicate is told",
            "Write what the customers of %(count)d duplicates are told",
            count,
        )
        yield Missing("others_told", words % {"count": count}, hard=True)


def options(complaint: Complaint, step: Step) -> Iterator[Missing]:
    offered = [o for o in complaint.options.all() if o.round == complaint.round and o.is_open]
    chosen = next((o for o in offered if o.chosen_at), None)
    if len(offered) > 1 and chosen is None:
        yield Missing("option", _("The customer chooses one of the solutions offered"))
    counted = [chosen] if chosen else offered
    if any(o.waits_for_approval for o in counted):
        yield Missing("option", _("The solution is above the limit and waits for approval"), hard=True)


def told(complaint: Complaint, step: Step, result: Resolution | None) -> Iterator[Missing]:
    """Done but not told is not resolved: "将处理结果在承诺期限内告知客户"."""
    if not kinds.is_to_be_told(complaint):
        return
    if result is None or not result.told_how or result.told_at is None:
        yield Missing("told_how", _("Tell the customer the result"))
    elif result.told_at > step.at:
        yield Missing("told_at", _("The customer can only have been told before now"), hard=True)
    elif result.told_how != ToldHow.MESSAGE and not result.told_note.strip():
        yield Missing("told_note", _("Note what the customer was told"))
    elif result.told_how == ToldHow.MESSAGE and not _can_be_written_to(complaint.customer):
        yield Missing("told_how", _("No message reaches this customer: tell them by phone or in person, and note it"))


def _can_be_written_to(customer: Customer | None) -> bool:
    return customer is not None and customer.can_be_written_to


def record_feedback(complaint: Complaint, step: Step) -> Iterator[Missing]:
    feedback = of_this_round(complaint.feedback, complaint)
    if feedback is not None and (feedback.solved is not None or feedback.rating is not None):
        return
    if not kinds.is_to_be_told(complaint):
        return
    if step.data.get("no_answer"):
        return  # whether the attempts are used up is known to the room of callbacks
    yield Missing("solved", _("Ask whether it is solved and how satisfied the customer is"), hard=True)


def rework(complaint: Complaint, step: Step) -> Iterator[Missing]:
    feedback = max(complaint.feedback.all(), key=lambda row: row.round, default=None)
    if feedback is not None and feedback.is_satisfied:
        yield Missing("reason", _("The customer is satisfied; there is nothing to work on again"), hard=True)
    if not str(step.data.get("reason") or "").strip():
        yield Missing("reason", _("Write what has to be done differently"), hard=True)


@by_kind("archive")
def archive(complaint: Complaint, step: Step) -> Iterator[Missing]:
    if step.before.status == Status.ASSIGNED:
        yield from ends_unsolved(complaint, step)
        return
    feedback = of_this_round(complaint.feedback, complaint)
    satisfied = feedback is not None and feedback.is_satisfied
    window_over = complaint.reopen_until is not None and step.at >= complaint.reopen_until
    # Who never heard of a latent complaint cannot be satisfied with its result.
    if not satisfied and not window_over and kinds.knows_of_it(complaint):
        if not str(step.data.get("exception_reason") or "").strip():
            yield Missing("exception_reason", _("The customer is not satisfied yet: a supervisor signs the exception"))
        elif Role.SUPERVISOR not in step.roles:
            yield Missing("exception_reason", _("Only a supervisor signs an exception"), hard=True)
    result = of_this_round(complaint.resolutions, complaint)
    yield from learned(complaint, [result] if result is not None else [])


def ends_unsolved(complaint: Complaint, step: Step) -> Iterator[Missing]:
    """The customer said before that it is not solved; a supervisor signs that there is nothing more to do."""
    if Role.SUPERVISOR not in step.roles:
        yield Missing("exception_reason", _("Only a supervisor signs an exception"), hard=True)
    elif not str(step.data.get("exception_reason") or "").strip():
        yield Missing("exception_reason", _("The customer is not satisfied yet: a supervisor signs the exception"))
    yield from learned(complaint, complaint.resolutions.all())


def learned(complaint: Complaint, results: Iterable[Resolution]) -> Iterator[Missing]:
    """Cause, responsibility and lesson ("留档分析"); `results` are those of which one names the cause."""
    if not any(result.cause_id for result in results):
        yield Missing("cause", _("Choose the root cause"))
    if not complaint.responsibility.strip():
        yield Missing("responsibility", _("Who answers for it inside"))
    if not complaint.lesson.strip():
        yield Missing("lesson", _("Write the lesson"))


def close_early(complaint: Complaint, step: Step) -> Iterator[Missing]:
    if step.actor.is_customer and complaint.outcome != Outcome.WITHDRAWN:
        yield Missing("outcome", _("The customer can only take it back"), hard=True)
    if complaint.outcome not in (Outcome.WITHDRAWN, Outcome.DUPLICATE, Outcome.INVALID):
        yield Missing("outcome", _("Choose why it is closed early"), hard=True)
    if not complaint.closing_reason.strip():
        yield Missing("reason", _("Write the reason"), hard=True)
    if complaint.outcome == Outcome.DUPLICATE and complaint.duplicate_of_id is None:
        yield Missing("duplicate_of", _("Give the reference of the original complaint"), hard=True)
    elif complaint.outcome == Outcome.DUPLICATE and complaint.duplicate_of is not None:
        yield from joins(complaint, complaint.duplicate_of, step)
    if complaint.outcome == Outcome.INVALID:
        if complaint.invalid_proposed_by_id is None:
            yield Missing("outcome", _("A second person has to see it: propose it first"), hard=True)
        elif step.actor.person is not None and complaint.invalid_proposed_by_id == step.actor.person.pk:
            yield Missing("outcome", _("Somebody else than the person who proposed it has to agree"), hard=True)


def joins(complaint: Complaint, original: Complaint, step: Step) -> Iterator[Missing]:
    """A duplicate of another customer's complaint joins what is worked on, or gets the result that others got."""
    if followers.same_person(complaint.customer, original.customer) or original.status in followers.BEFORE_RESULT:
        return
    if original.outcome in followers.WITHOUT_RESULT:
        words = _("That complaint was closed without a result. This one has to be worked on by itself.")
        yield Missing("duplicate_of", words, hard=True)
        return
    result = of_this_round(original.resolutions, original)
    if not str(step.data.get("others_told") or "").strip() and (result is None or not result.others_told.strip()):
        words = _("The original has its result already: write what this customer is told of it")
        yield Missing("others_told", words, hard=True)


def reopen(complaint: Complaint, step: Step) -> Iterator[Missing]:
    if not str(step.data.get("reason") or "").strip():
        yield Missing("reason", _("Write what is still a problem"), hard=True)
    if step.before.outcome == Outcome.DUPLICATE:
        if step.data.get("basis") != "not_duplicate":
            yield Missing("basis", _("This was closed as a duplicate; the original goes on"), hard=True)
        return
    if step.actor.is_system:
        yield Missing("basis", _("Somebody has to say why it is opened again"), hard=True)
    if appealing.open_appeals(complaint).exists():
        yield Missing("basis", _("An appeal is being decided; where it is upheld, that opens it again"), hard=True)
    elif step.before.reopen_until is None or step.at >= step.before.reopen_until:
        yield Missing("basis", _("The time to say “still a problem” is over; an appeal can reopen it"), hard=True)


def uphold(complaint: Complaint, step: Step) -> Iterator[Missing]:
    """Opened again by the decision of an appeal, and by nothing else; with another handler ("gate")."""
    upheld = complaint.appeals.filter(pk=step.data["appeal"], round=step.before.round, state__in=appealing.UPHELD)
    if not upheld.exists():
        yield Missing("appeal", _("No appeal of this result is upheld"), hard=True)
    yield from fits(complaint, step)


def above_limit(person: Person, complaint: Complaint, amount: Decimal) -> bool:
    """Whether granting `amount` yuan on `complaint` needs somebody else's approval."""
    return amount > authority_of(person, complaint.team)
