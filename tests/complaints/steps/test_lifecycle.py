"""Every transition × role × missing gate item, from one table."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from accounts.models import Role
from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.choices import Status
from complaints.errors import ChangedMeanwhile, GateRefused, NotAllowedNow, NotPermitted
from complaints.models import Complaint, ComplaintEvent
from complaints.steps import lifecycle
from tests.cases import (
    archive_data,
    assignment_data,
    at_stage,
    finish_callbacks,
    resolution_data,
    verification_data,
)
from tests.cast import person

ALL_ROLES = list(Role)


@dataclass
class Row:
    """What SPEC's table says of one action, written down a second time on purpose."""

    action: str
    start: str
    reached: str
    roles: set
    data: object
    # field left out or emptied → field named as missing
    asks: dict = field(default_factory=dict)
    # items that a supervisor cannot override
    hard: set = field(default_factory=set)


def close_data(cast):
    return {"outcome": "withdrawn", "reason": "The customer withdrew it on the phone"}


WORKING = {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}
HANDLING = {Role.HANDLER, Role.SUPERVISOR}
TABLE = [
    Row(
        "verify", Status.RECEIVED, Status.VERIFIED, WORKING,
        lambda cast, at: verification_data(at),
        {
            "identity_confirmed": "identity_confirmed",
            "occurred_at": "occurred_at",
            "evidence_asked": "evidence_asked",
            "tried_already": "tried_already",
            "desired_outcome": "desired_outcome",
            "restatement": "restatement",
            "confirmed_how": "confirmed_how",
        },
    ),
    Row(
        "assign", Status.VERIFIED, Status.ASSIGNED, {Role.SUPERVISOR},
        lambda cast, at: assignment_data(cast),
        {"category": "category", "team": "team"},
        {"team"},
    ),
    Row(
        "reassign", Status.ASSIGNED, Status.ASSIGNED, {Role.SUPERVISOR},
        lambda cast, at: {"handler": cast.colleague, "reason": "Li Min is ill"},
        {"reason": "reason"},
        {"reason"},
    ),
    Row(
        "resolve", Status.ASSIGNED, Status.RESOLVED, HANDLING,
        lambda cast, at: resolution_data(cast),
        {
            "finding_1": "finding_1",
            "finding_2": "finding_2",
            "cause": "cause",
            "solution": "solution",
            "told_how": "told_how",
            "told_note": "told_note",
        },
    ),
    Row(
        "record_feedback", Status.RESOLVED, Status.FEEDBACK, WORKING,
        lambda cast, at: {"solved": True, "rating": 4, "channel": "phone"},
        {("solved", "rating"): "solved"},
        {"solved"},
    ),
    Row(
        "rework", Status.FEEDBACK, Status.ASSIGNED, HANDLING,
        lambda cast, at: {"reason": "Measure once more, with the customer present"},
        {"reason": "reason"},
        {"reason"},
    ),
    Row(
        "archive", Status.FEEDBACK, Status.ARCHIVED, HANDLING,
        lambda cast, at: archive_data(cast),
        {"responsibility": "responsibility", "lesson": "lesson"},
    ),
    Row(
        "close_early", Status.RECEIVED, Status.ARCHIVED, HANDLING,
        lambda cast, at: close_data(cast),
        {"outcome": "outcome", "reason": "reason"},
        {"outcome", "reason"},
    ),
    Row(
        "reopen", Status.ARCHIVED, Status.ASSIGNED, HANDLING,
        lambda cast, at: {"basis": "still_a_problem", "reason": "It happened again"},
        {"reason": "reason"},
        {"reason"},
    ),
]  # fmt: skip
IDS = [row.action for row in TABLE]
MISSING = [(row, left_out, role) for row in TABLE for left_out in row.asks for role in sorted(row.roles)]


def ready(cast, row, at) -> Complaint:
    if row.action == "rework":
        complaint = at_stage(cast, Status.RESOLVED, at)
        # Who answers that it is not solved is worked for again without anybody's step.
        no_answer = {"no_answer": True}
        complaint.callbacks.update(state="done")
        complaint = lifecycle.perform(complaint.pk, "record_feedback", actor=SYSTEM, at=at, data=no_answer)
    else:
        complaint = at_stage(cast, row.start, at)
    finish_callbacks(complaint)
    return complaint


def holder(cast, role):
    """Somebody at hexi (or above it) who holds exactly this role and never touched the case."""
    team = cast.hexi if role in (Role.FRONTLINE, Role.HANDLER, Role.ADMINISTRATOR) else cast.west
    return person(f"only.{role}", (role, team))


@pytest.mark.parametrize("row", TABLE, ids=IDS)
@pytest.mark.parametrize("role", ALL_ROLES)
def test_only_the_roles_of_the_table_may_take_a_step(cast, at, row, role):
    complaint = ready(cast, row, at)
    actor = Actor.staff(holder(cast, role))
    later = at + timedelta(hours=1)
    data = row.data(cast, at)
    if role in row.roles:
        done = lifecycle.perform(complaint.pk, row.action, actor=actor, at=later, data=data)
        assert Complaint.objects.get(pk=complaint.pk).status == row.reached == done.status
    else:
        with pytest.raises(NotPermitted):
            lifecycle.perform(complaint.pk, row.action, actor=actor, at=later, data=data)
        assert Complaint.objects.get(pk=complaint.pk).status == row.start


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_a_person_without_any_role_may_take_no_step(cast, at, row):
    complaint = ready(cast, row, at)
    with pytest.raises(NotPermitted):
        lifecycle.perform(complaint.pk, row.action, actor=Actor.staff(cast.stranger), at=at, data=row.data(cast, at))


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_a_step_that_lacks_everything_names_every_item_at_once(cast, at, row):
    complaint = ready(cast, row, at)
    with pytest.raises(GateRefused) as refused:
        lifecycle.perform(complaint.pk, row.action, actor=Actor.staff(cast.director), at=at, data={})
    named = {item.field for item in refused.value.missing}
    conditional = {"told_note"}
    assert set(row.asks.values()) - conditional <= named
    assert Complaint.objects.get(pk=complaint.pk).status == row.start


@pytest.mark.parametrize(
    ("row", "left_out", "role"),
    MISSING,
    ids=[f"{row.action}-{left_out}-{role}" for row, left_out, role in MISSING],
)
def test_one_missing_item_stops_every_role_and_only_a_supervisor_overrides_soft_ones(cast, at, row, left_out, role):
    complaint = ready(cast, row, at)
    actor = Actor.staff(holder(cast, role))
    later = at + timedelta(hours=1)
    names = left_out if isinstance(left_out, tuple) else (left_out,)
    data = {name: value for name, value in row.data(cast, at).items() if name not in names}
    events_before = ComplaintEvent.objects.filter(complaint=complaint).count()
    with pytest.raises(GateRefused) as refused:
        lifecycle.perform(complaint.pk, row.action, actor=actor, at=later, data=data)
    asked = row.asks[left_out]
    assert asked in {item.field for item in refused.value.missing}
    assert all(item.message for item in refused.value.missing)
    assert Complaint.objects.get(pk=complaint.pk).status == row.start
    assert ComplaintEvent.objects.filter(complaint=complaint).count() == events_before

    data["override_reason"] = "The customer has left the country"
    if role == Role.SUPERVISOR and asked not in row.hard:
        lifecycle.perform(complaint.pk, row.action, actor=actor, at=later, data=data)
        event = ComplaintEvent.objects.filter(complaint=complaint, data__has_key="overridden").latest("number")
        assert asked in event.data["overridden"]
        assert event.data["override_reason"] == "The customer has left the country"
    else:
        with pytest.raises(GateRefused):
            lifecycle.perform(complaint.pk, row.action, actor=actor, at=later, data=data)
        assert Complaint.objects.get(pk=complaint.pk).status == row.start


OUTSIDE = [
    (row, status) for row in TABLE for status in Status if status not in lifecycle.TRANSITIONS[row.action].sources
]


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_every_row_starts_at_one_of_its_stages(row):
    assert row.start in lifecycle.TRANSITIONS[row.action].sources


@pytest.mark.parametrize(("row", "status"), OUTSIDE, ids=[f"{row.action} {status}" for row, status in OUTSIDE])
def test_a_step_from_a_stage_outside_its_row_is_refused_with_the_steps_that_are_possible(cast, at, row, status):
    complaint = at_stage(cast, status, at)
    with pytest.raises(NotAllowedNow) as refused:
        lifecycle.perform(
            complaint.pk,
            row.action,
            actor=Actor.staff(cast.director),
            at=at,
            data={"override_reason": "because"},
        )
    assert refused.value.status == 409
    assert complaint.get_status_display() in str(refused.value)
    assert Complaint.objects.get(pk=complaint.pk).status == status


def test_the_table_under_test_is_the_whole_table():
    # The queue's, and what the desk alone does: when a message was returned, when an appeal was upheld.
    assert {row.action for row in TABLE} | {"take", "untell", "uphold"} == set(lifecycle.TRANSITIONS)
    untell = lifecycle.TRANSITIONS["untell"]
    assert (untell.sources, untell.target) == ({Status.RESOLVED}, Status.ASSIGNED)
    assert (untell.roles, untell.by_customer, untell.by_system) == (set(), False, True)


def test_a_handler_takes_a_complaint_from_the_teams_queue_and_nobody_takes_it_again(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    data = assignment_data(cast) | {"handler": None}
    lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at, data=data)
    taken = lifecycle.perform(complaint.pk, "take", actor=Actor.staff(cast.handler), at=at)
    assert taken.handler == cast.handler
    assert taken.handovers == 0
    with pytest.raises(GateRefused):
        lifecycle.perform(complaint.pk, "take", actor=Actor.staff(cast.colleague), at=at)


def test_a_stale_version_is_refused_and_a_fresh_one_passes(cast, at):
    complaint = at_stage(cast, Status.RECEIVED, at)
    lifecycle.verification.save_progress(
        complaint.pk, actor=Actor.staff(cast.colleague), at=at, data={"tried_already": "Called twice"}
    )
    with pytest.raises(ChangedMeanwhile):
        lifecycle.perform(
            complaint.pk,
            "verify",
            actor=Actor.staff(cast.handler),
            at=at,
            data=verification_data(at),
            version=complaint.version,
        )
    fresh = Complaint.objects.get(pk=complaint.pk)
    lifecycle.perform(
        complaint.pk,
        "verify",
        actor=Actor.staff(cast.handler),
        at=at,
        data=verification_data(at),
        version=fresh.version,
    )


def test_the_customer_and_the_desk_itself_may_only_take_their_own_steps(cast, at):
    complaint = at_stage(cast, Status.RECEIVED, at)
    for actor in (CUSTOMER, SYSTEM):
        for action, transition in lifecycle.TRANSITIONS.items():
            if (actor is CUSTOMER and transition.by_customer) or (actor is SYSTEM and transition.by_system):
                continue
            with pytest.raises(NotPermitted):
                lifecycle.perform(complaint.pk, action, actor=actor, at=at)


def test_available_actions_are_those_that_perform_would_let_the_person_attempt(cast, at):
    people = [cast.frontline, cast.handler, cast.supervisor, cast.reviewer, cast.auditor, cast.stranger]
    for status in Status:
        complaint = at_stage(cast, status, at)
        for somebody in people:
            offered = {t.action for t in lifecycle.available_actions(complaint, somebody)}
            for action in set(lifecycle.TRANSITIONS) - {"take"}:
                try:
                    lifecycle.perform(complaint.pk, action, actor=Actor.staff(somebody), at=at)
                except (NotPermitted, NotAllowedNow):
                    assert action not in offered, (status, somebody, action)
                except GateRefused:
                    assert action in offered, (status, somebody, action)
                else:
                    pytest.fail(f"{action} passed with nothing given")
