"""From a notice to the text message that is sent: one thing, short, with the link, in the customer's language.

The words stand in templates/sms/<event>.txt, or where the provider wants that as they are registered with it
(models.SmsTemplate). At most one part in English and two in Chinese with the signature: what would be longer is said
more briefly (`brief`), and the customer's page says the rest. Never cut.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from followups.models import Notice, SmsTemplate
from followups.notices.mail_values import values_of
from followups.outbox.sms_parts import IN_GSM, IN_UCS2, MAINLAND, PLAIN, length_of
from followups.outbox.sms_ready import REGISTERED_ONLY, template_of

MOST_PARTS = {"en": 1, "zh-hans": 2}
# Beside Chinese characters a space stands for nothing.
CHINESE_GAP = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) +| +(?=[\u3000-\u9fff\uff00-\uffef])")
# What a registered text may be filled with.
HOLES = {
    "reference": gettext_lazy("the reference of the complaint"),
    "code": gettext_lazy("the end of the customer’s link, after /c/"),
    "who": gettext_lazy("who looks after it"),
    "when": gettext_lazy("the date that it speaks of"),
}
# In which of the values that date stands, by kind; else it is when the customer hears from us next.
WHEN = {
    "customer_promise_broken": "again_due_at",
    "customer_promise_moved": "due_at",
    "customer_promised": "due_at",
    "customer_archived": "reopen_by",
    "customer_options": "until",
}


class NothingToFillIn(Exception):
    """A registered text speaks of something that this notice does not have."""


@dataclass
class Text:
    """A text message: to which number, in which words, signature included, and what its notice keeps of it."""

    number: str
    words: str
    sign: str
    language: str
    parts: int
    ref: str
    template: SmsTemplate | None = None
    filled: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    # What the provider calls it, once it has it.
    provider_id: str = ""

    @property
    def after(self) -> dict[str, str]:
        """What the notice keeps once it was taken."""
        return {"provider_id": self.provider_id}


def compose(notice: Notice, *, now: datetime) -> Text:
    """The text message of `notice`, to its `address`, not sent; the same notice keeps the same reference.

    Raises NothingToFillIn.
    """
    sign = settings.SMS["signs"][notice.language]
    template = template_of(notice.event, notice.language)
    with translation.override(notice.language), timezone.override(settings.TIME_ZONE):
        values = values_of(notice, now)
        filled = _filled(template, notice, values) if template is not None else {}
        words = signed(template.filled(filled), sign, notice.language) if template else _shortest(notice, values, sign)
    parts = length_of(words, to=notice.address).parts
    ref = notice.send_ref or secrets.token_hex(16)
    # The customer's link is a key and is not kept in the open; what a person wrote stands in the conversation.
    kept = "" if "message" in notice.data else words.replace(_code(values), "…")
    return Text(
        number=notice.address,
        words=words,
        sign=sign,
        language=notice.language,
        parts=parts,
        ref=ref,
        template=template,
        filled=filled,
        kept={"words": kept, "parts": parts, "send_ref": ref},
    )


def signed(words: str, sign: str, language: str) -> str:
    """A text with its signature, as it stands on the phone."""
    return f"【{sign}】{words}" if language.startswith("zh") else f"{sign}: {words}"


def room_for_words(language: str, link: str, reference: str) -> int:
    """How many characters of a message to the customer go out as they are; longer ones are read on the link.

    None with a provider who takes registered texts only.
    """
    if template_of("customer_message", language) is not None or settings.SMS["provider"] in REGISTERED_ONLY:
        return 0
    with translation.override(language):
        around = _render("customer_message", {"reference": reference, "message": "x", "link": link})
    used = length_of(signed(around, settings.SMS["signs"][language], language), to=_rule_of(language)).units
    return max(0, _longest(language) - used + 1)


def most_parts(language: str, number: str) -> int:
    """In how many parts at most a text in our own words travels to `number`, where other rules may hold than here."""
    return length_of(
        "一" * _longest(language) if language.startswith("zh") else "a" * _longest(language), to=number
    ).parts


def _longest(language: str) -> int:
    return MOST_PARTS[language] * IN_UCS2[1] if language.startswith("zh") else IN_GSM[0]


def _shortest(notice: Notice, values: dict[str, Any], sign: str) -> str:
    """All of it where that is short enough, else the brief form."""
    language = notice.language
    words = signed(_render(notice.event, values), sign, language)
    if length_of(words, to=_rule_of(language)).parts <= MOST_PARTS[language]:
        return words
    return signed(_render(notice.event, values | {"brief": True}), sign, language)


def _rule_of(language: str) -> str:
    """Chinese is counted as in China wherever it goes; what an English text may have is one part as everywhere."""
    return MAINLAND if language.startswith("zh") else ""


def _render(event: str, values: dict[str, Any]) -> str:
    found = get_template(f"sms/{event}.txt")
    assert isinstance(found, Template)  # Django's own engine is the only one
    text = " ".join(found.template.render(Context(values, autoescape=False)).split())
    if (translation.get_language() or "").startswith("zh"):
        return CHINESE_GAP.sub("", text)
    return text.translate(PLAIN)


def _filled(template: SmsTemplate, notice: Notice, values: dict[str, Any]) -> dict[str, str]:
    """What the holes of a registered text are filled with."""
    when = values.get(WHEN.get(notice.event, "next")) or ""
    if notice.event == "customer_dates_changed":
        when = next((change["after"] for change in values["changes"] if change["after"]), "")
    known = {"reference": values["reference"], "code": _code(values), "who": values["who"], "when": when}
    filled = {name: known.get(name, "") for name in template.holes}
    empty = [name for name, value in filled.items() if not value]
    if empty:
        raise NothingToFillIn(", ".join(empty))
    return filled


def _code(values: dict[str, Any]) -> str:
    return str(values["link"]).rstrip("/").rpartition("/")[2]
