"""What people write about when to call is understood whole, or not at all."""

from datetime import time

import pytest

from followups.callbacks.call_hours import EARLIEST, EVERY_DAY, LATEST, WEEKEND, WORKDAYS, Wish, understand


def wish(start, end, days=EVERY_DAY) -> Wish:
    return Wish(frozenset(days), time.fromisoformat(start), time.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("after 18:00", wish("18:00", "21:00")),
        ("After 6 pm please", wish("18:00", "21:00")),
        ("after 6", wish("18:00", "21:00")),
        ("from 10am onwards", wish("10:00", "21:00")),
        ("not before 10:30", wish("10:30", "21:00")),
        ("18:00-20:00", wish("18:00", "20:00")),
        ("18:00 – 20:00", wish("18:00", "20:00")),
        ("between 9 and 11", wish("09:00", "11:00")),
        ("2-4 pm", wish("14:00", "16:00")),
        ("before 10:00", wish("08:00", "10:00")),
        ("evenings", wish("18:00", "21:00")),
        ("in the afternoon", wish("13:00", "18:00")),
        ("weekends", wish("08:00", "21:00", WEEKEND)),
        ("weekday evenings after 19:00", wish("19:00", "21:00", WORKDAYS)),
        ("Mon-Fri mornings", wish("08:00", "12:00", WORKDAYS)),
        ("Tuesdays and Thursdays, 17:00 to 19:30", wish("17:00", "19:30", {1, 3})),
        ("at 18:00", wish("18:00", "19:00")),
        ("any time", wish("08:00", "21:00")),
        ("周末", wish("08:00", "21:00", WEEKEND)),
        ("下午", wish("13:00", "18:00")),
        ("9点到11点", wish("09:00", "11:00")),
        ("九点半到十一点", wish("09:30", "11:00")),
        ("工作日晚上7点后", wish("19:00", "21:00", WORKDAYS)),
        ("晚上七点以后", wish("19:00", "21:00")),
        ("下午3点到5点", wish("15:00", "17:00")),
        ("17:00以后", wish("17:00", "21:00")),
        ("周一至周五上午", wish("08:00", "12:00", WORKDAYS)),
        ("周六、周日下午方便", wish("13:00", "18:00", WEEKEND)),
        ("中午12点到1点", wish("12:00", "13:00")),
        ("请在晚上打电话", wish("18:00", "21:00")),
        ("随时都可以", wish("08:00", "21:00")),
        ("１８：００以后", wish("18:00", "21:00")),
    ],
)
def test_what_people_write_is_understood(text, understood):
    assert understand(text) == understood


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "not on Mondays",
        "after work",
        "when my shift is over",
        "mornings or evenings",
        "after 8",
        "evenings, but never after 19:00",
        "ask my wife",
        "不要中午打",
        "下班以后",
        "除了周一",
        "after 22:00",
        "6:00-7:30 am",
        "25:00",
        "20:50-21:30",
        "20:00-18:00",
        "139 0000 4417",
        "after 18:00 on the other number 139 0000 4417",
        "((((" * 30,
    ],
)
def test_what_is_not_understood_is_left_to_whoever_calls(text):
    assert understand(text) is None


def test_a_wish_never_leaves_decent_hours():
    for hour in range(24):
        found = understand(f"{hour:02}:00-{(hour + 3) % 24:02}:00")
        assert found is None or EARLIEST <= found.start < found.end <= LATEST
