"""Reply templates: a text to start from, its variables filled in the customer's language.

Only known variables are filled, and only once, in what an administrator wrote: braces in anybody's own text stay as
they are, and what a value holds is never read as a variable again. Each date has a variable of its own, filled from
the very row it speaks of; one that has no such row stays visible, and a text with a hole never goes out.
"""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _, pgettext

from accounts.models import Person
from accounts.written import WrittenRows
from complaints.errors import Refused
from complaints.models import Complaint, Customer, ReplyTemplate
from complaints.texts import clean_text
from complaints.writing import holes
from ui.wording import date_words

# What is promised next; when the result is told; before and after it was moved; what we did not keep; when we come;
# until when the offers stand; when we call, and when we called in vain.
DATES = (
    "promised",
    "result_by",
    "old_date",
    "new_date",
    "missed_date",
    "appointment",
    "offer_until",
    "call_by",
    "called",
)
VARIABLES = ("salutation", "handler", "reference", *DATES)
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


# Rooms above know more dates than this one: (complaint, at) → moments by variable.
Dates = Callable[[Complaint, datetime], dict[str, datetime | None]]
_dates: list[Dates] = []


def register_dates(dates: Dates):
    """Let `dates(complaint, at)` say what variables stand for; adding it twice counts once."""
    if dates not in _dates:
        _dates.append(dates)


class Unfilled(Refused):
    """A text to the customer in which holes of a template still stand; `holes` and the message name them."""

    status = 422

    def __init__(self, holes: list[str]):
        self.holes = holes
        super().__init__(_("Write words for %(holes)s") % {"holes": pgettext("list", ", ").join(holes)})


def active() -> list[ReplyTemplate]:
    """The templates that may be chosen, in their order."""
    return _ACTIVE.instances()


# Every complaint page asks.
_ACTIVE = WrittenRows(ReplyTemplate, lambda templates: templates.filter(active=True))


def fill(text: str, values: dict[str, str]) -> str:
    """Return `text` with each known variable replaced by its value; one without a value stays visible."""
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)


def unfilled(text: str) -> list[str]:
    """The holes that still stand in a text ("{promised}", "[what we found]"): nothing that a customer should read."""
    return holes.in_text(text, variables=_VARIABLE, known=_known_brackets() if holes.bracketed(text) else ())


def refuse_unfilled(text: str):
    """Raises Unfilled if a hole stands in `text` (may be raw): it is about to go to the customer."""
    # As it is stored: an invisible character inside a variable is gone then.
    found = unfilled(clean_text(text))
    if found:
        raise Unfilled(found)


def _known_brackets() -> list[str]:
    """Every bracketed hole of every template, those that are not offered any more included. One query."""
    bodies = ReplyTemplate.objects.values_list("body", "body_zh")
    return [hole for both in bodies for body in both for hole in holes.bracketed(body)]


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
    """What the variables stand for at `at`; "" for a date that has no row, or lies behind where it must lie ahead.

    Words are in the customer's language and the organisation's time zone. `handler` is the person who looks after
    the complaint, or who writes where nobody does yet.
    """
    language = complaint.language
    with translation.override(language), timezone.override(ZoneInfo(settings.TIME_ZONE)):
        moments = _dates_of(complaint, at)
        return {
            "salutation": salutation(complaint.customer),
            "handler": (complaint.handler or writer).label_in(language),
            "reference": complaint.reference,
        } | {name: date_words(moment, at, "long") if (moment := moments.get(name)) else "" for name in DATES}


def _dates_of(complaint: Complaint, at: datetime) -> dict[str, datetime | None]:
    offers = complaint.options.filter(round=complaint.round, expires_at__gt=at, withdrawn_at=None, chosen_at=None)
    moments: dict[str, datetime | None] = {
        "offer_until": min((o.expires_at for o in offers if o.may_be_shown and o.expires_at), default=None)
    }
    for dates in _dates:
        moments |= dates(complaint, at)
    return moments


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
