import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation

from accounts.models import Person, Team
from tests.cast import build_cast
from tests.together import Meeting, at_once


def test_paths_follow_a_team_that_moves_with_everything_below_it(cast):
    shop = Team.objects.create(name="Shop", kind="department", parent=cast.hexi)
    cast.hexi.parent = cast.east
    cast.hexi.save()
    shop.refresh_from_db()
    assert shop.path == f"{cast.company.pk}.{cast.east.pk}.{cast.hexi.pk}.{shop.pk}."
    assert shop.depth == 3
    assert set(Team.objects.below(cast.east)) == {cast.east, cast.hexi, shop, cast.qujiang}
    assert list(Team.objects.above(shop)) == [shop, cast.hexi, cast.east, cast.company]


def test_a_team_cannot_stand_under_itself(cast):
    cast.west.parent = cast.hexi
    with pytest.raises(ValidationError) as refused:
        cast.west.full_clean()
    assert "parent" in refused.value.message_dict
    with pytest.raises(ValidationError):
        cast.west.save()


def turned_into_a_site(team) -> Team:
    team.kind = "site"
    return team


# What is wrong, beginning with the field that says so; a region stands under west.
IMPOSSIBLE = {
    "kind: a second company": lambda cast: Team(name="Another company", kind="company"),
    "parent: a company under something": lambda cast: Team(name="Daughter", kind="company", parent=cast.company),
    "parent: a site that belongs to nothing": lambda cast: Team(name="Lonely", kind="site"),
    "parent: a region under a site": lambda cast: Team(name="Inner", kind="region", parent=cast.hexi),
    "kind: a site above a region": lambda cast: turned_into_a_site(cast.west),
    "name: in capitals": lambda cast: Team(name="REGION WEST", kind="region", parent=cast.company),
    "name: in wide letters": lambda cast: Team(name="Ｒegion  West", kind="region", parent=cast.company),
    "name_zh: of another": lambda cast: Team(name="Third", name_zh="西区", kind="region", parent=cast.company),
    "name: read as another in Chinese": lambda cast: Team(name="西区", kind="region", parent=cast.company),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_a_team_that_cannot_stand_there_is_refused_in_words_at_its_field(cast, what):
    Team.objects.create(name="Inner", kind="region", parent=cast.west)
    team = IMPOSSIBLE[what](cast)
    for refuse in (team.full_clean, team.save):
        with pytest.raises(ValidationError) as refused:
            refuse()
        assert what.split(":")[0] in refused.value.message_dict


@pytest.mark.parametrize("what", [what for what in IMPOSSIBLE if "wide" not in what])
def test_the_database_refuses_it_too(cast, what):
    Team.objects.create(name="Inner", kind="region", parent=cast.west)
    team = IMPOSSIBLE[what](cast)
    written = Team.objects.filter(pk=team.pk)
    write = (lambda: written.update(kind=team.kind)) if team.pk else (lambda: Team.objects.bulk_create([team]))
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_the_database_refuses_a_circle_too(cast):
    with pytest.raises(IntegrityError, match="would stand under itself"), transaction.atomic():
        Team.objects.filter(pk=cast.west.pk).update(parent=cast.hexi)


def test_a_tree_has_nine_levels_at_most(cast):
    above = cast.hexi
    for level in range(4, 10):
        above = Team.objects.create(name=f"Level {level}", kind="department", parent=above)
    with pytest.raises(ValidationError, match="too deep"):
        Team.objects.create(name="Level 10", kind="department", parent=above)
    cast.hexi.parent = cast.weiyang
    with pytest.raises(ValidationError, match="too deep"):
        cast.hexi.save()


def test_names_may_repeat_elsewhere_in_the_tree(cast):
    for above in (cast.hexi, cast.weiyang):
        Team.objects.create(name="Shop", kind="department", parent=above)


def test_a_team_loaded_before_somebody_moved_what_is_above_keeps_the_tree_whole(cast):
    stale = Team.objects.select_related("parent").get(pk=cast.hexi.pk)
    cast.west.parent = cast.east
    cast.west.save()
    stale.name = "Hexi"
    stale.save()
    stale.refresh_from_db()
    assert stale.path == f"{cast.company.pk}.{cast.east.pk}.{cast.west.pk}.{cast.hexi.pk}."
    assert stale.depth == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_moves_at_once_are_one_move_and_one_refusal(monkeypatch):
    cast = build_cast()
    monkeypatch.setattr(Team, "save_base", Meeting().before(Team.save_base))

    def move(team, under):
        team.parent = under
        team.save()

    outcomes = at_once(lambda: move(cast.west, cast.east), lambda: move(cast.east, cast.west))
    assert [type(outcome) for outcome in outcomes if outcome] == [ValidationError]
    assert Team.objects.below(cast.company).count() == Team.objects.count()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_trees_that_were_accepted_before_are_mended_by_the_migration():
    before, now = [("accounts", "0003_how_people_are_told")], [("accounts", "0005_where_a_team_may_stand")]
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(before)
    try:
        teams = MigrationExecutor(connection).loader.project_state(before).apps.get_model("accounts", "Team").objects
        teams.bulk_create(
            teams.model(pk=pk, name=name, kind=kind, parent_id=parent, path=f"{pk}.")
            for pk, name, kind, parent in (
                (1, "Company", "company", None),
                (2, "Second company", "company", None),
                (3, "Lonely", "site", None),
                (4, "Inner", "region", 3),
                (5, "Round", "region", 6),
                (6, "And round", "region", 5),
                (7, "LONELY", "site", 1),
            )
        )
    finally:
        MigrationExecutor(connection).migrate(now)
        MigrationExecutor(connection).migrate(latest)
    found = Team.objects.order_by("pk").values_list("name", "kind", "path")
    assert list(found) == [
        ("Company", "company", "1."),
        ("Second company", "region", "1.2."),
        ("Lonely", "site", "1.3."),
        ("Inner", "region", "1.4."),
        ("Round", "region", "1.5."),
        ("And round", "region", "1.5.6."),
        ("LONELY (2)", "site", "1.7."),
    ]


def test_a_subtree_is_not_confused_with_a_team_whose_number_begins_alike(cast):
    ids = [team.pk for team in Team.objects.below(cast.hexi)]
    assert ids == [cast.hexi.pk]


def test_names_are_shown_in_the_readers_language(cast):
    assert str(cast.hexi) == "Hexi Road station"
    with translation.override("zh-hans"):
        assert str(cast.hexi) == "河西路加油站"
        assert str(cast.handler) == "李敏"
    with translation.override("zh-hans"):
        assert str(Team(name="Only English")) == "Only English"


def test_two_people_cannot_share_a_user_name_or_an_address_in_another_case(cast):
    for fields in ({"username": "LI.MIN"}, {"username": "other", "email": "Li.Min@Desk.Example"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.create(name="X", **fields)
    Person.objects.create(username="no.mail", name="X")
    Person.objects.create(username="no.mail.either", name="Y")


@pytest.mark.parametrize("zone", ["Mars/X", "../../etc/passwd", "", "GMT+99"])
def test_a_time_zone_must_exist(cast, zone):
    cast.handler.time_zone = zone
    with pytest.raises(ValidationError) as refused:
        cast.handler.full_clean()
    assert "time_zone" in refused.value.message_dict


def test_the_cast_stands_where_save_would_put_it(cast):
    """The tests' cast is stored without save(), for speed."""
    for team in Team.objects.in_tree_order():
        stored = (team.path, team.depth)
        Team.objects.filter(pk=team.pk).update(path="")
        team.path = ""
        team.save()
        assert (team.path, team.depth) == stored
