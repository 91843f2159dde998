"""The teams, categories and people that a list can be filtered by, read in one query."""

from dataclasses import dataclass, field

from django.db.models import BigIntegerField, CharField, F, IntegerField, Value
from django.utils.translation import get_language

from accounts.access import reach_of
from accounts.models import Membership, Person, Role, Team
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
    chinese = (get_language() or "").startswith("zh")
    found = sorted(_teams().union(_categories(), _handlers(person), all=True), key=lambda row: row[-2:])
    choices = FilterChoices()
    for source, pk, name, name_zh, extra, parent, _position, _sorted_by in found:
        # The rule of BilingualName.label, without an instance for each of hundreds of rows.
        entry = (str(pk), (name_zh if chinese and name_zh else name) or extra)
        if source == "team":
            choices.teams.append(entry)
            if extra in (Team.Kind.SITE, Team.Kind.DEPARTMENT):
                choices.sites.append(entry)
        elif source == "category":
            choices.categories.append(entry)
            if parent is not None:
                choices.children.setdefault(str(parent), []).append(str(pk))
        else:
            choices.handlers.append(entry)
    return choices


# Three queries of the same shape: source, id, name, Chinese name, something of its own, parent, and what to sort by.
def _teams():
    return Team.objects.order_by().values_list(
        _text("team"), "pk", "name", "name_zh", "kind", Value(None, BigIntegerField()), _number(0), "path"
    )


def _categories():
    return Category.objects.order_by().values_list(
        _text("category"), "pk", "name", "name_zh", _text(""), "parent", "position", F("name")
    )


def _handlers(person: Person):
    in_reach = Membership.objects.filter(
        reach_of(person).within(*Role), role__in=[Role.HANDLER, Role.SUPERVISOR]
    ).values("person")
    return (
        Person.objects.filter(pk__in=in_reach)
        .order_by()
        .values_list(
            _text("person"),
            "pk",
            "name",
            "name_zh",
            "username",
            Value(None, BigIntegerField()),
            _number(0),
            F("name"),
        )
    )


def _text(value: str) -> Value:
    return Value(value, CharField())


def _number(value: int) -> Value:
    return Value(value, IntegerField())
