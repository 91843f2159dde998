import pytest

from complaints.phones import phone_key
from complaints.texts import clean_line, clean_text, is_visible, subject_from

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
