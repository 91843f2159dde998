"""Every verb by two at once and by ten at once, on connections of their own.

Each of them is done, or refused in words; what is done is done once; the history stays whole; nobody waits for ever.
"""

import threading
import time

import pytest
from django.db import connection

from complaints.errors import Refused
from complaints.steps.lifecycle import TRANSITIONS
from followups.engine import sweep
from tests.cast import build_cast
from tests.config.race_recipes import RACES
from tests.config.races import NO_VERBS, Desk, verbs
from tests.followups.due import history_is_whole

# Ten that do the same one after the other, on a machine that does much else.
PATIENCE = "SET lock_timeout = '120s'"


def at_once(count: int, act) -> list[BaseException | None]:
    """Let `count` threads do `act(number)` at the same moment; returns what each of them raised, None for nothing."""
    ready, raised = threading.Barrier(count), [None] * count

    def go(number: int):
        try:
            with connection.cursor() as cursor:
                cursor.execute(PATIENCE)
            ready.wait(60)
            act(number)
        except BaseException as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(count)]
    [thread.start() for thread in threads]
    [thread.join(180) for thread in threads]
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return raised


def test_every_verb_and_every_step_is_raced_or_named():
    raced = {race.verb for race in RACES}
    assert set(verbs()) - raced - NO_VERBS.keys() == set()
    steps = {f"complaints.steps.lifecycle.perform:{action}" for action in TRANSITIONS}
    assert steps - raced == set()
    assert NO_VERBS.keys() - set(verbs()) == set()


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 10])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_every_verb_is_done_once_or_refused_in_words(count, capsys):
    began, faults, desk = time.monotonic(), [], Desk(build_cast())
    for race in RACES:
        act, counted, about = race.prepare(desk)
        before = counted()
        raised = at_once(count, act)
        faults += [f"{race}: {error!r}" for error in raised if error is not None and not isinstance(error, Refused)]
        done = raised.count(None)
        effects = counted() - before
        if effects != race.once:
            faults.append(f"{race}: {effects} times, {done} of {count} were told that it is done")
        if not done:
            faults.append(f"{race}: nobody did it: {raised[0]!r}")
        faults += [f"{race}: the history of {case} is broken" for case in about if not history_is_whole(case)]
    with capsys.disabled():
        print(f" {len(RACES)} verbs by {count} at once: {time.monotonic() - began:.0f} s ", end="")
    assert not faults, "\n".join(faults)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_different_things_to_one_case_and_the_sweep_beside_them():
    desk = Desk(build_cast())
    by_verb = {race.verb: race for race in RACES}
    names = [
        "complaints.conversation.messages.say",
        "complaints.conversation.messages.customer_says",
        "complaints.steps.assignment.change_severity",
        "complaints.evidence.attaching.add",
        "complaints.steps.options.offer",
        "complaints.customer.answers.reply",
        "followups.promises.promises.make",
        "followups.escalation.escalations.escalate_by_hand",
        "complaints.steps.lifecycle.perform:reassign",
    ]
    complaint = desk.case()
    desk.case = lambda *stage, **given: complaint
    acts = [by_verb[name].prepare(desk)[0] for name in names]
    acts.append(lambda number: sweep.run(budget_seconds=1))
    raised = at_once(len(acts), lambda number: acts[number](number))
    assert [error for error in raised if error is not None and not isinstance(error, Refused)] == []
    assert raised.count(None) >= 9
    assert history_is_whole(complaint)
