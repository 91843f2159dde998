"""A short storm in every run of the suite, and what its judgement rests on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from followups.delivery import delivery
from tests.chaos import faults
from tests.chaos.plan import WrongPlan, read_plan
from tests.chaos.sink import Taken
from tests.chaos.verdict import verdict

ROOT = Path(__file__).resolve().parents[2]
WELL = {
    "lost": 0,
    "doubled": 0,
    "early": 0,
    "notices_missing": 0,
    "history_broken": 0,
    "poison_astray": 0,
    "orphans": 0,
    "people_deceived": 0,
    "mails_unknown": 0,
    "mails_doubled_unexplained": 0,
    "unfinished": 0,
    "mails_missing": 0,
    "p99_s": 1.2,
    "max_s": 5.5,
    "drained_s": 3.0,
}


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_early_while_sweepers_beats_and_redis_fail():
    asked = {"N": "500", "DURATION": "20", "SEED": "7", "FAULTS": "kill_sweeper,kill_beat,flush_redis"}
    answer = subprocess.run(
        [sys.executable, "-m", "tests.chaos.run"],
        cwd=ROOT,
        env=os.environ | asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    result = json.loads(answer.stdout.splitlines()[-1])
    kept = {name: result[name] for name in ("lost", "doubled", "early", "orphans", "mails_missing", "unfinished")}
    assert kept == dict.fromkeys(kept, 0), answer.stdout
    assert result["states"]["broken"] > 400
    assert result["mails"] > 100
    assert min(result["faults"][name] for name in asked["FAULTS"].split(",")) >= 1


def test_a_run_in_which_all_was_well_passes():
    assert verdict(read_plan({}), WELL) == []


@pytest.mark.parametrize("name", [name for name, value in WELL.items() if value == 0])
def test_each_guarantee_that_is_broken_fails_the_run(name):
    assert len(verdict(read_plan({}), WELL | {name: 1})) == 1


@pytest.mark.parametrize(
    ("env", "late", "kept"),
    [
        ({}, {"max_s": 9.9}, True),
        ({}, {"max_s": 10.1}, False),
        ({"FAULTS": "redis_gone"}, {"max_s": 6.1}, False),
        ({"FAULTS": "none"}, {"p99_s": 1.6}, False),
        ({"FAULTS": "redis_gone"}, {"p99_s": 1.6}, True),
        ({}, {"drained_s": None}, False),
    ],
)
def test_how_late_is_too_late_depends_on_what_happened(env, late, kept):
    assert (verdict(read_plan(env), WELL | late) == []) is kept


@pytest.mark.parametrize("env", [{"FAULTS": "earthquake"}, {"UNTIL": "never"}])
def test_a_plan_that_makes_no_sense_is_refused_in_words(env):
    with pytest.raises(WrongPlan, match=r"must be"):
        read_plan(env)


def test_a_number_that_is_none_is_refused():
    with pytest.raises(ImproperlyConfigured, match=r"N must be a whole number"):
        read_plan({"N": "many"})


def test_a_process_is_frozen_for_longer_than_a_lease_lasts():
    assert delivery.LEASE.total_seconds() < faults.FREEZE_S


@pytest.mark.parametrize(("heard_at", "heard"), [(None, False), (10.2, True), (80.0, False)])
def test_an_answer_counts_as_heard_when_its_sender_soon_goes_on(heard_at, heard):
    assert Taken("<a@b>", at=10.0, heard_at=heard_at).was_heard is heard
