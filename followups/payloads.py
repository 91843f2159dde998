"""What the events of this room say, by name and type (complaints.case.payloads)."""

from typing import Any, NotRequired, TypedDict

from complaints.case.event_kinds import EventKind
from complaints.case.payloads import From


class OfPromise(TypedDict):
    promise: int
    kind: str
    words: str
    due_at: str
    cycle: int


class PromiseMade(OfPromise):
    confirmed: NotRequired[list[Any]]
    follows: NotRequired[int]


class PromiseBroken(OfPromise):
    again: NotRequired[int]
    # It waited for the customer too long.
    long_stop: NotRequired[bool]
    again_due_at: NotRequired[str]


class PromiseKept(OfPromise):
    told_at: str


class PromiseMoved(OfPromise, From):
    reason: str
    confirmed: NotRequired[list[Any]]


class PromiseReplaced(OfPromise):
    replaced: int


class PromiseStands(OfPromise):
    wanted: str


class PromiseWithdrawn(OfPromise):
    reason: NotRequired[str]
    because: NotRequired[str]


class OfEscalation(TypedDict):
    escalation: int
    reason: str
    note: str
    team: int
    level: int
    promise: NotRequired[int]


class Escalated(OfEscalation):
    tried: NotRequired[str]


class EscalationSigned(OfEscalation):
    signed_note: str
    move: NotRequired[str]
    agreed: NotRequired[str]


class EscalationClosed(OfEscalation):
    because: str


class DuplicateJoined(TypedDict):
    duplicate: int
    others: int
    carried: int


class DuplicateLeft(TypedDict):
    duplicate: int


class HandedOn(TypedDict):
    original: str


class Followed(TypedDict):
    what: str


class VerifierNamed(TypedDict):
    verifier: int


class NoticeDropped(TypedDict):
    notice: int
    event: str
    why: str
    to: int | None


class NoticeRetried(TypedDict):
    notice: int
    event: str


class CallbackAttempted(TypedDict):
    callback: int
    number: int
    outcome: str
    # When it is tried again, if it is.
    next_at: NotRequired[str]


class Told(TypedDict):
    telling: int
    about: str
    way: str
    evidence: str
    told_at: str


class TellingTried(TypedDict):
    number: int
    outcome: str


class TellingFailed(TypedDict):
    notice: int
    about: str
    why: str


class TellingUndone(TypedDict):
    telling: int
    about: str
    why: str


PAYLOADS: dict[EventKind, type] = {
    EventKind.PROMISE_MADE: PromiseMade,
    EventKind.PROMISE_WARNED: OfPromise,
    EventKind.PROMISE_BROKEN: PromiseBroken,
    EventKind.PROMISE_KEPT: PromiseKept,
    EventKind.PROMISE_MOVED: PromiseMoved,
    EventKind.PROMISE_REPLACED: PromiseReplaced,
    EventKind.PROMISE_STANDS: PromiseStands,
    EventKind.PROMISE_REOPENED: OfPromise,
    EventKind.PROMISE_WITHDRAWN: PromiseWithdrawn,
    EventKind.ESCALATED: Escalated,
    EventKind.ESCALATION_CLIMBED: OfEscalation,
    EventKind.ESCALATION_SIGNED: EscalationSigned,
    EventKind.ESCALATION_CLOSED: EscalationClosed,
    EventKind.DUPLICATE_JOINED: DuplicateJoined,
    EventKind.DUPLICATE_LEFT: DuplicateLeft,
    EventKind.HANDED_ON: HandedOn,
    EventKind.FOLLOWED: Followed,
    EventKind.VERIFIER_NAMED: VerifierNamed,
    EventKind.NOTICE_DROPPED: NoticeDropped,
    EventKind.NOTICE_RETRIED: NoticeRetried,
    EventKind.CALLBACK_ATTEMPTED: CallbackAttempted,
    EventKind.TOLD: Told,
    EventKind.TELLING_TRIED: TellingTried,
    EventKind.TELLING_FAILED: TellingFailed,
    EventKind.TELLING_UNDONE: TellingUndone,
}
