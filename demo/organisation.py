"""Teams, calendars, limits, the two catalogues and the reply templates of the demo.

Everything is found by its name first: what a visitor changed stays changed when the demo is loaded again.
"""

from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal

from accounts.models import AuthorityLimit, Calendar, CalendarSpan, DeskRules, Team
from complaints.models import Category, ReplyTemplate, RootCause
from demo.files import read
from followups.models import PromisePolicy


@dataclass
class Organisation:
    """What stories refer to by a key: teams ("hexi"), categories and causes ("metering.over", "metering")."""

    teams: dict[str, Team] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    causes: dict[str, RootCause] = field(default_factory=dict)


def build() -> Organisation:
    """Make what is missing of the demo organisation and return it."""
    given, catalogue = read("organisation"), read("catalogue")
    DeskRules.objects.get_or_create(pk=1, defaults=given["rules"])
    calendars = {key: _calendar(**row) for key, row in given["calendars"].items()}
    organisation = Organisation(
        categories=_tree(Category, catalogue["categories"]),
        causes=_tree(RootCause, catalogue["causes"]),
    )
    for key, row in given["teams"].items():
        organisation.teams[key] = _team(row, calendars, organisation.teams)
    for row in given["limits"]:
        AuthorityLimit.objects.get_or_create(
            team=organisation.teams[row["team"]], role=row["role"], defaults={"amount": Decimal(row["amount"])}
        )
    for row in given["policies"]:
        key = {"category": organisation.categories[row.pop("category")]}
        key |= {name: row.pop(name) for name in ("severity", "kind")}
        PromisePolicy.objects.get_or_create(**key, defaults=row)
    for position, row in enumerate(read("replies"), start=1):
        bodies = {name: _unwrapped(row[name]) for name in ("body", "body_zh")}
        ReplyTemplate.objects.get_or_create(name=row.pop("name"), defaults=row | bodies | {"position": position})
    return organisation


def _unwrapped(text: str) -> str:
    """Paragraphs on one line each: the file is wrapped for its readers, a letter is not."""
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in text.split("\n\n"))


def _calendar(name: str, weekdays: dict | None = None, **fields) -> Calendar:
    calendar, is_new = Calendar.objects.get_or_create(name=name, defaults=fields)
    if is_new and weekdays:
        CalendarSpan.objects.bulk_create(
            CalendarSpan(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
            for days, spans in weekdays.items()
            for weekday in _days(days)
            for opens, closes in map(_span, spans)
        )
    return calendar


def _days(days: str) -> range:
    """ "0-4": Monday to Friday."""
    first, last = map(int, days.split("-"))
    return range(first, last + 1)


def _span(span: str) -> tuple[time, time]:
    """ "08:00-12:00"."""
    opens, closes = map(time.fromisoformat, span.split("-"))
    return opens, closes


def _team(row: dict, calendars: dict[str, Calendar], teams: dict[str, Team]) -> Team:
    row = row | {"calendar": calendars.get(row.get("calendar", "")), "parent": teams.get(row.get("parent", ""))}
    team, _is_new = Team.objects.get_or_create(name=row.pop("name"), parent=row.pop("parent"), defaults=row)
    return team


def _tree(model: type[Category] | type[RootCause], given: dict) -> dict:
    """Entries of two levels by key: "metering" and "metering.over"."""
    known = {(entry.parent_id, entry.name): entry for entry in model.objects.all()}

    def entry(names: list[str], parent, position: int):
        name, name_zh = names
        found = known.get((parent.pk if parent else None, name))
        return found or model.objects.create(name=name, name_zh=name_zh, parent=parent, position=position)

    found = {}
    for position, (key, row) in enumerate(given.items(), start=1):
        top = found[key] = entry(row["is"], None, position)
        below = [(name, names) for name, names in row.items() if name != "is"]
        for place, (name, names) in enumerate(below, start=1):
            found[f"{key}.{name}"] = entry(names, top, place)
    return found
