"""Holes of a text to a customer: what a template left open, and never what somebody meant."""

import re

import pytest

from complaints.writing import holes

VARIABLES = re.compile(r"\{(promised|new_date)\}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("By {promised}, then {new_date}", ["{promised}", "{new_date}"]),
        ("We found [what]", ["[what]"]),
        ("结论：【结论】", ["【结论】"]),
        ("Nothing in it: [] [ ] [...] […] [__] 【】 【……】", ["[]", "[ ]", "[...]", "[…]", "[__]", "【】", "【……】"]),
        ("On ____ at ______ we come", ["____", "______"]),
        ("尊敬的XX先生，我们于xx月xx日前答复", ["XX", "xx"]),
        ("共××元", ["××"]),
        ("{promised} [what] {promised}", ["{promised}", "[what]"]),
    ],
)
def test_a_hole_is_found_once_in_its_place(text, found):
    assert holes.in_text(text, variables=VARIABLES, known=["[what]", "【结论】"]) == found


@pytest.mark.parametrize(
    "text",
    [
        "teh [sic], see [1] and 【重要】",
        "{other} {} {{promised",
        "__init__ and snake_case_name",
        "Size XXL, plate 陕AXX12, card 6222XXXX1234, Exxon",
        "2 ×× 3 is no sum; xx",
        "[what else]",
    ],
)
def test_what_somebody_meant_is_no_hole(text):
    assert holes.in_text(text, variables=VARIABLES, known=["[what]"]) == []
