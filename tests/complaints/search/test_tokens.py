import pytest

from complaints.search.tokens import tokens_of, understand


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
        ("<b>&nbsp;</b>", {"b", "nbsp"}),
        ("！？。%_'\\", set()),
        ("", set()),
    ],
)
def test_what_is_indexed_of_a_text(text, tokens):
    assert tokens_of(text) == tokens


@pytest.mark.parametrize("phone", ["13900004417", "+86 139 0000 4417", "139-0000-4417", "+8613900004417"])
def test_a_phone_number_is_found_by_its_last_four_digits_however_it_is_written(phone):
    assert "4417" in tokens_of(phone)


@pytest.mark.parametrize(
    ("typed", "tsquery"),
    [
        ("漏油", "'漏油'"),
        ("漏", "'漏':*"),
        ("油枪漏油", "'枪漏' & '油枪' & '漏油'"),
        ("Invo 漏油", "'漏油' & 'invo':*"),
        ("4417", "'4417':*"),
        ("O'Brien", "'brien':* & 'o':*"),
        ("a & b | !c:*", "'a':* & 'b':* & 'c':*"),
    ],
)
def test_what_a_query_asks_for(typed, tsquery):
    assert understand(typed).as_tsquery() == tsquery


@pytest.mark.parametrize("typed", ["", "%", "'", "\\", "😀", "!!! ???", "\u200b", "，。"])
def test_without_a_word_a_query_is_empty(typed):
    assert understand(typed).is_empty
