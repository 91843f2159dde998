from decimal import Decimal

import pytest
from django.utils import translation

from ui.money import money_in_any_language, money_in_column, money_in_words


@pytest.mark.parametrize(
    ("amount", "column", "english", "chinese"),
    [
        (Decimal("1200.00"), "¥1,200.00", "¥1,200", "1,200元"),
        ("186.50", "¥186.50", "¥186.50", "186.50元"),
        ("62", "¥62.00", "¥62", "62元"),
        (Decimal("0.05"), "¥0.05", "¥0.05", "0.05元"),
        (Decimal("1234567890.10"), "¥1,234,567,890.10", "¥1,234,567,890.10", "1,234,567,890.10元"),
        ("", "¥0.00", "¥0", "0元"),
        ("lots", "¥0.00", "¥0", "0元"),
    ],
)
def test_an_amount_has_one_form_in_columns_and_one_in_sentences(amount, column, english, chinese):
    with translation.override("en"):
        assert (money_in_column(amount), money_in_words(amount)) == (column, english)
    with translation.override("zh-hans"):
        assert (money_in_column(amount), money_in_words(amount)) == (column, chinese)
        assert money_in_any_language(amount) == english
