import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.context_processors import desk
from accounts.models import Person


def context(rf, user=None):
    request = rf.get("/")
    if user is not None:
        request.user = user
    return desk(request)


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_a_page_for_a_stranger_asks_the_database_nothing(rf, user):
    given = context(rf, user)
    assert given["theme"] == ""
    # Without the `db` fixture a query would fail here.
    assert not given["nav"].get("board")


def test_the_top_team_speaks_for_the_organisation(rf, cast, django_assert_num_queries):
    given = context(rf)
    with django_assert_num_queries(1):
        assert given["organisation"].label == "Jinghe Energy"
        assert given["organisation"].phone == "400-000-0123"


def test_without_teams_pages_still_render(rf, db):
    assert not context(rf)["organisation"]


def test_the_board_is_shown_to_supervisors_only(rf, cast):
    shown = {
        name
        for name in ("frontline", "handler", "supervisor", "director", "reviewer", "auditor")
        if context(rf, getattr(cast, name))["nav"]["board"]
    }
    assert shown == {"supervisor", "director"}


def test_who_may_not_log_is_not_offered_it(rf, cast):
    offered = {
        name
        for name in ("frontline", "handler", "supervisor", "reviewer", "auditor", "administrator")
        if context(rf, getattr(cast, name))["nav"]["log"]
    }
    assert offered == {"frontline", "handler", "supervisor"}


def test_the_menu_names_the_roles(rf, cast):
    assert [str(role) for role in context(rf, cast.supervisor)["nav"]["roles"]] == ["Supervisor"]


def test_the_navigation_costs_at_most_two_queries(rf, cast, django_assert_max_num_queries):
    supervisor = Person.objects.get(pk=cast.supervisor.pk)
    with django_assert_max_num_queries(2):
        given = context(rf, supervisor)["nav"]
        assert given["board"]
        assert given["roles"]


def test_who_administers_is_led_to_the_administration_and_nobody_else(rf, cast):
    superuser = Person.objects.create_superuser("first", "first@desk.example", "correct horse", name="First")
    without_role = Person.objects.create(username="staff", name="Staff", is_staff=True)
    people = {"administrator": cast.administrator, "superuser": superuser, "staff": without_role}
    people |= {name: getattr(cast, name) for name in ("handler", "supervisor", "director", "auditor")}
    led = {name for name, person in people.items() if context(rf, person)["nav"]["administers"]}
    assert led == {"administrator", "superuser"}
