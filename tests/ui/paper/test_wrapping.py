"""Lines on paper: where Chinese and English break, and what of a text is printed."""

import pytest
from hypothesis import given, settings, strategies as st

from ui.paper.wrapping import MISSING, NOT_AT_END, NOT_AT_START, printable, rejoined, shortened, wrapped


def measure(text: str) -> int:
    """A Chinese character is as wide as two letters."""
    return sum(1 if char.isascii() else 2 for char in text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("请告诉我们哪里没做好", 8, ["请告诉我", "们哪里没", "做好"]),
        ("one two three", 8, ["one two", "three"]),
        ("短", 1, ["短"]),
        ("", 8, [""]),
        ("一\n\n二", 8, ["一", "", "二"]),
        # Closing punctuation goes on with what it closes, opening punctuation with what it opens.
        ("请告诉我。好", 8, ["请告诉", "我。好"]),
        ("请告诉（我们）", 8, ["请告诉", "（我们）"]),
        ("他说……好", 6, ["他", "说……", "好"]),
        # A number stays with its unit.
        ("请于11月20日到", 6, ["请于", "11月", "20日到"]),
        ("打400-000-0123咨询", 12, ["打", "400-000-0123", "咨询"]),
        # What is longer than a line is broken inside.
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("好abcdefghij", 4, ["好", "abcd", "efgh", "ij"]),
    ],
)
def test_where_lines_end(text, width, lines):
    assert wrapped(text, width, measure) == lines


def test_the_first_line_of_every_paragraph_is_shorter_by_the_indent():
    assert wrapped("请告诉我们\n请告诉我们", 8, measure, indent=4) == ["请告", "诉我们", "请告", "诉我们"]


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(alphabet="请告诉我们ab c。，（）“”……1月", max_size=60), width=st.integers(min_value=8, max_value=30)
)
def test_nothing_is_lost_no_line_is_too_wide_and_punctuation_stands_where_it_may(text, width):
    clean = printable(text, lambda char: True)
    lines = wrapped(clean, width, measure)
    assert "".join("".join(lines).split()) == "".join(clean.split())
    assert all(measure(line) <= width for line in lines)
    # Where so much punctuation follows itself that a line cannot hold it, it is broken all the same.
    longest_run = max((len(run) for run in _runs(clean)), default=0)
    # A line may end at any space.
    if 2 * longest_run + 8 <= width and " " not in clean:
        assert not any(line[0] in NOT_AT_START for line in lines[1:] if line)
        assert not any(line[-1] in NOT_AT_END for line in lines[:-1] if line)


def _runs(text):
    run = ""
    for char in text:
        if char in NOT_AT_START + NOT_AT_END or char.isascii():
            run += char
        else:
            yield run
            run = ""
    yield run


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Li\u202egro.\u202c Min", "Ligro. Min"),
        ("\u2067李\u2069敏\u200f", "李敏"),
        ("a\x00b\x07c\x1b[0m", "abc[0m"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\tb  c\xa0\xa0d", "a b c d"),
        ("奥·\u2060马", "奥·马"),
        ("x😀y", f"x{MISSING}y"),
        ("👩\u200d🔧\ufe0f", MISSING * 2),
        ("e\u0301", "é"),
        # Two of the customer's own for an indent stay.
        ("\u3000\u3000您好", "\u3000\u3000您好"),
    ],
)
def test_what_is_printed(text, shown):
    assert printable(text, lambda char: ord(char) < 0x1F000 and not 0xFE00 <= ord(char) < 0xFE10) == shown


def test_what_does_not_fit_on_one_line_ends_with_dots():
    assert shortened("河西路加油站", 12, measure) == "河西路加油站"
    assert shortened("河西路加油站", 9, measure) == "河西路…"
    assert shortened("one two three", 9, measure) == "one two…"


def test_lines_are_joined_as_they_were():
    assert rejoined(["one", "two"]) == "one two"
    assert rejoined(["请告诉", "我们"]) == "请告诉我们"
    assert rejoined([]) == ""
