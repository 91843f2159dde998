"""Notices about appeals: whether each is still so and for its reader, and what it says under the bell."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import Role
from complaints.models import Appeal, Complaint
from followups.models import Notice, Promise
from followups.notices.bell_words import Sentence, Sentences
from followups.notices.facts import Facts, Rule
from ui.wording import date_words

State = Appeal.State


def _appeal(notice: Notice, facts: Facts) -> Appeal:
    return facts.appeals[notice.data["appeal"]]


def _to_be_decided(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    return _appeal(notice, facts).is_open


def _waits_for_reviewer(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    return _appeal(notice, facts).state == State.ACCEPTED


def _reviewed_by(notice: Notice, _complaint: Complaint, facts: Facts) -> bool:
    """Whether it is still that person who reviews it."""
    appeal = _appeal(notice, facts)
    return appeal.state == State.UNDER_REVIEW and appeal.reviewer_id == notice.data["reviewer"]


def _is_due(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    promise = facts.promises.get(notice.data["promise"])
    runs = promise is not None and (promise.state, promise.cycle) == (Promise.State.OPEN, notice.data["cycle"])
    return runs and _to_be_decided(notice, complaint, facts)


def _decides(notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    """Its reviewer; before somebody began, a reviewer who had no part in the case."""
    if Role.REVIEWER not in facts.roles(complaint):
        return False
    reviewer = _appeal(notice, facts).reviewer_id
    return complaint.pk not in facts.taken_part_in if reviewer is None else reviewer == facts.reader.pk


def _supervises(_notice: Notice, complaint: Complaint, facts: Facts) -> bool:
    return Role.SUPERVISOR in facts.roles(complaint)


def _always(sentence: LazyText) -> Sentence:
    return lambda _said, _now: str(sentence)


def _by(sentence: LazyText) -> Sentence:
    def say(said: dict[str, Any], now: datetime) -> str:
        return str(sentence) % {"due_at": date_words(datetime.fromisoformat(said["due_at"]), now)}

    return say


def _decided(said: dict[str, Any], _now: datetime) -> str:
    return _("The appeal is decided: %(state)s.") % {"state": State(said["state"]).label}


RULES: dict[str, Rule] = {
    "appeal_to_review": Rule(_waits_for_reviewer, _decides),
    "appeal_due": Rule(_is_due, _decides),
    "appeal_late": Rule(_to_be_decided, _decides),
    "appeal_received": Rule(_to_be_decided, _supervises),
    "appeal_decided": Rule(),
    "customer_appeal_received": Rule(_to_be_decided),
    "customer_appeal_review": Rule(_reviewed_by),
    "customer_appeal_decided": Rule(),
}
SENTENCES: dict[str, Sentences] = {
    "appeal_to_review": Sentences(
        "list-check",
        _always(gettext_lazy("An appeal is yours to review: you had no part in this complaint.")),
        _always(gettext_lazy("An appeal waited for a reviewer. Somebody has it.")),
    ),
    "appeal_due": Sentences(
        "hourglass-split",
        _by(gettext_lazy("Decide the appeal by %(due_at)s.")),
        _by(gettext_lazy("The appeal was to be decided by %(due_at)s. Nothing is left to do for you.")),
    ),
    "appeal_late": Sentences(
        "x-octagon-fill",
        _by(gettext_lazy("The appeal was to be decided by %(due_at)s, and the customer still waits.")),
        _by(gettext_lazy("The appeal was decided later than %(due_at)s. Nothing is left to do for you.")),
    ),
    "appeal_received": Sentences(
        "arrow-repeat",
        _always(gettext_lazy("The customer appeals the result. Somebody who had no part in it decides.")),
        _always(gettext_lazy("The customer appealed the result; that is decided.")),
    ),
    "appeal_decided": Sentences("check-circle", _decided, _decided),
}
ABOUT = {
    "customer_appeal_received": gettext_lazy("We have your appeal"),
    "customer_appeal_review": gettext_lazy("Who reviews your appeal"),
    "customer_appeal_decided": gettext_lazy("The decision of your appeal"),
}
