"""How the demo's stories are read, and when its command refuses."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Team
from demo.files import read_cases
from demo.moments import Clock
from demo.stories import in_order

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 14, 20, tzinfo=SHANGHAI)


@pytest.mark.django_db
def test_outside_debug_it_refuses_unless_forced():
    with pytest.raises(CommandError, match="--force"):
        call_command("demo")
    assert not Team.objects.exists()


@pytest.mark.django_db
def test_there_are_no_sign_ins_before_it_is_loaded():
    with pytest.raises(CommandError, match="not loaded"):
        call_command("demo", "--sign-ins")


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_stories_run_forward_whatever_the_hour(hour):
    clock = Clock(NOW.replace(hour=hour, minute=1), SHANGHAI)
    lines = in_order(read_cases(), clock)
    assert len({line.story["key"] for line in lines}) == 61
    assert lines[-1].at <= clock.now


def test_a_story_that_runs_backwards_is_refused():
    story = {"key": "backwards", "at": "-2d 10:00", "logged by": "frontline", "then": [{"at": "-3d", "a b": ""}]}
    with pytest.raises(ValueError, match="backwards"):
        in_order([story], Clock(NOW, SHANGHAI))


def test_a_story_of_the_future_is_refused():
    with pytest.raises(ValueError, match="has not happened yet"):
        in_order([{"key": "later", "at": "+1d 10:00", "logged by": "frontline"}], Clock(NOW, SHANGHAI))


def test_moments_are_told_from_the_moment_of_loading():
    clock = Clock(NOW, SHANGHAI)
    assert clock.moment("-12d 09:30") == datetime(2026, 11, 6, 1, 30, tzinfo=UTC)
    assert clock.moment("-3h20m") == NOW - timedelta(hours=3, minutes=20)
    assert clock.moment("+1d 17:00") == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="no moment"):
        clock.moment("yesterday")


def test_texts_name_moments_as_people_do():
    clock = Clock(NOW, SHANGHAI)
    assert clock.fill("by {+1d 17:00}", "en", {}) == "by Thursday 19 November, 17:00"
    assert clock.fill("{+1d 17:00}前，{-2d}起", "zh-hans", {}) == "11月19日（周四）17:00前，11月16日（周一）起"
    assert clock.fill("see {case:pump}", "en", {"pump": "C-2026-000007"}) == "see C-2026-000007"
