"""What hardly ever changes is read once where somebody asks for that, and nowhere else."""

import threading
from datetime import UTC, datetime

import pytest

from accounts.held import once, reading_once
from accounts.models import Calendar, DeskRules
from accounts.worktime.calendars import CalendarBook

MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def counted():
    read = []

    @once
    def ask(what: str, *, loudly: bool = False) -> list:
        read.append((what, loudly))
        return [what]

    return ask, read


def test_outside_everything_is_read_each_time(counted):
    ask, read = counted
    ask("hours"), ask("hours")
    assert len(read) == 2


def test_inside_each_thing_is_read_once(counted):
    ask, read = counted
    with reading_once():
        assert ask("hours") is ask("hours")
        ask("hours", loudly=True), ask("rules"), ask("rules")
    assert read == [("hours", False), ("hours", True), ("rules", False)]


def test_afterwards_nothing_is_remembered_not_even_after_an_error(counted):
    ask, read = counted

    def fail():
        with reading_once():
            ask("hours")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    ask("hours")
    with reading_once():
        ask("hours")
    assert len(read) == 3


def test_another_thread_reads_for_itself(counted):
    ask, read = counted
    with reading_once():
        ask("hours")
        other = threading.Thread(target=ask, args=["hours"])
        other.start()
        other.join()
    assert len(read) == 2


@pytest.mark.django_db
def test_rules_and_hours_that_are_changed_count_at_once_for_everybody_else(cast, django_assert_num_queries):
    cast.hexi.calendar = Calendar.objects.create(name="Days", always_open=True)
    cast.hexi.save()
    with reading_once():
        DeskRules.current(), CalendarBook(around=MONDAY).of(cast.hexi)
        with django_assert_num_queries(0):
            DeskRules.current(), CalendarBook(around=MONDAY).of(cast.hexi)
    DeskRules.objects.update_or_create(pk=1, defaults={"stuck_after_hours": 99})
    assert DeskRules.current().stuck_after_hours == 99
    Calendar.objects.update(name="Nights")
    assert CalendarBook(around=MONDAY).of(cast.hexi).name == "Nights"
