"""The invariant, by random walks: whatever is done in whatever order, no case stands without a dated duty (SPEC).

A walk that fails is walked again with its number: every one is drawn from the seed and nothing else.
"""

import json
import os
import time
from dataclasses import fields

import pytest

from complaints.models import Category
from followups.engine import effects
from followups.promises import duties
from tests.followups import walked_duties, walked_people, walked_verbs  # noqa: F401 - they enter their verbs
from tests.followups.walking import VERBS, Counts, walk

# In the suite some; `make walk N=20000 SEED=1` goes further.
STEPS, SEED = int(os.environ.get("WALK_STEPS", 2000)), int(os.environ.get("WALK_SEED", 1))
# So many in a transaction: what is undone in it slows it down.
STRETCH = 1000
# In so many steps each verb must have been done, and in fewer most of them, or the walk says nothing about it.
EACH_IN = 10_000


@pytest.fixture(scope="module")
def walked():
    """What all stretches came to; printed at the end as one JSON line."""
    counts, began = Counts(), time.process_time()
    yield counts
    said = {"seed": SEED, "steps": sum(counts.tried.values()), "done": sum(counts.done.values())}
    said |= {"walks": counts.walks, "faults": len(counts.faults)}
    said |= {"cpu_s": round(time.process_time() - began, 1), "stages": counts.stages}
    said |= {"verbs": {name: f"{counts.done[name]}/{counts.tried[name]}" for name in sorted(VERBS)}}
    print("\n" + json.dumps(said))


@pytest.fixture
def people(cast):
    cast.manners = Category.objects.create(name="Manners")
    return cast


@pytest.mark.parametrize("stretch", range(-(-STEPS // STRETCH)))
def test_no_step_leaves_a_case_without_a_duty(people, stretch, walked):
    counts = walk(people, SEED * 1000 + stretch, min(STRETCH, STEPS))
    for each in fields(Counts):
        more = getattr(counts, each.name)
        setattr(walked, each.name, getattr(walked, each.name) + more)
    assert not counts.faults, "\n\n".join(counts.faults[:5])


def test_every_verb_was_done_and_not_only_tried(walked):
    steps = sum(walked.tried.values())
    if not steps:
        pytest.skip("the walks were walked by another worker")
    never = [name for name in VERBS if not walked.done[name]]
    assert len(never) <= (0 if steps >= EACH_IN else len(VERBS) // 6), never
    assert sum(walked.done.values()) > steps / 2


def test_the_walk_sees_what_is_left_without_a_duty(people, monkeypatch):
    """A desk that promises nothing again and does not look whether anything is left is found out."""
    monkeypatch.setattr(duties, "_look", lambda complaint, at: None)
    monkeypatch.setattr(effects, "_promised_again", lambda due, ladder, now: [])
    assert any("no duty" in fault for fault in walk(people, SEED, 600).faults)
