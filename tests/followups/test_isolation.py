"""One bad row, or a worker that stands still, holds up nothing for long."""

import dataclasses

import pytest
from django.db import ProgrammingError, connection

from followups.engine import sweep
from followups.engine.sweep import Duty

pytestmark = pytest.mark.django_db


class Handled:
    """A duty on a hundred rows, of which some cannot be handled."""

    def __init__(self, *bad: int):
        self.bad, self.calls, self.done, self.rested = set(bad), 0, [], []
        self.duty = Duty(
            "tried", "SELECT generate_series(1, 100), false WHERE %s IS NOT NULL LIMIT %s", self.act, self.rest
        )

    def act(self, ids, now, ladder):
        self.calls += 1
        if self.bad.intersection(ids):
            raise ValueError("bad row")
        self.done += ids

    def rest(self, pk, error, now):
        self.rested.append((pk, error))

    def carry_out(self):
        return sweep._carry_out(self.duty, 100, sweep._ladder())


def test_a_bad_row_is_put_off_with_its_reason_and_all_others_are_handled():
    handled = Handled(37)
    assert handled.carry_out() == 100
    assert handled.rested == [(37, "ValueError: bad row")]
    assert sorted(handled.done) == [number for number in range(1, 101) if number != 37]


def test_a_bad_row_costs_a_few_halves_and_not_a_hundred_single_rows():
    handled = Handled(37)
    handled.carry_out()
    assert handled.calls <= 2 * 7 + 1


def test_several_bad_rows_are_put_off_each():
    handled = Handled(1, 50, 51, 100)
    handled.carry_out()
    assert [pk for pk, _error in handled.rested] == [1, 50, 51, 100]
    assert len(handled.done) == 96


def test_a_worker_that_stands_still_in_a_batch_loses_its_claim_after_three_seconds():
    seen = []

    def look(ids, now, ladder):
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            seen.append(cursor.fetchone()[0])

    duty = Duty("looked", "SELECT 1, false WHERE %s IS NOT NULL LIMIT %s", look, lambda *given: None)
    sweep._carry_out(duty, 1, sweep._ladder())
    assert seen == ["3s"]


def test_a_table_that_is_not_as_the_code_needs_it_is_no_rows_fault():
    handled = Handled()

    def ask_for_a_column_of_tomorrow(ids, now, ladder):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tomorrow FROM followups_promise")

    handled.duty = dataclasses.replace(handled.duty, act=ask_for_a_column_of_tomorrow)
    with pytest.raises(ProgrammingError):
        handled.carry_out()
    assert handled.rested == []
