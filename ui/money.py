"""Amounts of money as people read them: one form for columns, one for sentences. The currency is the yuan."""

from decimal import Decimal, InvalidOperation

from django.utils.translation import get_language


def money_in_column(amount: Decimal | int | str) -> str:
    """Return "¥1,200.00": in a table the points stand below each other."""
    return f"¥{_decimal(amount):,.2f}"


def money_in_words(amount: Decimal | int | str) -> str:
    """Return "¥1,200" or "1,200元" by the active language; fen only where there are some."""
    chinese = (get_language() or "").startswith("zh")
    return f"{_short(amount)}元" if chinese else f"¥{_short(amount)}"


def money_in_any_language(amount: Decimal | int | str) -> str:
    """Return "¥1,200", for a text that is kept and read by people of several languages."""
    return f"¥{_short(amount)}"


def _short(amount) -> str:
    amount = _decimal(amount)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def _decimal(amount) -> Decimal:
    """What an event holds is text; one that is no number reads as nothing."""
    try:
        return Decimal(amount or 0)
    except InvalidOperation:
        return Decimal(0)
