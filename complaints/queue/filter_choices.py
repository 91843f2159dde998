"""The teams, categories and people that a list can be filtered by, read in one query."""

from dataclasses import dataclass, field
from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, CharField, F, IntegerField, Q, Value
from django.utils.translation import get_language

from accounts.access import reach_of
from accounts.models import Membership, Person, Role, Team
from accounts.written import AmongThese, Given, Written
from complaints.models import Category
from ui.caches import remembered
from ui.ordering import order_key

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
    reach = reach_of(person)
    found = _FOUND[reach.is_everywhere(*Role)].rows(teams=sorted(reach.of(*Role)))
    return _arranged(tuple(found), (get_language() or "").startswith("zh"))


@remembered(64)
def _arranged(found: tuple[tuple, ...], chinese: bool) -> FilterChoices:
    """The rows put into words and order: a millisecond for hundreds of them, which hardly ever change."""
    # The rule of BilingualName.label, without an instance for each of hundreds of rows.
    labelled = [(*row, (row[3] if chinese and row[3] else row[2]) or row[4]) for row in found]
    parents = {row[1]: row for row in labelled if row[0] == "category"}
    choices = FilterChoices()
    for source, pk, _name, _name_zh, extra, parent, _position, _path, label in sorted(
        labelled, key=partial(_place, parents)
    ):
        above = f"{parents[parent][-1]} / " if parent in parents else ""
        entry = (str(pk), f"{above}{label}")
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


def _place(categories: dict[int, tuple], row: tuple) -> tuple:
    """Where a row stands: teams as in their tree, categories each below its first level, people by their names."""
    source, pk, *_names, parent, position, path, label = row
    if source != "category":
        return (source, path, order_key(label))
    first = categories.get(parent, row)
    return (source, first[6], order_key(first[-1]), first[1], parent is not None, position, order_key(label), pk)


# Three queries of the same shape: source, id, name, Chinese name, something of its own, parent, and what to sort by.
def _teams():
    return Team.objects.order_by().values_list(
        _text("team"), "pk", "name", "name_zh", "kind", Value(None, BigIntegerField()), _number(0), "path"
    )


def _categories():
    return Category.objects.order_by().values_list(
        _text("category"), "pk", "name", "name_zh", _text(""), "parent", "position", _text("")
    )


def _handlers(everywhere: bool):
    within = Q() if everywhere else Q(AmongThese(F("team"), Given("teams", ArrayField(BigIntegerField()))))
    in_reach = Membership.objects.filter(within, role__in=[Role.HANDLER, Role.SUPERVISOR]).values("person")
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
            _text(""),
        )
    )


def _choices(everywhere: bool):
    return _teams().union(_categories(), _handlers(everywhere), all=True)


# By whether every team is in reach; every queue asks.
_FOUND = {everywhere: Written(partial(_choices, everywhere)) for everywhere in (False, True)}


def _text(value: str) -> Value:
    return Value(value, CharField())


def _number(value: int) -> Value:
    return Value(value, IntegerField())
