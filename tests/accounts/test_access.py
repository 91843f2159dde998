from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.access import (
    authority_of,
    has_role,
    may_log,
    people_with,
    reach_of,
    supervisors_above,
    teams_in_order_to_log_for,
    teams_to_log_for,
)
from accounts.models import AuthorityLimit, Membership, Person, Role, Team
from tests.cast import person


def test_a_supervisor_reaches_every_team_below_and_a_handler_only_their_own(cast):
    assert reach_of(cast.supervisor).of(Role.SUPERVISOR) == {cast.west.pk, cast.hexi.pk, cast.weiyang.pk}
    assert reach_of(cast.handler).of(Role.HANDLER) == {cast.hexi.pk}
    assert not reach_of(cast.supervisor).covers(Role.SUPERVISOR, cast.qujiang.pk, None)


def test_who_reaches_every_team_is_not_asked_about_each(cast):
    assert reach_of(cast.director).is_everywhere(Role.SUPERVISOR)
    assert reach_of(cast.director).within(Role.SUPERVISOR) == Q()
    assert not reach_of(cast.director).is_everywhere(Role.HANDLER)
    assert not reach_of(cast.supervisor).is_everywhere(*Role)
    assert set(Team.objects.filter(parent=cast.west)) == {cast.hexi, cast.weiyang}
    held = Membership.objects.filter(reach_of(cast.supervisor).within(Role.SUPERVISOR)).values_list("team", flat=True)
    assert set(held) <= {cast.west.pk, cast.hexi.pk, cast.weiyang.pk}
    assert not reach_of(AnonymousUser()).is_everywhere(*Role)
    assert not Membership.objects.filter(reach_of(AnonymousUser()).within(*Role)).exists()


def test_only_working_roles_log(cast):
    assert all(may_log(somebody) for somebody in (cast.frontline, cast.handler, cast.supervisor))
    assert not any(may_log(somebody) for somebody in (cast.auditor, cast.reviewer, cast.administrator))
    assert has_role(cast.administrator, Role.ADMINISTRATOR)


def test_complaints_are_logged_for_sites_and_departments_that_are_open(cast):
    cast.weiyang.active = False
    cast.weiyang.save(update_fields=["active"])
    assert set(teams_to_log_for(cast.frontline)) == {cast.hexi, cast.qujiang, cast.service}


def test_supervisors_are_found_nearest_first_and_teams_without_one_are_left_out(cast):
    assert supervisors_above(cast.hexi) == [(cast.west, [cast.supervisor]), (cast.company, [cast.director])]
    assert supervisors_above(cast.hexi, excluding=[cast.supervisor]) == [(cast.company, [cast.director])]
    Person.objects.filter(pk=cast.director.pk).update(is_active=False)
    assert supervisors_above(cast.qujiang) == []


def test_people_with_a_role_in_exactly_this_team(cast):
    assert set(people_with(Role.HANDLER, cast.hexi)) == {cast.handler, cast.colleague}
    assert set(people_with(Role.SUPERVISOR, cast.hexi)) == set()


def test_authority_is_the_nearest_limit_of_the_best_role(cast):
    assert authority_of(cast.handler, cast.hexi) == Decimal(0)
    AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=200)
    AuthorityLimit.objects.create(team=cast.west, role=Role.HANDLER, amount=100)
    AuthorityLimit.objects.create(team=cast.company, role=Role.SUPERVISOR, amount=1000)
    AuthorityLimit.objects.create(team=cast.west, role=Role.SUPERVISOR, amount=900)
    assert authority_of(cast.handler, cast.hexi) == 100
    assert authority_of(cast.director, cast.hexi) == 1000, "a region's limit does not bind who stands above it"
    assert authority_of(cast.supervisor, cast.hexi) == 900
    both = person("both.roles", (Role.HANDLER, cast.hexi), (Role.SUPERVISOR, cast.hexi))
    assert authority_of(both, cast.hexi) == 900
    assert authority_of(cast.stranger, cast.hexi) == Decimal(0), "a limit without a role over the team is none"


def test_reach_is_asked_once_for_one_person_object(cast, django_assert_num_queries):
    somebody = Person.objects.get(pk=cast.supervisor.pk)
    with django_assert_num_queries(1):
        reach_of(somebody)
        reach_of(somebody)


def test_a_role_is_held_once(cast):
    assert Membership.objects.filter(person=cast.handler).count() == 1


def test_the_teams_to_log_for_come_in_order_with_those_above_in_one_query(cast, django_assert_num_queries):
    Team.objects.filter(pk=cast.weiyang.pk).update(active=False)
    ordinary = list(teams_to_log_for(cast.frontline).select_related("parent").in_tree_order())
    with django_assert_num_queries(1):
        teams = teams_in_order_to_log_for()
        assert [(team, team.parent) for team in teams] == [(team, team.parent) for team in ordinary]
    assert cast.weiyang not in teams
