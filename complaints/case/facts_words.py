"""Corrected facts in words: which they were, and each with its old and its new value, in the active language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext as _, gettext_lazy, pgettext, pgettext_lazy

from complaints.case.event_kinds import EventKind
from complaints.case.narrated import NarratedEvent
from complaints.choices import LANGUAGES, Kind, Way
from complaints.models import Customer
from complaints.ways import WHATEVER_WORKS
from ui.wording import date_words

LABELS = {
    "name": gettext_lazy("Name"),
    "title": gettext_lazy("Title"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "postal_address": gettext_lazy("Postal address"),
    "way": gettext_lazy("How to tell them"),
    "call_hours": gettext_lazy("When to call"),
    "language": gettext_lazy("The customer’s language"),
    "wishes_no_contact": gettext_lazy("Does not want to be contacted"),
    "kind": gettext_lazy("Kind"),
    "site": gettext_lazy("Site"),
    "place": gettext_lazy("Where exactly"),
    "occurred_at": gettext_lazy("When it happened"),
    "named_people": gettext_lazy("Employees named in it"),
}
CHOICES = {"kind": Kind, "title": Customer.Title, "way": Way}
NOBODY, NOTHING = gettext_lazy("nobody"), pgettext_lazy("a value", "nothing")


@dataclass(frozen=True)
class Corrected:
    """One fact that was corrected, as it is read."""

    label: str
    old: str
    new: str


def sentence(data: dict[str, Any]) -> str:
    """Which facts an event corrected."""
    names = [str(LABELS.get(name, name)) for name in data.get("changes", {})]
    return _("Facts corrected: %(facts)s") % {"facts": pgettext("list", ", ").join(names)}


def corrections(data: dict[str, Any], people: Mapping[int, str], at: datetime) -> list[Corrected]:
    """Each fact that an event corrected; `people` are the names for ids, `at` is the reader's now."""
    return [
        Corrected(
            str(LABELS.get(name, name)),
            in_words(name, change.get("old"), people, at),
            in_words(name, change.get("new"), people, at),
        )
        for name, change in data.get("changes", {}).items()
    ]


def lines(told: NarratedEvent) -> list[str]:
    """The corrections of an event of the history (timeline.NarratedEvent), a line each, and the team it went to."""
    data = told.event.data
    if told.event.kind != EventKind.FACTS_CORRECTED:
        return []
    said = [
        _("%(label)s: %(old)s → %(new)s") % {"label": each.label, "old": each.old, "new": each.new}
        for each in corrections(data, told.people, told.at)
    ]
    if told.team("team"):
        said.append(_("The case is with %(team)s now.") % {"team": told.team("team")})
    return said


def people_in(data: dict[str, Any]) -> set[int]:
    """The ids of the people whom an event speaks of as named."""
    change = data.get("changes", {}).get("named_people", {}) if isinstance(data.get("changes"), dict) else {}
    return {*change.get("old", ()), *change.get("new", ())}


def in_words(name: str, value: Any, people: Mapping[int, str], at: datetime) -> str:
    """A value as an event keeps it (complaints.steps.facts), for people to read."""
    if name == "named_people":
        return _people(value or [], people)
    if name == "wishes_no_contact":
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        chinese = (get_language() or "").startswith("zh")
        return (value.get("name_zh") if chinese else "") or value.get("name") or "–"
    if name == "occurred_at" and value:
        moment = value if isinstance(value, datetime) else parse_datetime(str(value))
        return date_words(moment, at) if moment else str(value)
    if name == "way" and not value:
        return str(WHATEVER_WORKS)
    if name == "language":
        return dict(LANGUAGES).get(value, str(value))
    if name in CHOICES and value in CHOICES[name].values:
        return str(CHOICES[name](value).label)
    return str(value) if value else str(NOTHING)


def _people(ids: Collection[int], people: Mapping[int, str]) -> str:
    names = [people.get(pk, "–") for pk in ids]
    return pgettext("list", ", ").join(names) if names else str(NOBODY)
