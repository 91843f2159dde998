import pytest

from followups.outbox.sms_parts import length_of

CHINA = "+8613900004417"


@pytest.mark.parametrize(
    ("text", "units", "parts"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("{" * 80, 160, 1),
        ("{" * 81, 162, 2),
        # An extension character is not torn in two: the 153rd place of the first part stays empty.
        ("a" * 152 + "{" + "a" * 153, 307, 3),
        ("中" * 70, 70, 1),
        ("中" * 71, 71, 2),
        ("中" * 134, 134, 2),
        ("中" * 135, 135, 3),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        # One curly quote makes a whole English text UCS-2.
        ("a" * 70 + "’", 71, 2),
        ("€" * 80, 160, 1),
        ("á" + "a" * 69, 70, 1),
    ],
)
def test_the_world(text, units, parts):
    length = length_of(text)
    assert (length.units, length.parts) == (units, parts)


@pytest.mark.parametrize(("characters", "parts"), [(65, 1), (66, 2), (129, 2), (130, 3), (155, 3)])
def test_mainland_china_counts_the_signature_whatever_the_text(characters, parts):
    for letter in ("中", "a"):
        assert length_of("【华为云】" + letter * characters, to=CHINA).parts == parts


def test_an_english_text_to_china_is_counted_as_there():
    assert length_of("a" * 71).parts == 1
    assert length_of("a" * 71, to=CHINA).parts == 2
    assert length_of("a" * 71, to="+85291234567").parts == 1
