import pytest

from complaints.search.likeness import numbers_in, telling
from complaints.search.tokens import beginnings_of, tokens_of, tokens_of_reference, understand
from tests.growth import growth


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("漏油", {"漏油", "油"}),
        ("油枪漏油", {"油枪", "枪漏", "漏油", "油"}),
        ("漏", {"漏"}),
        ("95号油枪 ABC", {"95", "号油", "油枪", "枪", "abc"}),
        ("ＡＢＣ１２３", {"abc123"}),
        ("陕A·8K417", {"陕", "a", "8k417", "a8k417"}),
        ("𠮷野家", {"𠮷野", "野家", "家"}),
        ("態度惡劣", {"态度", "度恶", "恶劣", "劣"}),
        ("Frau Müller-Łuk", {"frau", "muller", "mueller", "luk"}),
        ("José Straße", {"jose", "strasse"}),
        ("<b>&nbsp;</b>", {"b", "nbsp"}),
        ("！？。%_'\\", set()),
        ("", set()),
    ],
)
def test_what_is_indexed_of_a_text(text, tokens):
    assert tokens_of(text) == tokens


@pytest.mark.parametrize("phone", ["13900004417", "+86 139 0000 4417", "139-0000-4417", "+8613900004417"])
def test_a_phone_number_is_found_by_any_four_digits_of_it_however_it_is_written(phone):
    tokens = tokens_of(phone)
    assert "4417" in tokens
    for begin in range(8):
        assert any(token.startswith("13900004417"[begin : begin + 4]) for token in tokens)


def test_a_reference_is_found_by_its_number_not_by_what_all_have_in_common():
    assert tokens_of_reference("C-2026-000123") == {"c2026000123", "000123"}


def test_a_long_joined_number_is_cut_not_forgotten():
    assert any(token.startswith("aaaaaaaaaa1") for token in tokens_of("-".join(["a" * 10 + "1"] * 9)))


@pytest.mark.parametrize(
    ("typed", "tsquery"),
    [
        ("漏油", "'漏油'"),
        ("漏", "'漏':*"),
        ("油枪漏油", "'枪漏' & '油枪' & '漏油'"),
        ("Invo 漏油", "'漏油' & 'invo':*"),
        ("4417", "'4417':*"),
        ("95", "'95'"),
        ("O'Brien", "'o' & 'brien':*"),
        ("a & b | !c:*", "'a' & 'b' & 'c'"),
        ("C-2026-000123", "'c2026000123':*"),
        ("2026-000123", "'c2026000123':*"),
        ("C 2026 000123", "'c2026000123':*"),
        ("c2026000123", "'c2026000123':*"),
        ("2026 000123", "'c2026000123':*"),
        ("C-2026-123", "('c2026000123':* | 'c2026123':*)"),
        ("c 2026 123", "('c2026000123':* | 'c2026123':*)"),
        ("2026-123", "('c2026000123':* | 'c2026123':*)"),
        ("2026-11-20", "'20261120':*"),
        ("态度", "'态度'"),
        ("態度", "'态度'"),
        ("Muller", "'muller':*"),
        ("Mueller", "'mueller':*"),
        ("Müller", "('muller':* | 'mueller':*)"),
        ("+86 13900004417", "'13900004417':*"),
        ("+8613900004417", "'13900004417':*"),
        ("0086 139 0000 4417", "'13900004417':*"),
        ("008613900004417", "'13900004417':*"),
        ("0044 20 7946 0958", "'2079460958':*"),
        ("SN-2033 漏油", "'漏油' & 'sn2033':*"),
        ("陕A·8K417", "'a8k417':* & '陕':*"),
        ("139 0000 4417", "'13900004417':*"),
        ("pump 4 95", "'4' & '95' & 'pump':*"),
        ("2019 2020 refund", "'20192020':* & 'refund':*"),
        ("油箱只有五十升却显示", "'五十' & '升却' & '只有' & '显示' & '油箱'"),
    ],
)
def test_what_a_query_asks_for(typed, tsquery):
    assert understand(typed).as_tsquery() == tsquery


@pytest.mark.parametrize(
    ("token", "beginnings"),
    [
        ("油枪", {"油"}),
        ("油", {"油"}),
        ("pump", {"pu", "pum", "pump"}),
        ("a", set()),
        ("sn2033", {"sn"}),
        ("8k417", set()),
        ("13900004417", set()),
        ("misunderstanding", {"misunderstanding"[:length] for length in range(2, 13)}),
        ("über", {"üb", "übe", "über"}),
        ("@t1", set()),
    ],
)
def test_how_a_token_begins(token, beginnings):
    assert beginnings_of([token]) == beginnings


@pytest.mark.parametrize(
    ("typed", "of_tokens", "of_beginnings"),
    [
        ("漏油", "'漏油'", ""),
        ("漏", "", "'漏'"),
        ("Invo 漏油 4417", "'漏油' & '4417':*", "'invo'"),
        ("SN-2033 refund", "'sn2033':*", "'refund'"),
        ("misunderstandings", "'misunderstandings':*", ""),
        ("Müller", "", "('muller' | 'mueller')"),
        ("Lückenbüßerzz", "('luckenbusserzz':* | 'lueckenbuesserzz':*)", ""),
    ],
)
def test_beginnings_that_are_indexed_are_looked_up_as_they_stand(typed, of_tokens, of_beginnings):
    query = understand(typed)
    assert (query.for_tokens(), query.for_beginnings()) == (of_tokens, of_beginnings)


@pytest.mark.parametrize("typed", ["", "%", "'", "\\", "😀", "!!! ???", "\u200b", "，。"])
def test_without_a_word_a_query_is_empty(typed):
    assert understand(typed).is_empty


@pytest.mark.parametrize("part", ["a", "1", "a-", "12 ", "+1 ", "漏", "漏a", "\u0315\u0300", "\ufdfa", "_", "a."])
@pytest.mark.parametrize("work", [tokens_of, understand, telling, numbers_in], ids=lambda work: work.__name__)
def test_taking_a_text_apart_takes_time_in_proportion_to_it(work, part):
    assert growth(work, part * (4_000 // len(part)) + "!") < 30
