"""The named cast: who owns, who shares, who must see nothing."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts import random_codes
from accounts.models import Membership, Person, Role, Team
from complaints.models import Category, RootCause

PASSWORD = "correct horse"


@dataclass
class Cast:
    """A company with two regions; hexi and weiyang are sites of the west, qujiang of the east."""

    company: Team
    west: Team
    east: Team
    hexi: Team
    weiyang: Team
    qujiang: Team
    service: Team
    frontline: Person  # at hexi
    handler: Person  # at hexi
    colleague: Person  # handler at hexi too
    supervisor: Person  # of the west region
    director: Person  # supervisor of the company
    reviewer: Person  # of the company
    auditor: Person  # of the west region
    administrator: Person  # of the company, no other role
    neighbour: Person  # handler at weiyang
    stranger: Person  # handler at qujiang: must see nothing of the west
    technician: Person  # handler in the service department
    metering: Category
    drift: RootCause


def new_person(username: str, *, name_zh="", password: str | None = None, **fields) -> Person:
    """A person, not yet stored, who can sign in with PASSWORD; `password` is that, made already."""
    return Person(
        username=username,
        name=username.replace(".", " ").title(),
        name_zh=name_zh,
        email=f"{username}@desk.example",
        language="en",
        password=password or make_password(PASSWORD),
        **fields,
    )


def person(username: str, *roles: tuple[str, Team], name_zh="", **fields) -> Person:
    """A person who holds the roles."""
    made = new_person(username, name_zh=name_zh, **fields)
    made.save()
    Membership.objects.bulk_create(Membership(person=made, team=team, role=role) for role, team in roles)
    return made


# field of the cast: user name, Chinese name, role, team
PEOPLE = {
    "frontline": ("zhou.kai", "周凯", Role.FRONTLINE, "hexi"),
    "handler": ("li.min", "李敏", Role.HANDLER, "hexi"),
    "colleague": ("sun.yue", "孙悦", Role.HANDLER, "hexi"),
    "supervisor": ("chen.jing", "陈静", Role.SUPERVISOR, "west"),
    "director": ("gao.feng", "高峰", Role.SUPERVISOR, "company"),
    "reviewer": ("wu.lan", "吴兰", Role.REVIEWER, "company"),
    "auditor": ("he.audit", "何平", Role.AUDITOR, "west"),
    "administrator": ("admin.an", "安宁", Role.ADMINISTRATOR, "company"),
    "neighbour": ("zhao.lei", "赵磊", Role.HANDLER, "weiyang"),
    "stranger": ("far.away", "方远", Role.HANDLER, "qujiang"),
    "technician": ("ma.tech", "马强", Role.HANDLER, "service"),
}
# field of the cast: name, Chinese name, kind, the team above
TEAMS = {
    "company": ("Jinghe Energy", "泾禾能源", "company", None),
    "west": ("Region West", "西区", "region", "company"),
    "east": ("Region East", "东区", "region", "company"),
    "hexi": ("Hexi Road station", "河西路加油站", "site", "west"),
    "weiyang": ("Weiyang Road station", "未央路加油站", "site", "west"),
    "qujiang": ("Qujiang station", "曲江加油站", "site", "east"),
    "service": ("Equipment service", "设备服务部", "department", "company"),
}


def build_cast() -> Cast:
    """Store the whole cast with one statement a table, as save() would: four thousand tests ask for it."""
    password = make_password(PASSWORD)
    teams = _teams()
    people = {
        field: new_person(username, name_zh=name_zh, is_staff=role == Role.ADMINISTRATOR, password=password)
        for field, (username, name_zh, role, _team) in PEOPLE.items()
    }
    Person.objects.bulk_create(people.values())
    Membership.objects.bulk_create(
        Membership(person=people[field], team=teams[team], role=role)
        for field, (_username, _name_zh, role, team) in PEOPLE.items()
    )
    metering = Category(name="Metering", name_zh="计量")
    drift = RootCause(name="Equipment: metering drift", name_zh="设备：计量偏差")
    Category.objects.bulk_create([metering])
    RootCause.objects.bulk_create([drift])
    return Cast(**teams, **people, metering=metering, drift=drift)


def _teams() -> dict[str, Team]:
    """The teams, stored with the paths that Team.save() would give them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('accounts_team_id_seq') FROM generate_series(1, %s)", [len(TEAMS)])
        numbers = [number for (number,) in cursor]
    teams: dict[str, Team] = {}
    for pk, (field, (name, name_zh, kind, above)) in zip(numbers, TEAMS.items(), strict=True):
        parent = teams.get(above)
        path = f"{parent.path if parent else ''}{pk}."
        teams[field] = Team(pk=pk, name=name, name_zh=name_zh, kind=kind, parent=parent, path=path)
        teams[field].depth = path.count(".") - 1
        teams[field].site_code = random_codes.drawn() if kind == Team.Kind.SITE else None
        teams[field].phone = "400-000-0123" if parent is None else ""
    Team.objects.bulk_create(teams.values())
    return teams
