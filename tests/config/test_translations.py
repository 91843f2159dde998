"""What the desk says in Chinese: promises and moments in words, and the mails it sends."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from accounts.worktime.explain import Explanation, Step
from complaints.choices import STAGE_LABELS, Status
from complaints.templatetags.stages import STEP_NAMES
from followups.models import Notice
from followups.notices import mails
from tests import cases
from tests.config import chinese
from ui import wording

# 12:00 in Shanghai
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def after(**length) -> datetime:
    return NOON + timedelta(**length)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (after(seconds=20), "不到1分钟"),
        (after(minutes=35), "还剩35分钟"),
        (after(minutes=70), "还剩1小时10分"),
        (after(hours=3), "还剩3小时"),
        (after(days=1), "明天"),
        (after(days=3), "还有3天"),
        (after(seconds=-20), "刚刚"),
        (after(minutes=-5), "5分钟前"),
        (after(days=-1), "昨天"),
        (after(days=-4), "4天前"),
    ],
)
def test_how_far_a_moment_is(moment, words):
    assert wording.relative_words(moment, NOON) == words


@pytest.mark.parametrize(
    ("look", "due_at", "extra", "words"),
    [
        ("open", after(minutes=35), {}, "还剩35分钟"),
        ("open", after(days=3), {}, "还有3天"),
        ("broken", after(hours=-2), {}, "超时2小时"),
        ("broken", after(days=-2), {}, "超时2天"),
        ("broken", after(days=-1), {"kept_at": NOON}, "11月17日12:00 未兑现"),
        ("kept", after(hours=1), {"kept_at": datetime(2026, 11, 18, 1, 41, tzinfo=UTC)}, "11月18日09:41 已兑现"),
        ("kept", after(hours=1), {}, "已兑现"),
        ("moved", after(hours=1), {"moved_to": after(days=6)}, "延期至11月24日"),
        ("moved", after(hours=1), {}, "已延期"),
        ("paused", None, {}, "暂停，等客户回复"),
        ("withdrawn", after(hours=1), {}, "已撤回"),
    ],
)
def test_what_a_promise_says(look, due_at, extra, words):
    assert wording.promise_words(look, due_at, NOON, **extra) == words


def test_a_moment_of_the_same_day_is_today():
    assert wording.moment_words(after(hours=2, minutes=55), NOON) == "今天14:55"


def test_the_stages_and_the_steps_have_the_words_of_the_trade():
    assert [str(STAGE_LABELS[status]) for status in Status] == [
        "待核实",
        "待分派",
        "处理中",
        "待反馈",
        "待归档",
        "已归档",
    ]
    assert "".join(str(STEP_NAMES[status]) for status in Status) == "受理核实分派处理反馈归档"


def test_an_explanation_reads_as_one_paragraph_without_spaces():
    start = datetime(2026, 2, 13, 9, 0, tzinfo=UTC)
    steps = (Step("holiday", start.date(), start.date() + timedelta(days=9), "Spring Festival"),)
    how = Explanation(start, start + timedelta(days=11), timedelta(hours=2), "Asia/Shanghai", None, False, steps)
    words = how.text(NOON)
    assert words == (
        "自2月13日（周五）17:00起2个工作小时（Asia/Shanghai）："
        "2月13日（周五）至2月22日（周日）为节假日（春节）。"
        "到期时间为2月24日（周二）17:00。"
    )


def test_the_mails_of_a_whole_case_are_chinese(cast, at, monkeypatch):
    chinese.speak(cast, monkeypatch)
    cases.at_stage(cast, Status.ARCHIVED, at, **chinese.LOGGED)
    written = [mails.compose(notice, now=at) for notice in Notice.objects.all()]
    assert {"已收到您的投诉", "您的投诉"} & {mail.subject.partition("C-")[0].rstrip("：") for mail in written}
    for mail in written:
        assert chinese.english_in(mail.subject) == []
        assert chinese.english_in(mail.body) == []


@pytest.mark.parametrize(
    "page",
    [
        "<p>登录 Sign in</p>",
        '<a aria-label="Queue">队列</a>',
        '<input placeholder="Reason">',
        '<img alt="Photo">',
        "<p><b lang='zh-Hans'>好</b> Archived</p>",
    ],
)
def test_english_on_a_page_is_found(page):
    assert len(chinese.english_on(page)) == 1


@pytest.mark.parametrize(
    "page",
    [
        "<script>let word</script><p>登录</p>",
        '<button lang="en">English</button>',
        "<p>li@desk.example，Asia/Shanghai，C-2026-000001，PDF</p>",
        '<svg><use href="sprite.svg"/></svg><input value="typed">',
    ],
)
def test_what_is_the_same_in_every_language_is_no_english(page):
    assert chinese.english_on(page) == []
