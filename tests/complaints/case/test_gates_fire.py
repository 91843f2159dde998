"""Every item of every gate can be made to fire, through the verb: writers write first, so a gate can be blinded.

tests.complaints.case.gate_cases holds a case for each place in which a gate names something as missing. The places are
read from the source: a new one without a case fails here.
"""

import ast
import inspect
import sys

import pytest
from django.db import transaction

from complaints.case import gates
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Outcome, Status
from complaints.errors import GateRefused, Missing
from complaints.steps import archive, facts_gate, lifecycle
from followups import gates as added_gates
from tests.cases import (
    archive_data,
    at_stage,
    finish_callbacks,
)
from tests.complaints.case.gate_cases import CASES, Desk

MODULES = (gates, facts_gate, added_gates)


def places(module) -> dict[int, str]:
    """Line → "gate: field" of every item that the module's gates can name."""
    found = {}
    for gate in ast.parse(inspect.getsource(module)).body:
        calls = [node for node in ast.walk(gate) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "Missing":
                found[call.lineno] = f"{module.__name__}.{gate.name}: {ast.unparse(call.args[0])}"
    return found


@pytest.fixture
def fired(monkeypatch) -> set[tuple[str, int]]:
    """The places (module, line) at which an item was named."""
    places = set()

    def noted(*args, **kwargs):
        frame = sys._getframe(1)
        places.add((frame.f_globals["__name__"], frame.f_lineno))
        return Missing(*args, **kwargs)

    for module in MODULES:
        monkeypatch.setattr(module, "Missing", noted)
    return places


def test_every_item_of_every_gate_is_named_by_the_verb_when_it_is_missing(cast, at, fired):
    for gate, field, attempt in CASES:
        try:
            with pytest.raises(GateRefused) as refused, transaction.atomic():
                attempt(Desk(cast, at))
        except pytest.fail.Exception:
            pytest.fail(f"The case ({gate!r}, {field!r}) of gate_cases.py is not refused")
        assert field in {item.field for item in refused.value.missing}, (gate, field)
    known = {(module.__name__, line): words for module in MODULES for line, words in places(module).items()}
    hit = {_place(known, *place) for place in fired}
    unfired = sorted(words for place, words in known.items() if place not in hit)
    assert unfired == [], "Each needs a case in gate_cases.py, and to be registered if it stands above the lifecycle"


def _place(known, module: str, line: int) -> tuple[str, int]:
    """The place of the call around a line: Python names the line of an argument where a call takes several."""
    return module, max(begin for name, begin in known if name == module and begin <= line)


def test_what_was_closed_as_a_duplicate_is_opened_again_only_as_no_duplicate(cast, at):
    complaint = Desk(cast, at).closed_as_duplicate()
    for actor in (CUSTOMER, Actor.staff(cast.handler), Actor.staff(cast.supervisor)):
        with pytest.raises(GateRefused) as refused:
            lifecycle.perform(complaint.pk, "reopen", actor=actor, at=at, data={"reason": "It drips"})
        assert [item.field for item in refused.value.missing] == ["basis"]
    complaint.refresh_from_db()
    assert (complaint.status, complaint.outcome, complaint.round) == ("archived", "duplicate", 1)
    data = {"basis": "not_duplicate", "reason": "Another pump"}
    done = lifecycle.perform(complaint.pk, "reopen", actor=Actor.staff(cast.handler), at=at, data=data)
    assert (done.status, done.outcome, done.duplicate_of, done.round) == ("assigned", "", None, 2)


def test_a_window_of_an_earlier_round_does_not_open_what_was_found_to_be_no_complaint(cast, at):
    complaint = at_stage(cast, Status.FEEDBACK, at)
    finish_callbacks(complaint)
    desk = Desk(cast, at)
    desk.step(complaint, "archive", **archive_data(cast))
    desk.step(complaint, "reopen", CUSTOMER, reason="It drips")
    archive.propose_invalid(complaint.pk, reason="An advertisement", actor=desk.handler, at=at)
    desk.step(complaint, "close_early", desk.supervisor, outcome=Outcome.INVALID, reason="An advertisement")
    with pytest.raises(GateRefused):
        desk.step(complaint, "reopen", CUSTOMER, reason="It drips")
