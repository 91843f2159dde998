"""Reading pages for English that should be Chinese, and cases whose every text is Chinese."""

import re
from dataclasses import fields
from html.parser import HTMLParser

from accounts.models import Person
from tests import cases
from tests.cast import Cast

VOID = {"br", "hr", "img", "input", "link", "meta", "rect", "source", "use"}
UNREAD = {"script", "style", "kbd"}
READ_OUT = ("aria-label", "title", "alt", "placeholder", "data-satisfied", "data-unsatisfied")
# Addresses, e-mail addresses, time zones and files are the same in every language.
SAME_EVERYWHERE = re.compile(r"https?://\S+|\S+@\S+|\b[A-Z][A-Za-z]+(/[A-Za-z_+-]+)+\b|\S+\.jpg")
ENGLISH = re.compile(r"[A-Za-z]{4,}")


class _Texts(HTMLParser):
    """Everything on a page that is seen or read out, except other languages and the names of time zones."""

    def __init__(self):
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        language = given.get("lang") or (self.open[-1][1] if self.open else "zh")
        if language.startswith("zh"):
            self.found += [given[name] for name in READ_OUT if given.get(name)]
        if tag == "option" and SAME_EVERYWHERE.fullmatch(given.get("value") or ""):
            language = "und"
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, language = self.open[-1] if self.open else ("", "zh")
        if tag not in UNREAD and language.startswith("zh") and data.strip():
            self.found.append(data.strip())


def english_on(page: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """The texts of an HTML page in which an English word stands; `allowed` are names that may."""
    reader = _Texts()
    reader.feed(page)
    return [text for text in reader.found if english_in(text, allowed)]


def english_in(text: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """The words of four letters or more in a plain text."""
    text = SAME_EVERYWHERE.sub("", text)
    for name in allowed:
        text = text.replace(name, "")
    return ENGLISH.findall(text)


def speak(cast: Cast, monkeypatch):
    """Let everybody read Chinese, and the cases of tests.cases be told in Chinese."""
    for field in fields(cast):
        somebody = getattr(cast, field.name)
        if isinstance(somebody, Person):
            somebody.language = "zh-hans"
            somebody.save(update_fields=["language"])
    for name, told in (("verification_data", verified), ("resolution_data", resolved), ("archive_data", archived)):
        monkeypatch.setattr(cases, name, told)


LOGGED = {
    "narrative": "我在4号枪加油，显示52.3升。我的油箱一共才50升，而且不是空的。",
    "name": "王建国",
    "title": "mr",
    "language": "zh-hans",
    "postal_address": "泾禾市河西区柳荫路18号",
    "call_hours": "17:00以后",
    "place": "4号枪",
}


def verified(at) -> dict:
    return {
        "identity_confirmed": True,
        "occurred_at": at,
        "place": "4号枪",
        "evidence_asked": True,
        "tried_already": "两次找过当班班长，没有答复",
        "desired_outcome": "检定加油机，退还多收的油款",
        "restatement": "4号枪显示52.3升，油箱容积50升。\n加油员拒绝打印小票。",
        "confirmed_how": "phone",
    }


def resolved(cast) -> dict:
    return {
        "finding_1": "复检5次，平均偏差+1.9%",
        "finding_2": "打印机缺纸",
        "cause": cast.drift,
        "solution": "停用4号枪，退还186元",
        "told_how": "phone",
        "told_note": "已电话告知王先生，他表示感谢",
    }


def archived(cast) -> dict:
    return {"responsibility": "设备服务部", "lesson": "每次更换铅封后复检"}
