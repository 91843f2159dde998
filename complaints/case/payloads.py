"""What an event says: the data of each kind, by name and type. Ids, keys and numbers; labels are looked up later.

Moments are ISO texts with their offset, amounts texts ("186.30"). A name that was once written is read for ever, so
none is given another meaning. Tests and developers hold what is recorded against this (settings.CHECK_PAYLOADS).
"""

from typing import Any, NotRequired, TypedDict

from complaints.case.event_kinds import EventKind


class Nothing(TypedDict):
    pass


class Moved(TypedDict):
    """What every step says: the stages, and what a supervisor's reason let pass."""

    to: str
    overridden: NotRequired[list[Any]]
    override_reason: NotRequired[str]


# "from" is a word of Python: it can only be written so.
From = TypedDict("From", {"from": str})
PerhapsFrom = TypedDict("PerhapsFrom", {"from": NotRequired[str]})


class Step(Moved, From):
    before: NotRequired[dict[str, Any]]


class Logged(TypedDict):
    channel: str
    severity: str


class Imported(TypedDict):
    file: str
    line: int
    to: str
    waived: list[Any]


class VerificationSaved(TypedDict):
    fields: list[Any]
    before: NotRequired[dict[str, Any]]


class Verified(Step):
    fields: list[Any]


class PerhapsWords(TypedDict):
    words: NotRequired[str]


class Assigned(Step):
    # None where a supervisor let it pass without.
    category: int | None
    severity: str
    team: int
    handler: int | None


class Taken(Step):
    handler: int


class Reassigned(Step):
    reason: str
    team: int
    handler: int | None
    previous_team: int
    previous_handler: int | None
    handovers: int


class ResultSaved(TypedDict):
    round: int
    before: NotRequired[dict[str, Any]]


class Resolved(Step):
    round: int
    told_how: str
    told_at: str | None
    message: int | None


class Untold(Step):
    reason: str
    round: int


class Answer(TypedDict):
    """What the customer says of the result."""

    round: int
    solved: bool | None
    rating: int | None
    channel: str
    satisfied: bool
    unsatisfied: bool


class FeedbackRecorded(Answer, PerhapsFrom):
    """Of a duplicate without stages: it stays archived."""

    to: NotRequired[str]
    overridden: NotRequired[list[Any]]
    override_reason: NotRequired[str]


class Reworked(Step):
    reason: str
    round: int


class Archived(Step):
    outcome: str
    exception: NotRequired[str]


class ClosedEarly(Step):
    outcome: str
    reason: str
    reason_told: bool
    original: NotRequired[str]
    duplicate_of: NotRequired[int]
    others_told: NotRequired[str]


class InvalidProposed(TypedDict):
    reason: str


class InvalidProposalEnded(TypedDict):
    proposed_by: int
    reason: str


class Reopened(Step):
    reason: str
    basis: str
    previous_outcome: str
    previous_lesson: str
    round: int
    was_duplicate_of: NotRequired[int]
    previous_team: NotRequired[int]
    team: NotRequired[int]
    previous_handler: NotRequired[int]
    # What was upheld, and whom it was given to.
    appeal: NotRequired[int]
    handler: NotRequired[int]


class AppealMade(TypedDict):
    appeal: int
    round: int
    channel: str
    points: list[Any]


class AppealReviewed(TypedDict):
    appeal: int
    reviewer: int


class AppealDecided(TypedDict):
    appeal: int
    round: int
    state: str
    upheld: list[Any]
    rejected: list[Any]


class Said(TypedDict):
    message: int
    # By which way the customer was told it already.
    spoken: NotRequired[str]


class CustomerReplied(TypedDict):
    message: int
    reminder: NotRequired[int]


class Files(TypedDict):
    evidence: list[Any]
    count: int
    message: NotRequired[int]


class OptionOffered(TypedDict):
    option: int
    words: str
    amount: str
    needs_approval: bool
    confirmed: NotRequired[list[Any]]


class OptionDecided(TypedDict):
    option: int
    amount: str
    reason: str


class OptionChosen(TypedDict):
    option: int
    words: str
    amount: str
    channel: str


class OptionWithdrawn(TypedDict):
    option: int


class OptionEnded(TypedDict):
    option: int
    words: str
    amount: str


class OptionsRefused(TypedDict):
    options: list[Any]
    message: int


class Changed(From):
    to: str
    reason: str


# A category that is none yet is null.
FromCategory = TypedDict("FromCategory", {"from": int | None})


class CategoryChanged(FromCategory):
    to: int
    reason: str
    name: str
    name_zh: str
    before: NotRequired[dict[str, Any]]


class HandlerLeft(TypedDict):
    previous_handler: int
    team: int
    because: NotRequired[str]


class TeamClosed(TypedDict):
    previous_team: int
    team: int


class FactsCorrected(TypedDict):
    changes: dict[str, Any]
    reason: NotRequired[str]
    team: NotRequired[int]
    previous_team: NotRequired[int]


class RepresentativeEnded(TypedDict):
    representative: int
    name: str


class RepresentativeAdded(RepresentativeEnded):
    relation: str
    may: str
    # The customer's consent.
    words: str


class LinkAsked(TypedDict):
    # The time of the old one was over.
    renewed: bool


PAYLOADS: dict[EventKind, type] = {
    EventKind.LOGGED: Logged,
    EventKind.IMPORTED: Imported,
    EventKind.VERIFICATION_SAVED: VerificationSaved,
    EventKind.RESTATEMENT_CONFIRMED: PerhapsWords,
    EventKind.VERIFIED: Verified,
    EventKind.ASSIGNED: Assigned,
    EventKind.TAKEN: Taken,
    EventKind.REASSIGNED: Reassigned,
    EventKind.RESULT_SAVED: ResultSaved,
    EventKind.RESOLVED: Resolved,
    EventKind.UNTOLD: Untold,
    EventKind.FEEDBACK_RECORDED: FeedbackRecorded,
    EventKind.REWORKED: Reworked,
    EventKind.ARCHIVED: Archived,
    EventKind.CLOSED_EARLY: ClosedEarly,
    EventKind.INVALID_PROPOSED: InvalidProposed,
    EventKind.INVALID_PROPOSAL_ENDED: InvalidProposalEnded,
    EventKind.REOPENED: Reopened,
    EventKind.APPEAL_MADE: AppealMade,
    EventKind.APPEAL_REVIEW_BEGAN: AppealReviewed,
    EventKind.APPEAL_GIVEN_BACK: AppealReviewed,
    EventKind.APPEAL_DECIDED: AppealDecided,
    EventKind.MESSAGE_SENT: Said,
    EventKind.NOTE_ADDED: Said,
    EventKind.CUSTOMER_REPLIED: CustomerReplied,
    EventKind.WAITING_BEGAN: Nothing,
    EventKind.WAITING_ENDED: Nothing,
    EventKind.EVIDENCE_ADDED: Files,
    EventKind.EVIDENCE_SENT: Files,
    EventKind.OPTION_OFFERED: OptionOffered,
    EventKind.OPTION_APPROVED: OptionDecided,
    EventKind.OPTION_DECLINED: OptionDecided,
    EventKind.OPTION_CHOSEN: OptionChosen,
    EventKind.OPTION_WITHDRAWN: OptionWithdrawn,
    EventKind.OPTION_ENDED: OptionEnded,
    EventKind.OPTIONS_REFUSED: OptionsRefused,
    EventKind.SEVERITY_CHANGED: Changed,
    EventKind.CATEGORY_CHANGED: CategoryChanged,
    EventKind.HANDLER_LEFT: HandlerLeft,
    EventKind.TEAM_CLOSED: TeamClosed,
    EventKind.FACTS_CORRECTED: FactsCorrected,
    EventKind.REPRESENTATIVE_ADDED: RepresentativeAdded,
    EventKind.REPRESENTATIVE_ENDED: RepresentativeEnded,
    EventKind.SUPERVISOR_ASKED: PerhapsWords,
    EventKind.LINK_ASKED: LinkAsked,
    EventKind.LINK_ISSUED: Nothing,
}
