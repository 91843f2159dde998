import sys
import unicodedata

import pytest

from complaints.phones import phone_key
from complaints.texts import (
    TooLong,
    clean_line,
    clean_text,
    is_visible,
    normalised,
    read_line,
    read_text,
    subject_from,
)
from tests.growth import growth

FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  a\r\nb  ", "a\nb"),
        ("Jose\u0301", "José"),
        ("\u200b\u200b", ""),
        ("a\x08b\x1b[31m", "ab[31m"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        (FAMILY, FAMILY),
        ("{{7*7}} ${7*7} <b>", "{{7*7}} ${7*7} <b>"),
    ],
)
def test_texts_are_cleaned_but_never_rewritten(raw, clean):
    assert clean_text(raw) == clean


def test_one_line_fields_lose_their_line_breaks():
    assert clean_line("A\r\nBcc: x@y") == "A Bcc: x@y"
    assert clean_line("a\u2028b\u0085c") == "a b c"


def test_what_can_be_seen():
    assert is_visible("漏油")
    assert not is_visible(" \u3000\u00a0\u200d\n")


@pytest.mark.parametrize(
    ("narrative", "subject"),
    [
        ("我在4号枪加油，显示52.3升。我的油箱一共才50升。", "我在4号枪加油，显示52.3升。"),
        ("It said 52.3 litres. My tank holds 50.", "It said 52.3 litres."),
        ("first line\nsecond line", "first line"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_a_subject_is_the_first_sentence(narrative, subject):
    assert subject_from(narrative) == subject


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("139 0000 4417", "+8613900004417"),
        ("+86-139-0000-4417", "+8613900004417"),
        ("029-8888 1234", "+862988881234"),
        ("+1 212 555 0100", "+12125550100"),
        ("12315", "12315"),
        ("95105555", "95105555"),
        ("", ""),
        ("no number", ""),
        ("029-88881234 转 123", "02988881234123"),
    ],
)
def test_phone_keys(raw, key):
    assert phone_key(raw) == key


# Work that grows no faster than the text -------------------------------------------------------------

HOSTILE = {
    "marks of two kinds on one letter": "\u0315\u0300",
    "a character that is two marks": "\u0f73",
    "a half-width mark and another": "\uff9e\u0300",
    "marks with an invisible character between": "\u0315\u202e\u0300\x08",
    "one letter with marks after the other": "a" + "\u0315" * 29,
    "syllables taken apart": "\u1112\u1161\u11ab",
    "one Arabic letter that is eighteen": "\ufdfa",
    "less-than": "<",
    "nothing to be seen": "\u200b",
    "line ends": "\r\n",
}


@pytest.mark.parametrize("part", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("work", [clean_text, clean_line, subject_from], ids=lambda work: work.__name__)
def test_cleaning_takes_time_in_proportion_to_the_text(work, part):
    assert growth(work, "a" + part * (16_000 // len(part))) < 30


@pytest.mark.parametrize("part", HOSTILE.values(), ids=HOSTILE)
def test_what_is_cleaned_stays_as_it_is(part):
    once = clean_text("a" + part * 100 + "b")
    assert clean_text(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "Tiếng Việt: nghiêng ngả, thuở ấy, Nguyễn",
        unicodedata.normalize("NFD", "Tiếng Việt: nghiêng ngả, thuở ấy, Nguyễn"),
        "हिन्दी में क्ष्म्य और ज़्यादा",
        "น้ำมันรั่วที่หัวจ่าย ปั๊มนี้",
        "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
        "Z͑ͫ̓a̴l̵g̶o̷",
        "👨‍👩‍👧‍👦🏳️‍🌈👍🏽❤️",
        "한국어 주유소",
    ],
)
def test_every_script_is_kept_as_it_is_written(text):
    assert clean_text(text) == unicodedata.normalize("NFC", text)


def test_of_a_pile_of_marks_thirty_are_kept():
    assert clean_text("a" + "\u0315" * 31 + "b") == "a" + "\u0315" * 30 + "b"
    assert normalised("NFKC", "a" + "\uff9e" * 40) == "a" + "\u3099" * 30


def test_no_mark_of_unicode_is_forgotten():
    starts = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    marks = [one for one in starts if unicodedata.combining(unicodedata.normalize("NFKD", one)[0])]
    assert len(marks) > 900
    assert [one for one in marks if len(normalised("NFC", "a" + one * 40)) > 32] == []


def test_a_text_that_is_far_too_long_is_refused_unread(monkeypatch):
    monkeypatch.setattr("complaints.texts.clean_text", None)
    with pytest.raises(TooLong) as refusal:
        read_line("x" * 10_001, 200)
    assert (str(refusal.value), refusal.value.status) == ("At most 200 characters (you wrote 10001).", 422)


def test_what_cleaning_makes_short_enough_is_taken():
    apart = unicodedata.normalize("NFD", "ễ" * 5_000)
    assert len(apart) == 15_000
    assert read_text(apart, 5_000) == "ễ" * 5_000
    assert read_text("a\r\n" * 3_000, 6_000) == ("a\n" * 3_000).strip()
    with pytest.raises(TooLong, match="you wrote 5001"):
        read_text("ễ" * 5_001, 5_000)
