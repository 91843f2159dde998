from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from ui import wording

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # Wednesday 12:00 in Shanghai


def after(**length):
    return NOON + timedelta(**length)


@pytest.fixture(autouse=True)
def _shanghai():
    with timezone.override("Asia/Shanghai"):
        yield


@pytest.mark.parametrize(
    ("style", "english", "chinese"),
    [
        ("moment", "Wed 18 Nov, 12:00", "11月18日（周三）12:00"),
        ("brief", "Wed 18 Nov, 12:00", "11月18日12:00"),
        ("day", "Wed 18 Nov", "11月18日（周三）"),
        ("brief_day", "Wed 18 Nov", "11月18日"),
        ("long", "Wednesday 18 November, 12:00", "11月18日（周三）12:00"),
        ("long_day", "Wednesday 18 November", "11月18日（周三）"),
    ],
)
def test_a_date_is_written_as_people_of_each_language_write_it(style, english, chinese):
    assert wording.date_words(NOON, NOON, style) == english
    with translation.override("zh-hans"):
        assert wording.date_words(NOON, NOON, style) == chinese


def test_the_year_stands_only_where_it_is_not_this_one():
    assert wording.date_words(NOON, after(days=60)) == "Wed 18 Nov 2026, 12:00"
    with translation.override("zh-hans"):
        assert wording.date_words(NOON, after(days=60)) == "2026年11月18日（周三）12:00"


def test_the_year_turns_at_local_midnight_not_at_utc_midnight():
    new_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # 1 January 00:30 in Shanghai
    assert wording.date_words(new_year, NOON) == "Fri 1 Jan 2027, 00:30"


def test_a_moment_is_shown_in_the_readers_zone():
    with timezone.override("Europe/Berlin"):
        assert wording.date_words(NOON, NOON) == "Wed 18 Nov, 05:00"


def test_a_moment_of_the_same_local_day_is_called_today():
    assert wording.moment_words(after(hours=11, minutes=59), NOON) == "today 23:59"
    assert wording.moment_words(after(hours=12), NOON) == "Thu 19 Nov, 00:00"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=35, seconds=59), "35 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(minutes=70), "1 h 10 min"),
        (timedelta(hours=2, minutes=59), "2 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(hours=24), "1 day"),
        (timedelta(days=3, hours=23), "3 days"),
    ],
)
def test_a_length_is_rounded_down(length, words):
    assert wording.duration_words(length) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (after(seconds=30), "in less than a minute"),
        (after(minutes=35), "in 35 min"),
        (after(minutes=70), "in 1 h 10 min"),
        (after(hours=11), "in 11 h"),
        (after(hours=22), "tomorrow"),
        (after(hours=35), "tomorrow"),
        (after(hours=37), "in 2 days"),
        (after(days=3), "in 3 days"),
        (after(seconds=-30), "just now"),
        (after(minutes=-25), "25 min ago"),
        (after(hours=-2), "2 h ago"),
        (after(hours=-13), "yesterday"),
        (after(days=-3), "3 days ago"),
    ],
)
def test_how_far_a_moment_is(moment, words):
    assert wording.relative_words(moment, NOON) == words


def test_shortly_after_midnight_is_not_called_tomorrow():
    late = after(hours=11, minutes=50)  # 23:50
    assert wording.relative_words(late + timedelta(minutes=40), late) == "in 40 min"
    assert wording.relative_words(late - timedelta(minutes=40), late + timedelta(minutes=20)) == "1 h ago"


@pytest.mark.parametrize(
    ("state", "due_at", "extra", "look"),
    [
        ("open", after(hours=3), {}, "open"),
        ("open", after(hours=2), {}, "soon"),
        ("open", after(hours=2), {"warn_at": after(hours=1)}, "open"),
        ("open", after(hours=30), {"warn_at": after(hours=-1)}, "soon"),
        ("open", NOON, {}, "broken"),
        ("open", after(hours=-1), {"paused": True}, "paused"),
        ("open", None, {"paused": True}, "paused"),
        ("kept", after(hours=-1), {}, "kept"),
        ("broken", after(hours=-1), {}, "broken"),
        ("replaced", after(hours=-1), {}, "moved"),
        ("withdrawn", after(hours=-1), {}, "withdrawn"),
    ],
)
def test_the_look_of_a_promise(state, due_at, extra, look):
    assert wording.promise_look(state, due_at, NOON, **extra) == look


@pytest.mark.parametrize(
    ("look", "due_at", "extra", "words"),
    [
        ("open", after(days=3), {}, "in 3 days"),
        ("soon", after(minutes=35), {}, "in 35 min"),
        ("broken", after(seconds=-59), {}, "broken just now"),
        ("broken", after(hours=-2), {}, "broken 2 h ago"),
        ("broken", after(days=-3), {}, "broken 3 days ago"),
        ("broken", after(days=-1), {"kept_at": NOON}, "broken Tue 17 Nov, 12:00"),
        ("kept", after(days=1), {"kept_at": NOON}, "kept Wed 18 Nov, 12:00"),
        ("kept", after(days=1), {}, "kept"),
        ("paused", None, {}, "paused, waiting for customer"),
        ("moved", after(days=-1), {"moved_to": after(days=6)}, "moved to Tue 24 Nov"),
        ("moved", after(days=-1), {}, "moved"),
        ("withdrawn", after(days=1), {}, "withdrawn"),
    ],
)
def test_the_words_of_a_promise(look, due_at, extra, words):
    assert wording.promise_words(look, due_at, NOON, **extra) == words


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("Li Min", "LM"),
        ("li", "L"),
        ("Anna Maria von Stein", "AM"),
        ("李敏", "敏"),
        ("  王芳 ", "芳"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_initials_of_latin_and_chinese_names(name, mark):
    assert wording.initials(name) == mark
