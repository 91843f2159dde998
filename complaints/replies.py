"""Reply templates: a text to start from, its variables filled in the customer's language.

Only the four known variables are filled, and only once, in what an administrator wrote: braces in
anybody's own text stay as they are, and what a value holds is never read as a variable again.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Person
from accounts.wording import date_words
from complaints.errors import Refused
from complaints.models import Complaint, Customer, ReplyTemplate
from complaints.texts import clean_text

VARIABLES = ("salutation", "handler", "reference", "promised")
_VARIABLE = re.compile(r"\{(" + "|".join(VARIABLES) + r")\}")
_CHINESE_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")
# Surnames of two characters; every other Chinese surname has one.
COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒"
        "鲜于司空令狐",
    )
)


class Unfilled(Refused):
    """A text to the customer in which variables of a template still stand; the message names them."""

    status = 422


def active() -> list[ReplyTemplate]:
    """The templates that may be chosen, in their order."""
    return list(ReplyTemplate.objects.filter(active=True))


def fill(text: str, values: dict[str, str]) -> str:
    """Return `text` with each known variable replaced by its value; one without a value stays visible."""
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)


def unfilled(text: str) -> list[str]:
    """The variables that still stand in a text ("{promised}"): nothing that a customer should read."""
    return list(dict.fromkeys(found[0] for found in _VARIABLE.finditer(text)))


def refuse_unfilled(text: str):
    """Raises Unfilled if a variable stands in `text` (may be raw): it is about to go to the customer."""
    # As it is stored: an invisible character inside a variable is gone then.
    holes = unfilled(clean_text(text))
    if holes:
        raise Unfilled(_("Write words for %(holes)s") % {"holes": pgettext("list", ", ").join(holes)})


def text_for(template: ReplyTemplate, complaint: Complaint, *, writer: Person, at: datetime) -> str:
    """The template in the customer's language, filled with what is known of `complaint` at `at` (aware)."""
    chinese = complaint.language.startswith("zh")
    text = template.body_zh if chinese and template.body_zh else template.body
    return fill(text, values_for(complaint, writer=writer, at=at))


def with_template(data: QueryDict, name: str, complaint: Complaint, *, writer: Person, at: datetime) -> QueryDict:
    """A copy of a form's `data` whose field `name` has the text of data["template"] after what was typed.

    A template that does not exist (any more) changes nothing.
    """
    data = data.copy()
    chosen = data.get("template", "")
    template = next((template for template in active() if str(template.pk) == chosen), None)
    if template is not None:
        typed = data.get(name, "").rstrip()
        data[name] = "\n\n".join(filter(None, [typed, text_for(template, complaint, writer=writer, at=at)]))
    return data


def values_for(complaint: Complaint, *, writer: Person, at: datetime) -> dict[str, str]:
    """What the variables stand for. `promised` is the next promise, as long as it lies ahead of `at`.

    Its words are in the customer's language and the organisation's time zone. `handler` is the person
    who looks after the complaint, or who writes where nobody does yet.
    """
    language, due_at = complaint.language, complaint.next_due_at
    with translation.override(language), timezone.override(ZoneInfo(settings.TIME_ZONE)):
        return {
            "salutation": salutation(complaint.customer),
            "handler": (complaint.handler or writer).label_in(language),
            "reference": complaint.reference,
            "promised": date_words(due_at, at, "long") if due_at is not None and due_at > at else "",
        }


def salutation(customer: Customer | None) -> str:
    """How a letter begins, in the active language: by title and surname, else by the name as it was given."""
    if customer is None or not customer.name:
        return _("Dear customer")
    if customer.title == Customer.Title.MR:
        return _("Dear Mr %(name)s") % {"name": surname(customer.name)}
    if customer.title == Customer.Title.MS:
        return _("Dear Ms %(name)s") % {"name": surname(customer.name)}
    return _("Dear %(name)s") % {"name": customer.name}


def surname(name: str) -> str:
    """The surname of a name in Chinese characters. In any other script nobody can tell, so the whole name."""
    if not _CHINESE_NAME.fullmatch(name) or "·" in name or len(name) > 4:
        return name
    return name[:2] if name[:2] in COMPOUND_SURNAMES else name[0]
