import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.models import Person, Team


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
