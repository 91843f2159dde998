"""When a customer wishes to be called, read from what people write: "after 18:00", "周末下午", "9点到11点". Pure.

A text is understood whole or not at all: "not on Mondays" or "when my shift is over" is left to whoever calls, who
sees it beside the planned time. What is understood is kept within the hours at which one may call somebody who
asked for it, 08:00 to 21:00 (messages of vendors: CONTRACTS, 2.1); without a wish the day ends at 20:00.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import time

EARLIEST, LATEST = time(8), time(21)
SHORTEST_MINUTES = 30
EVERY_DAY = frozenset(range(7))
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})
# Part of the day: from, until. In the later ones "3点" is 15:00.
PARTS = {
    "morning": (time(8), time(12)),
    "noon": (time(12), time(14)),
    "afternoon": (time(13), time(18)),
    "evening": (time(18), LATEST),
}
_PART_WORDS = {
    "morning": r"(?:in the )?mornings?|上午|早上|早晨",
    "noon": r"\b(?:at )?noon\b|\b(?:at )?lunch ?time\b|中午|午休(?:时间)?",
    "afternoon": r"(?:in the )?afternoons?|下午|午后",
    "evening": r"(?:in the )?evenings?|晚上|傍晚|晚间",
}
_NAMES = [
    "mon(?:day)?",
    "tue(?:sday)?",
    "wed(?:nesday)?",
    "thu(?:rsday)?",
    "fri(?:day)?",
    "sat(?:urday)?",
    "sun(?:day)?",
]
_DAY = r"(?:周|星期|礼拜)([一二三四五六日天])"
_NUMERALS = {
    "十二": 12,
    "十一": 11,
    "十": 10,
    "九": 9,
    "八": 8,
    "七": 7,
    "六": 6,
    "五": 5,
    "四": 4,
    "三": 3,
    "两": 2,
    "二": 2,
    "一": 1,
}
_TIME = r"(\d{1,2})(?:(?::|点|时)(\d{2}|半)?分?|(?= ?[ap]m\b)|(?![\d:点时]))(?: ?([ap]m)\b| o'clock)?"
_TO = r" ?(?:-|~|到|至|to|until|till|and) ?"
_FILLERS = re.compile(
    r"\b(?:please|call|calls|ring|phone|me|only|best|usually|preferably|any|time|every|day|on|in|the|at|around|about|"
    r"between|from|hours|is|are|fine|ok|good|or|and)\b"
    r"|请|打来|打|来电|电话|联系|都可以|可以|都行|均可|方便|比较|最好|的|时候|时间|接听|再|给我|左右|之间|间|每天|天天|随时|在|都|和|或|、"
)


@dataclass(frozen=True)
class Wish:
    """On which days (0 is Monday) and between which times of day, on the customer's clocks, to call."""

    days: frozenset[int] = EVERY_DAY
    start: time = EARLIEST
    end: time = LATEST


def understand(text: str) -> Wish | None:
    """The wish that `text` says; None where it says none, is not understood, or leaves no decent half hour."""
    left = _plain(text)
    if not left:
        return None
    days, left = _days(left)
    part, left = _part(left)
    start, end, left = _times(left, part)
    if start is None or re.sub(r"[\s,.;:!]+", "", _FILLERS.sub(" ", left)):
        return None
    start, end = max(start, EARLIEST), min(end, LATEST)
    return Wish(days, start, end) if _minutes(end) - _minutes(start) >= SHORTEST_MINUTES else None


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().replace("–", "-").replace("—", "-").replace("’", "'").strip()
    for word, number in _NUMERALS.items():
        text = re.sub(rf"{word}(?=点)", str(number), text)
    return text


def _days(text: str) -> tuple[frozenset[int], str]:
    """The days that are named, every day where none is, and the rest of the text."""
    found: set[int] = set()

    def take(pattern: str, days_of) -> None:
        nonlocal text
        for match in re.finditer(pattern, text):
            found.update(days_of(match))
        text = re.sub(pattern, " ", text)

    span = "|".join(_NAMES)
    take(rf"\b({span})s? ?(?:-|to) ?({span})s?\b", lambda m: _from_to(_name(m[1]), _name(m[2])))
    take(rf"{_DAY}(?:到|至|-|~)(?:周|星期|礼拜)?([一二三四五六日天])", lambda m: _from_to(_sign(m[1]), _sign(m[2])))
    take(r"\b(?:weekdays?|work(?:ing)? ?days?)\b|工作日|平日", lambda m: WORKDAYS)
    take(r"\b(?:at )?(?:the )?weekends?\b|周末|双休日|周六日|周六周日", lambda m: WEEKEND)
    take(rf"\b({span})s?\b", lambda m: {_name(m[1])})
    take(_DAY, lambda m: {_sign(m[1])})
    return frozenset(found) or EVERY_DAY, text


def _part(text: str) -> tuple[str, str]:
    """The one part of the day that is named, and the rest; "?" where several are."""
    named = [part for part, words in _PART_WORDS.items() if re.search(words, text)]
    for part in named:
        text = re.sub(_PART_WORDS[part], " ", text)
    return (named[0] if len(named) == 1 else "?" if named else ""), text


def _times(text: str, part: str) -> tuple[time | None, time, str]:
    """From when until when, and the rest of the text; from None where that cannot be told."""
    if part == "?":
        return None, LATEST, text
    since, until = PARTS.get(part, (EARLIEST, LATEST))
    text = re.sub(r" +", " ", text)
    between = re.search(rf"{_TIME}{_TO}{_TIME}", text)
    if between:
        half = between[3] or between[6]
        begins = _clock(between[1], between[2], half, part)
        ends = _clock(between[4], between[5], between[6] or half, part)
        if begins is None or ends is None:
            return None, LATEST, text
        return begins, ends, text.replace(between[0], " ", 1)
    for pattern, is_start in (
        (rf"(?:after|from|not before|past) {_TIME}(?: ?on(?:wards?)?\b)?", True),
        (rf"{_TIME} ?(?:以后|之后|过后|后|起|onwards?|or later|and later)", True),
        (rf"(?:before|until|till|by) {_TIME}", False),
        (rf"{_TIME} ?(?:以前|之前|前|or earlier)", False),
    ):
        match = re.search(pattern, text)
        if match:
            moment = _clock(match[1], match[2], match[3], part)
            if moment is None or (not part and _is_open(match)):
                return None, LATEST, text
            left = text.replace(match[0], " ", 1)
            return (moment, max(until, LATEST) if not part else until, left) if is_start else (since, moment, left)
    match = re.search(rf"(?:\b(?:at|around|about) )?{_TIME}", text)
    if match:
        moment = _clock(match[1], match[2], match[3], part)
        if moment is None or moment.hour > 22 or (not part and _is_open(match)):
            return None, LATEST, text
        return moment, moment.replace(hour=moment.hour + 1), text.replace(match[0], " ", 1)
    return since, until, text


def _is_open(match: re.Match) -> bool:
    """Whether a lone hour may be meant in the morning or in the evening: "after 8"."""
    return match[2] is None and match[3] is None and match[1] in ("8", "9") and "点" not in match[0]


def _clock(hour: str, minute: str | None, half: str | None, part: str) -> time | None:
    """A time of day; None for one that no clock shows. Where nothing says which half, 1 to 7 are after noon."""
    number, minutes = int(hour), 30 if minute == "半" else int(minute or 0)
    later = half == "pm" or part in ("afternoon", "evening") or (part == "noon" and number < 3)
    if half == "am" and number == 12:
        number = 0
    elif number < 12 and (later or (not half and part != "morning" and number < EARLIEST.hour)):
        number += 12
    return time(number, minutes) if number < 24 and minutes < 60 else None


def _from_to(first: int, last: int) -> set[int]:
    return {(first + step) % 7 for step in range((last - first) % 7 + 1)}


def _name(word: str) -> int:
    return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(word[:3])


def _sign(sign: str) -> int:
    return "一二三四五六日".index(sign.replace("天", "日"))


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
