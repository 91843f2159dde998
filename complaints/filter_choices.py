"""The teams, categories and people that a list can be filtered by, read in one query."""

from dataclasses import dataclass, field

from django.db.models import BigIntegerField, CharField, F, Value
from django.db.models.functions import Cast, Concat, LPad

from accounts.access import reach_of
from accounts.models import Person, Role, Team
from complaints.models import Category

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class FilterChoices:
    """(id, label) pairs in the active language; ids are texts, as they stand in an address."""

    sites: Choices = field(default_factory=list)
    teams: Choices = field(default_factory=list)
    categories: Choices = field(default_factory=list)
    handlers: Choices = field(default_factory=list)
    # Category id → ids of the entries right under it.
    children: dict[str, list[str]] = field(default_factory=dict)

    def with_those_below(self, categories: list[str]) -> set[str]:
        """The ids of the categories and of all entries under them."""
        found, waiting = set(), list(categories)
        while waiting:
            entry = waiting.pop()
            if entry not in found:
                found.add(entry)
                waiting += self.children.get(entry, [])
        return found


def filter_choices(person: Person) -> FilterChoices:
    """Return what `person` may filter by: all teams and categories, and the handlers of the teams in reach."""
    found = sorted(_teams().union(_categories(), _handlers(person)), key=lambda row: row[-1])
    choices = FilterChoices()
    for source, pk, name, name_zh, extra, parent, _position in found:
        key = str(pk)
        if source == "team":
            entry = (key, Team(name=name, name_zh=name_zh).label)
            choices.teams.append(entry)
            if extra in (Team.Kind.SITE, Team.Kind.DEPARTMENT):
                choices.sites.append(entry)
        elif source == "category":
            choices.categories.append((key, Category(name=name, name_zh=name_zh).label))
            if parent is not None:
                choices.children.setdefault(str(parent), []).append(key)
        else:
            choices.handlers.append((key, Person(name=name, name_zh=name_zh, username=extra).label))
    return choices


# Three queries of the same shape: source, id, name, Chinese name, something of its own, parent, position.
def _teams():
    return Team.objects.order_by().values_list(
        _text("team"), "pk", "name", "name_zh", "kind", Value(None, BigIntegerField()), "path"
    )


def _categories():
    position = Concat(LPad(Cast("position", CharField()), 5, _text("0")), "name")
    return Category.objects.order_by().values_list(
        _text("category"), "pk", "name", "name_zh", _text(""), "parent", position
    )


def _handlers(person: Person):
    in_reach = {
        "memberships__role__in": [Role.HANDLER, Role.SUPERVISOR],
        "memberships__team__in": reach_of(person).of(*Role),
    }
    return (
        Person.objects.filter(**in_reach)
        .order_by()
        .values_list(_text("person"), "pk", "name", "name_zh", "username", Value(None, BigIntegerField()), F("name"))
    )


def _text(value: str) -> Value:
    return Value(value, CharField())
