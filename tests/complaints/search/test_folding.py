import pytest

from complaints.search.folding import compatible, fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Müller", "muller"),
        ("NGUYỄN", "nguyen"),
        ("Łódź", "lodz"),
        ("態度惡劣，乾燥的麵", "态度恶劣,干燥的面"),
        ("ＡＢＣ", "abc"),
        ("が ガ 각 हिन्दी й", "が ガ 각 हिन्दी й"),
    ],
)
def test_the_same_sign_is_written_in_one_way(written, folded):
    assert fold(compatible(written)) == folded


def test_folding_keeps_the_length_and_folding_again_changes_nothing():
    every = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x11000), *range(0x20000, 0x30000)]))
    folded = fold(every)
    assert len(folded) == len(every)
    assert fold(folded) == folded
