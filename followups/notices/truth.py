"""Whether a notice may be told now: is the reader here, may they see the case, is it still so, and for them?

Asked afresh at delivery, just before the body of a mail is sent (followups.delivery.delivery), for the daily summary
and under the bell. RULES holds one rule for each kind of notice of this app; a kind without one is told to nobody.
"""

from collections.abc import Iterable
from datetime import datetime

from accounts.access import has_role
from accounts.models import Person, Role
from complaints.case import followers, kinds
from complaints.choices import Outcome, Status
from complaints.customer import page
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups.escalation.answering import NOBODY_THERE
from followups.models import Notice, Promise
from followups.notices import your_turn
from followups.notices.facts import Facts, Rule
from followups.notices.kinds import rule_of

Why = Notice.Dropped


def why_not(notice: Notice, facts: Facts) -> str:
    """Why `notice` is not to be told now, a value of Notice.Dropped; "" when it is. `facts` hold the notice."""
    rule, complaint = rule_of(notice.event), facts.complaints[notice.case_id]
    if not rule.is_so(notice, complaint, facts):
        return Why.OVER
    if notice.to_customer:
        is_to_be_told = kinds.knows_of_it if rule.asked_for else kinds.is_to_be_told
        return "" if complaint.customer is not None and is_to_be_told(complaint) else Why.NO_CONTACT
    if not facts.reader.is_active:
        return Why.INACTIVE
    if not complaint.is_visible and not (rule.bare and facts.reader.pk not in facts.named[complaint.pk]):
        return Why.UNSEEN
    return "" if rule.is_theirs(notice, complaint, facts) else Why.NOT_THEIRS


def in_words(notice: Notice, facts: Facts) -> bool:
    """Whether the reader may read words of the case, and not only that something happened with it."""
    return notice.to_customer or facts.complaints[notice.case_id].is_visible


def says_too_much(notice: Notice, facts: Facts, *, words: bool) -> bool:
    """Whether a message made a moment ago, with `words` of the case or without, tells what may not be told now."""
    if notice.event == "digest":
        rows = Notice.objects.filter(pk__in=notice.data["told"])
        return len(tellable(rows, facts.reader, facts.now)) < len(notice.data["told"])
    return words and not in_words(notice, facts)


def fresh_facts(notice: Notice, now: datetime) -> Facts:
    """The facts of one notice, its reader read anew."""
    person = Person.objects.get(pk=notice.person_id) if notice.person_id is not None else None
    return Facts([notice], person, now)


def tellable(notices: Iterable[Notice], person: Person, now: datetime) -> list[Notice]:
    """Those of the notices to `person` that may be told now."""
    facts = Facts(notices, person, now)
    return [notice for notice in facts.notices if not why_not(notice, facts)]


def _answers(_notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    return facts.answers_for(complaint)


def _in_work(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.status == Status.ASSIGNED


def _open(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return not complaint.is_archived


def _withdrawn(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.is_archived and complaint.outcome == Outcome.WITHDRAWN


def _in_a_queue(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.handler_id is None and complaint.status == Status.ASSIGNED


def _to_be_verified(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.status == Status.RECEIVED


def _verifies(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    """Named to; or told because whoever was named cannot."""
    if notice.data.get("instead"):
        return facts.answers_for(complaint)
    return facts.verifiers.get(complaint.pk) == facts.reader.pk


def _gone(_notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    return complaint.handler_id != facts.reader.pk


def _promise_of(notice: Notice, facts: Facts) -> Promise | None:
    return facts.promises.get(notice.data["promise"]) if "promise" in notice.data else None


def _promise_runs(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    promise = _promise_of(notice, facts)
    return promise is not None and promise.state == Promise.State.OPEN and promise.cycle == notice.data["cycle"]


def _promise_is_not_made_good(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    """Broken, and it still counts: what ended with the case does not, what was promised since it was closed does."""
    promise = _promise_of(notice, facts)
    if promise is None or promise.state != Promise.State.BROKEN or promise.kept_at is not None:
        return False
    return not complaint.is_archived or (complaint.closed_at is not None and promise.made_at >= complaint.closed_at)


def _promise_broke(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    """An apology stays true; what was done since is said in it (followups.notices.mails)."""
    promise = _promise_of(notice, facts)
    return promise is not None and promise.state == Promise.State.BROKEN


def _new_date_holds(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    promise = _promise_of(notice, facts)
    return promise is not None and _promise_runs(notice, complaint, facts) and promise.due_at > facts.now


def _a_change_holds(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    """Whether one of several dates is still as the message says it."""
    for change in notice.data["changes"]:
        promise = facts.promises.get(change["promise"])
        due_at = promise.due_at if promise is not None and promise.state == Promise.State.OPEN else None
        if change["after_at"] == (due_at.isoformat() if due_at is not None else None):
            return True
    return False


def _promise_was_withdrawn(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    promise = _promise_of(notice, facts)
    return promise is not None and promise.state == Promise.State.WITHDRAWN


def _worked_on(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    """Worked on now, or the duplicate of what is."""
    original = complaint.duplicate_of if followers.is_duplicate(complaint) else None
    return any(case.status == Status.ASSIGNED for case in (complaint, original) if case is not None)


def _result_is_to_judge(_notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.status == Status.RESOLVED or followers.awaits_answer(complaint)


def _closed_so(notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.is_archived and complaint.outcome == notice.data["outcome"]


def _looked_after_by(notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    return complaint.status == Status.ASSIGNED and complaint.handler_id == notice.data["handler"]


def _can_choose(_notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    return bool(your_turn.standing(complaint, facts.now))


def _is_to_confirm(notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    """The customer is still asked for these very words."""
    asked = page.awaits_confirmation(complaint)
    return asked and page.fingerprint(complaint.verification.restatement) == notice.data["seen"]


def _to_be_signed(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    escalation = facts.escalations.get(notice.data.get("escalation"))
    return escalation is not None and escalation.signed_at is None and escalation.level == notice.data["level"]


def _may_sign(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    barred = facts.escalations[notice.data["escalation"]].not_for
    return Role.SUPERVISOR in facts.roles(complaint) and facts.reader.pk not in barred


def _still_proposed(notice: Notice, complaint: Complaint, _facts: Facts) -> bool:
    proposed_by = notice.data["proposed_by"]
    may_close = complaint.status in lifecycle.TRANSITIONS["close_early"].sources
    return may_close and complaint.invalid_proposed_by_id == proposed_by


def _supervises(_notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    return Role.SUPERVISOR in facts.roles(complaint)


def _nobody_supervises(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    """Still nobody above; and what was to be signed or answered for is still there."""
    rung = facts.ladder.rungs(complaint, facts.named[complaint.pk])[0]
    return rung.is_unsupervised and not complaint.is_archived


def _administers(_notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    return facts.reader.is_superuser or has_role(facts.reader, Role.ADMINISTRATOR)


def _some_still_wait(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    return not facts.unassigned.isdisjoint(notice.data["cases"])


def _nobody_stands_in(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    absence = facts.absences.get(notice.data["absence"])
    return absence is not None and absence.deputy_id is None and absence.ends_at > facts.now


def _something_is_left(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    """A summary is told while one of its parts is."""
    rows = Notice.objects.filter(pk__in=notice.data["notices"])
    return bool(tellable(rows, facts.reader, facts.now))


RULES: dict[str, Rule] = {
    "assigned": Rule(_open, _answers),
    "taken_away": Rule(is_theirs=_gone, bare=True),
    "praised": Rule(is_theirs=_answers, passes_on=True),
    "queued": Rule(_in_a_queue, _answers, passes_on=True),
    "to_verify": Rule(_to_be_verified, _verifies, passes_on=True),
    "reopened": Rule(_in_work, _answers, passes_on=True),
    "withdrawn": Rule(_withdrawn, _answers),
    "reply_received": Rule(is_theirs=_answers, passes_on=True),
    "duplicate_joined": Rule(_open, _answers),
    "duplicate_left": Rule(_open, _answers),
    "duplicate_wrote": Rule(_open, _answers, passes_on=True),
    "promise_warned": Rule(_promise_runs, _answers, passes_on=True),
    "promise_broken": Rule(_promise_is_not_made_good, _answers, passes_on=True),
    "escalated": Rule(_to_be_signed, _may_sign, passes_on=True),
    "invalid_proposed": Rule(_still_proposed, _supervises),
    NOBODY_THERE: Rule(_nobody_supervises, _administers, bare=True),
    "left_behind": Rule(_some_still_wait, _supervises),
    "bulk_stopped": Rule(is_theirs=_supervises),
    "nobody_stands_in": Rule(_nobody_stands_in, _supervises),
    "digest": Rule(_something_is_left, bare=True),
    "customer_acknowledged": Rule(),
    "customer_message": Rule(),
    "customer_promise_broken": Rule(_promise_broke),
    "customer_dates_changed": Rule(_a_change_holds),
    "customer_promise_moved": Rule(_new_date_holds),
    "customer_promise_withdrawn": Rule(_promise_was_withdrawn),
    "customer_reopened": Rule(_worked_on),
    "customer_resolved": Rule(_result_is_to_judge),
    "customer_closed": Rule(_closed_so),
    "customer_options": Rule(_can_choose),
    "customer_confirm": Rule(_is_to_confirm),
    "customer_handler": Rule(_looked_after_by),
    "customer_promised": Rule(_new_date_holds),
    "customer_archived": Rule(_closed_so),
    "customer_link": Rule(asked_for=True),
}
