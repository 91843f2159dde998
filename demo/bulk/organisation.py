"""Whose complaints are invented: the organisation that is there, or one of forty sites."""

import random
from dataclasses import dataclass, field

from accounts.models import Membership, Person, Role, Team
from complaints.models import Category, RootCause

REGIONS, SITES, DEPARTMENTS = 4, 40, 2
HANDLERS = 4
ROADS = ("Hexi", "Weiyang", "Sanqiao", "Qujiang", "Chanba", "Ziwu", "Daxing", "Fenghao", "Yanta", "Jinhua")
ROADS_ZH = ("河西", "未央", "三桥", "曲江", "浐灞", "子午", "大兴", "沣镐", "雁塔", "金花")
CATEGORIES = (
    ("Metering and fuel", "计量与油品"),
    ("Manners and service", "服务态度"),
    ("Payment", "支付"),
    ("Invoices and receipts", "发票与小票"),
    ("Shop and food", "便利店与食品"),
    ("Equipment service", "设备服务"),
)
CAUSES = (("Equipment", "设备"), ("People", "人员"), ("Process", "流程"))


class NobodyThere(ValueError):
    """The organisation has no site where anybody handles complaints and a supervisor signs."""


@dataclass
class Workplace:
    """A team that works on complaints, with its people."""

    team: Team
    frontline: list[Person] = field(default_factory=list)
    handlers: list[Person] = field(default_factory=list)
    # The nearest team above (or this one) that has a supervisor: who signs its escalations.
    signs: Team | None = None
    supervisor: Person | None = None


@dataclass
class Organisation:
    """Everything that cases are about."""

    sites: list[Workplace]
    departments: list[Workplace]
    categories: list[Category]
    causes: list[RootCause]

    def site(self, dice: random.Random) -> Workplace:
        """One of the sites; a few have far more complaints than the others."""
        return dice.choices(self.sites, [1 / (place + 4) for place in range(len(self.sites))])[0]

    def worker(self, dice: random.Random, site: Workplace) -> Workplace:
        """Who works on a complaint about `site`: mostly the site itself."""
        return dice.choice(self.departments) if self.departments and dice.random() < 0.15 else site


def organisation() -> Organisation:
    """The organisation in the database.

    Raises NobodyThere when it has no site with a handler and a supervisor over it.
    """
    workplaces = _workplaces()
    sites = [place for place in workplaces if place.team.kind == Team.Kind.SITE]
    if not sites:
        raise NobodyThere
    return Organisation(
        sites=sites,
        departments=[place for place in workplaces if place.team.kind == Team.Kind.DEPARTMENT],
        categories=_ends(Category) or _added(Category, CATEGORIES),
        causes=_ends(RootCause) or _added(RootCause, CAUSES),
    )


def _ends(catalogue) -> list:
    """The entries with none under them."""
    return list(catalogue.objects.filter(active=True, children=None).order_by("pk"))


def _added(catalogue, names) -> list:
    return catalogue.objects.bulk_create(catalogue(name=name, name_zh=name_zh) for name, name_zh in names)


def _workplaces() -> list[Workplace]:
    """Sites and departments with somebody who handles complaints."""
    teams = {team.pk: team for team in Team.objects.active()}
    places = {pk: Workplace(team) for pk, team in teams.items()}
    supervisors: dict[int, Person] = {}
    members = Membership.objects.filter(team__in=teams, person__is_active=True).select_related("person")
    for membership in members.order_by("pk"):
        place = places[membership.team_id]
        if membership.role == Role.HANDLER:
            place.handlers.append(membership.person)
        elif membership.role == Role.FRONTLINE:
            place.frontline.append(membership.person)
        elif membership.role == Role.SUPERVISOR:
            supervisors.setdefault(membership.team_id, membership.person)
    for place in places.values():
        above = [pk for pk in reversed(place.team.path_ids) if pk in supervisors]
        if above:
            place.signs, place.supervisor = teams[above[0]], supervisors[above[0]]
    return [place for place in places.values() if place.handlers and place.supervisor]


def is_empty() -> bool:
    """Whether the database holds no team yet."""
    return not Team.objects.exists()


def invent(dice: random.Random):
    """Store a company with regions, sites and departments. Nobody of it can sign in: they have no password."""
    company = Team.objects.create(name="Jinghe Energy", name_zh="泾禾能源", kind=Team.Kind.COMPANY)
    roles = [(company, Role.SUPERVISOR), (company, Role.AUDITOR)]
    regions = []
    for number in range(1, REGIONS + 1):
        regions.append(
            Team.objects.create(
                name=f"Region {number}", name_zh=f"第{number}区", kind=Team.Kind.REGION, parent=company
            )
        )
    roles += [(region, Role.SUPERVISOR) for region in regions]
    places = [_site(number, regions[number % REGIONS]) for number in range(SITES)]
    places += [
        Team.objects.create(
            name=f"Service department {number}", name_zh=f"服务{number}部", kind=Team.Kind.DEPARTMENT, parent=company
        )
        for number in range(1, DEPARTMENTS + 1)
    ]
    for place in places:
        roles += [(place, Role.FRONTLINE)] + [(place, Role.HANDLER)] * HANDLERS
    people = Person.objects.bulk_create(_person(number, dice) for number in range(1, len(roles) + 1))
    Membership.objects.bulk_create(
        Membership(person=person, team=team, role=role) for person, (team, role) in zip(people, roles, strict=True)
    )


def _site(number: int, region: Team) -> Team:
    road, lap = number % len(ROADS), number // len(ROADS) + 1
    return Team.objects.create(
        name=f"{ROADS[road]} Road station {lap}",
        name_zh=f"{ROADS_ZH[road]}路{lap}号加油站",
        kind=Team.Kind.SITE,
        parent=region,
    )


def _person(number: int, dice: random.Random) -> Person:
    person = Person(
        username=f"person.{number}",
        name=f"Person {number}",
        name_zh=dice.choice("王李张刘陈杨黄赵周吴") + dice.choice("伟芳娜敏静丽强磊军洋"),
        email=f"person.{number}@desk.example",
        language=dice.choice(Person.Language.values),
    )
    person.set_unusable_password()
    return person
