from dataclasses import replace
from datetime import UTC, datetime

import pytest

from complaints.importing import mapping
from complaints.importing.errors import RowRejected
from complaints.importing.readers import Row
from complaints.importing.rows import row_key, understand, unpadded

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ZH = mapping.load("zh_complaints")
CFPB = mapping.load("cfpb")


def zh(**cells) -> Row:
    values = dict.fromkeys([*ZH.columns.values(), *ZH.keep], "")
    values |= {"留言详情": "油枪漏油", "留言时间": "2019/1/9 8:05:02"} | cells
    return Row(7, values)


def us(**cells) -> Row:
    values = dict.fromkeys([*CFPB.columns.values(), *CFPB.narrative_from, *CFPB.keep], "")
    values |= {"Date received": "2023-04-20", "Issue": "Wrong amount", "Submitted via": "Web"} | cells
    return Row(3, values)


def case(row, how=ZH):
    return understand(row, how, key="k", latest=NOW)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\n\t\t\t\t\t\n\t\t\t油枪漏油\n\t\t\t", "油枪漏油"),
        ("第一行_x000D_\n第二行", "第一行\n\n第二行"),
        ("\u3000\u3000您好\u00a0，世界", "您好 ，世界"),
        ("a\tb", "a b"),
        ("𠮷野家", "𠮷野家"),
        ("1\n\n\n\n2", "1\n\n2"),
        ("_x00zz_", "_x00zz_"),
    ],
)
def test_what_spreadsheets_leave_around_a_text_is_taken_off(raw, clean):
    assert unpadded(raw) == clean


@pytest.mark.parametrize("raw", ["2019/1/9 8:05:02", "2019-01-09 08:05:02", "\t2019/1/9 8:05:02 "])
def test_both_date_formats_are_read_in_the_files_zone(raw):
    assert case(zh(留言时间=raw)).received_at == datetime(2019, 1, 9, 0, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize("raw", ["2019-01-09 08:05:02.500000", "2019-01-09 00:05:02+00:00"])
def test_a_real_date_and_a_zone_of_its_own_are_read(raw):
    how = replace(ZH, dates=("%Y-%m-%d %H:%M:%S%z", "%d.%m.%Y"))
    moment = case(zh(留言时间=raw), how).received_at
    assert moment.replace(microsecond=0) == datetime(2019, 1, 9, 0, 5, 2, tzinfo=UTC)


def test_a_reply_may_carry_a_date_only():
    answered = case(zh(答复意见="已收悉", 答复时间="2019/5/14"))
    assert answered.replied_at == datetime(2019, 5, 13, 16, 0, tzinfo=UTC)
    assert answered.is_resolved


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"留言详情": " \u3000\n\t"}, "留言详情: there is no text"),
        ({"留言详情": "x" * 20_001}, "20,001 characters"),
        ({"留言时间": ""}, "留言时间: the date is missing"),
        ({"留言时间": "30 Feb"}, '留言时间: "30 Feb" is not a date'),
        ({"留言时间": "2019/2/30 8:00:00"}, "is not a date"),
        ({"留言时间": "0001/1/1 8:00:00"}, "is not a date"),
        ({"留言时间": "1900/1/1 8:00:00"}, "is not a possible date"),
        ({"留言时间": "2999/1/1 8:00:00"}, "is not a possible date"),
        ({"答复意见": "ok", "答复时间": "yesterday"}, "答复时间"),
        ({"答复意见": "ok", "答复时间": "9999/12/31 23:59:59"}, "答复时间: "),
        ({"留言详情": "漏油_xD800_"}, "留言详情: a character in it is broken"),
    ],
)
def test_a_row_that_cannot_be_a_complaint_says_which_column_and_why(cells, reason):
    with pytest.raises(RowRejected) as rejected:
        case(zh(**cells))
    assert reason in str(rejected.value)


def test_a_ragged_row_is_rejected_with_its_counts():
    with pytest.raises(RowRejected, match="3 cells"):
        case(Row(5, {}, "the row has 3 cells, the header has 12"))


def test_without_a_narrative_issue_and_sub_issue_stand_in():
    assert case(us(**{"Sub-issue": "Charged twice"}), CFPB).narrative == "Wrong amount\nCharged twice"
    assert case(us(), CFPB).narrative == "Wrong amount"
    assert case(us(**{"Consumer complaint narrative": "I was charged XXXX twice."}), CFPB).narrative.startswith(
        "I was"
    )


@pytest.mark.parametrize(
    ("response", "resolved"),
    [("Closed with explanation", True), ("In progress", False), ("Untimely response", False), ("", False)],
)
def test_only_a_final_company_response_resolves(response, resolved):
    understood = case(us(**{"Company response to consumer": response}), CFPB)
    assert understood.is_resolved is resolved
    assert understood.source.get("response", "") == response


def test_an_unknown_channel_is_rejected_rather_than_guessed():
    with pytest.raises(RowRejected, match="Pigeon"):
        case(us(**{"Submitted via": "Pigeon"}), CFPB)


def test_the_key_is_the_content_not_the_number():
    first, renumbered = zh(留言编号="1"), zh(留言编号="2")
    assert row_key(first) == row_key(Row(99, dict(reversed(first.values.items()))))
    assert row_key(first) != row_key(renumbered)
    assert row_key(first) != row_key(first, occurrence=2)
