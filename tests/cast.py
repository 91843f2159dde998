"""The named cast: who owns, who shares, who must see nothing."""

from dataclasses import dataclass

from accounts.models import Membership, Person, Role, Team
from complaints.models import Category, RootCause


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


def person(username: str, *roles: tuple[str, Team], name_zh="", **fields) -> Person:
    """A person who can sign in with the password "correct horse" and holds the roles."""
    made = Person(
        username=username,
        name=username.replace(".", " ").title(),
        name_zh=name_zh,
        email=f"{username}@desk.example",
        language="en",
        **fields,
    )
    made.set_password("correct horse")
    made.save()
    for role, team in roles:
        Membership.objects.create(person=made, team=team, role=role)
    return made


def build_cast() -> Cast:
    company = Team.objects.create(name="Jinghe Energy", name_zh="泾禾能源", kind="company", phone="400-000-0123")
    west = Team.objects.create(name="Region West", name_zh="西区", kind="region", parent=company)
    east = Team.objects.create(name="Region East", name_zh="东区", kind="region", parent=company)
    hexi = Team.objects.create(name="Hexi Road station", name_zh="河西路加油站", kind="site", parent=west)
    weiyang = Team.objects.create(name="Weiyang Road station", name_zh="未央路加油站", kind="site", parent=west)
    qujiang = Team.objects.create(name="Qujiang station", name_zh="曲江加油站", kind="site", parent=east)
    service = Team.objects.create(name="Equipment service", name_zh="设备服务部", kind="department", parent=company)
    return Cast(
        company=company,
        west=west,
        east=east,
        hexi=hexi,
        weiyang=weiyang,
        qujiang=qujiang,
        service=service,
        frontline=person("zhou.kai", (Role.FRONTLINE, hexi), name_zh="周凯"),
        handler=person("li.min", (Role.HANDLER, hexi), name_zh="李敏"),
        colleague=person("sun.yue", (Role.HANDLER, hexi), name_zh="孙悦"),
        supervisor=person("chen.jing", (Role.SUPERVISOR, west), name_zh="陈静"),
        director=person("gao.feng", (Role.SUPERVISOR, company), name_zh="高峰"),
        reviewer=person("wu.lan", (Role.REVIEWER, company), name_zh="吴兰"),
        auditor=person("he.audit", (Role.AUDITOR, west), name_zh="何平"),
        administrator=person("admin.an", (Role.ADMINISTRATOR, company), name_zh="安宁", is_staff=True),
        neighbour=person("zhao.lei", (Role.HANDLER, weiyang), name_zh="赵磊"),
        stranger=person("far.away", (Role.HANDLER, qujiang), name_zh="方远"),
        technician=person("ma.tech", (Role.HANDLER, service), name_zh="马强"),
        metering=Category.objects.create(name="Metering", name_zh="计量"),
        drift=RootCause.objects.create(name="Equipment: metering drift", name_zh="设备：计量偏差"),
    )
