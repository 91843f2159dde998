import pytest

from complaints.search.likeness import in_words, is_alike, numbers_in, telling
from complaints.search.tokens import tokens_of


def shared(one: str, other: str) -> set[str]:
    held = tokens_of(other)
    return telling(one) & held | {n for n in numbers_in(one) if any(token.startswith(n) for token in held)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The new dispenser drips diesel at the nozzle", "Nozzle 2B: diesel drips on the floor"),
        ("挂枪的时候枪嘴一直滴柴油，鞋毁了", "2B油枪滴漏，枪嘴滴柴油，一地柴油"),
        ("It is about 陕A·12345", "陕A12345停在那里"),
        ("Serial SN-2033-88", "the machine sn203388 again"),
        ("Call me: 139 0000 4417", "13900004417"),
    ],
)
def test_the_same_thing_told_twice_is_alike(one, other):
    assert is_alike(shared(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "I was there and nobody said anything to me about it",
            "There was nobody, and they said nothing about it to me",
        ),
        ("我不知道他们为什么这样说我的", "他们说这样的，我也不知道为什么"),
        ("On 2026-11-20 at 10:30 it was 186.50 yuan", "2026-11-20 10:30 186.50"),
        ("", "anything"),
        ("🙂 ，。！ %'\\", "🙂 ，。！ %'\\"),
    ],
)
def test_the_same_grammar_is_not_the_same_thing(one, other):
    assert not is_alike(shared(one, other))


def test_numbers_are_whole_and_without_their_ends():
    text = "陕A·12345 and SN-2033-88, call 139 0000 4417 now; 52.3 litres at 10:30 on 2026-11-20 for 18650 yuan"
    assert numbers_in(text) == {"a12345", "sn203388", "13900004417"}


def test_a_long_text_takes_no_long_time_and_never_raises():
    long = "1234567 7654321 abc漏油 " * 5_000
    assert telling(long) == {"abc", "漏油"}
    assert len(numbers_in(long)) < 9
    assert telling("\0\ud83d" * 9) | numbers_in("\0\ud83d" * 9) == set()


@pytest.mark.parametrize(
    ("text", "tokens", "words"),
    [
        ("枪嘴一直滴柴油", {"滴柴", "柴油", "枪嘴"}, ["枪嘴", "滴柴油"]),
        ("The nozzle drips diesel", {"diesel", "nozzle"}, ["nozzle", "diesel"]),
        ("sold to 陕A·12345", {"a12345"}, ["a12345"]),
        ("one two three four five six", {"three", "four", "five", "six", "one"}, ["one", "three", "four", "five"]),
    ],
)
def test_shared_words_are_read_in_the_order_of_the_text(text, tokens, words):
    assert in_words(tokens, text) == words
