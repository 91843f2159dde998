"""A step of a case: one row of the lifecycle's table, and one attempt at it. Writers store, then gates look."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise as LazyText

from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.errors import Missing
from complaints.models import Complaint


@dataclass
class Step:
    """One attempt at a transition: who, when, with what. Writers and gates read it.

    `before` is the complaint as it was when the step began: a gate looks at what the writers left, so whatever they
    overwrite (an outcome, a team, a window) it must read there.
    """

    transition: "Transition"
    actor: Actor
    at: datetime
    # Cleaned values by field name.
    data: dict[str, Any]
    roles: frozenset[str]
    before: Complaint


# Stores what a step brings; returns what the event says of it.
Writer = Callable[[Complaint, Step], dict[str, Any]]
# What is still missing, as the case is stored now; changes nothing.
Gate = Callable[[Complaint, Step], Iterable[Missing]]


@dataclass(frozen=True)
class Transition:
    """One row of SPEC's table. `write` stores what the step brings, then `gate` looks at what is stored."""

    action: str
    label: str | LazyText
    event: EventKind
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    write: Writer
    gate: Gate
    by_customer: bool = False
    by_system: bool = False
    public: bool = True
    # Whether it may be told to the original of a duplicate, which is locked first then.
    with_original: bool = False
