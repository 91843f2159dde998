"""Who may do what: roles, the teams they are held in, and what follows from them (SPEC, "Roles")."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.attached import Attached
from accounts.held import once
from accounts.models import AuthorityLimit, Membership, Person, Role, Team
from accounts.written import AmongThese, Given, Written, WrittenRows

# Roles whose reach includes the teams below the one they are held in.
REACHES_DOWN = frozenset({Role.SUPERVISOR, Role.REVIEWER, Role.AUDITOR})
NOT_LOGGED_FOR = (Team.Kind.COMPANY, Team.Kind.REGION)
WORKING_ROLES = frozenset({Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR})


@dataclass(frozen=True)
class Reach:
    """The teams that a person's roles cover, read once a request; `team_count` is how many there are in all."""

    teams: dict[str, frozenset[int]] = field(default_factory=dict)
    team_count: int = 0

    def covers(self, role: str, *team_ids: int | None) -> bool:
        """Whether `role` is held over one of the teams."""
        held = self.teams.get(role, frozenset())
        return any(team_id in held for team_id in team_ids)

    def of(self, *roles: str) -> frozenset[int]:
        """Ids of all teams that any of the roles covers."""
        return frozenset().union(*(self.teams.get(role, frozenset()) for role in roles))

    def is_everywhere(self, *roles: str) -> bool:
        """Whether the roles cover every team there is."""
        return 0 < self.team_count == len(self.of(*roles))

    def within(self, *roles: str) -> Q:
        """The condition that one of the roles covers a row's `team`; Q() where they cover every team.

        A director is not asked about a hundred teams one by one: that costs more than the rest of some queries.
        """
        return Q() if self.is_everywhere(*roles) else Q(team__in=self.of(*roles))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.teams)


_REACH = Attached[Reach]("_reach")


def reach_of(person: Person) -> Reach:
    """Return what `person` may reach; remembered on the instance, so ask again after a change of roles."""
    cached = _REACH.of(person)
    if cached is not None:
        return cached
    may_sign_in = person.is_authenticated and person.is_active
    return _REACH.set(person, reaches_of([person.pk])[person.pk] if may_sign_in else Reach())


def reaches_of(person_ids: Iterable[int]) -> dict[int, Reach]:
    """What the roles of each person cover, by id, whether they can still sign in or not; one query."""
    return _reaches_of(frozenset(person_ids))


@once
def _reaches_of(person_ids: frozenset[int]) -> dict[int, Reach]:
    teams: dict[int, dict[str, set[int]]] = {pk: {} for pk in person_ids}
    team_count = 0
    held = _HELD.rows(people=list(teams))
    for person_id, role, team_id, team_ids, team_count in held:  # noqa: B007 - the same in each row, and kept
        covered = team_ids if role in REACHES_DOWN else [team_id]
        teams[person_id].setdefault(role, set()).update(covered)
    return {
        pk: Reach({role: frozenset(ids) for role, ids in by_role.items()}, team_count if by_role else 0)
        for pk, by_role in teams.items()
    }


def _held() -> QuerySet:
    """The roles of the people that are given, each with the teams below its own, and how many teams there are."""
    below = ArraySubquery(Team.objects.filter(path__startswith=OuterRef("team__path")).values("pk"))
    all_teams = ArraySubquery(Team.objects.values("pk"))
    how_many = Func(all_teams, function="CARDINALITY", output_field=IntegerField())
    people = Given("people", ArrayField(BigIntegerField()))
    held = Membership.objects.filter(AmongThese(F("person"), people)).order_by()
    return held.values_list("person_id", "role", "team_id", below, how_many)


_HELD = Written(_held, planned_once=True)


def has_role(person: Person, *roles: str) -> bool:
    """Whether the person holds one of the roles in any team."""
    return bool(reach_of(person).roles.intersection(roles))


def may_log(person: Person) -> bool:
    """Whether the person may log complaints."""
    return has_role(person, *WORKING_ROLES)


def may_administer(person: Person) -> bool:
    """Whether `person` may change the organisation (SPEC, "Roles"): administrators, and superusers."""
    return person.is_active and (person.is_superuser or has_role(person, Role.ADMINISTRATOR))


def refuse_without_administrator():
    """Raises ValidationError when nobody is left who may_administer(). Call it after a change of people or teams."""
    able = Q(is_superuser=True) | Q(memberships__role=Role.ADMINISTRATOR)
    if not Person.objects.filter(able, is_active=True).exists():
        raise ValidationError(
            _("Then nobody could administer the desk any more. Make somebody else an administrator first.")
        )


def teams_to_log_for(person: Person):
    """Active teams a complaint may be logged for: a customer names any site, so all sites and departments."""
    return Team.objects.active().exclude(kind__in=NOT_LOGGED_FOR)


def teams_in_order_to_log_for() -> list[Team]:
    """The same in the order of the tree, each with the team above it; one query, for every log form asks."""
    teams: dict[int | None, Team] = {team.pk: team for team in _TREE.instances()}
    for team in teams.values():
        Team._meta.get_field("parent").set_cached_value(team, teams.get(team.parent_id))
    return [team for team in teams.values() if team.active and team.kind not in NOT_LOGGED_FOR]


_TREE = WrittenRows(Team, lambda teams: teams.order_by("path"))


def people_with(role: str, team: Team):
    """Active people holding `role` in exactly this team."""
    return Person.objects.filter(is_active=True, memberships__team=team, memberships__role=role).distinct()


@once
def supervisors_above(team: Team, *, excluding: frozenset[int] = frozenset()) -> list[tuple[Team, list[Person]]]:
    """The supervisors responsible for `team`, nearest team first; teams without any are left out.

    SPEC: "if a team has no supervisor it goes to the nearest above who has one".
    """
    teams = {t.pk: t for t in Team.objects.above(team)}
    found: dict[int, list[Person]] = {}
    memberships = Membership.objects.filter(team__in=teams, role=Role.SUPERVISOR, person__is_active=True).exclude(
        person__in=excluding
    )
    for membership in memberships.select_related("person").order_by("person_id"):
        found.setdefault(membership.team_id, []).append(membership.person)
    return [(teams[pk], found[pk]) for pk in reversed(team.path_ids) if pk in found]


def authority_of(person: Person, team: Team) -> Decimal:
    """How many yuan the person may grant on a complaint of `team` without approval.

    Each role over the team counts with the limit of the team it is held in, or the nearest above that sets
    one; the best of them counts. So a region's own limit does not bind the company's director.
    """
    held = person.memberships.filter(role__in=WORKING_ROLES, team__in=team.path_ids).select_related("team")
    memberships = [m for m in held if m.team_id == team.pk or m.role in REACHES_DOWN]
    limits: dict[tuple[str, int], Decimal] = {
        (limit.role, limit.team_id): limit.amount
        for limit in AuthorityLimit.objects.filter(team__in=team.path_ids, role__in=WORKING_ROLES)
    }
    amounts = (
        next((limits[m.role, pk] for pk in reversed(m.team.path_ids) if (m.role, pk) in limits), Decimal(0))
        for m in memberships
    )
    return max(amounts, default=Decimal(0))
