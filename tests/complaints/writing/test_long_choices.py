import pytest
from django.utils import translation

from accounts.models import Team
from complaints.models import Category
from complaints.queue.filter_choices import filter_choices
from complaints.writing.long_choices import by_first_level, by_region

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    Category.objects.all().delete()
    service = Category.objects.create(name="Service", name_zh="服务", position=2)
    fuel = Category.objects.create(name="Fuel", name_zh="油品", position=1)
    for name, name_zh in (("Rude", "态度"), ("Invoice", "发票"), ("Queueing", "排队")):
        Category.objects.create(name=name, name_zh=name_zh, parent=service)
    Category.objects.create(name="Colour", name_zh="颜色", parent=fuel)
    Category.objects.create(name="Other", name_zh="其他", position=9)


def names(choices) -> list:
    return [(head, [label for _key, label in body]) if isinstance(body, list) else body for head, body in choices]


def test_categories_stand_in_groups_under_the_first_level(catalogue):
    entries = Category.objects.select_related("parent")
    assert names(by_first_level(entries)) == [
        ("Fuel", ["Fuel", "Colour"]),
        ("Service", ["Service", "Invoice", "Queueing", "Rude"]),
        "Other",
    ]
    with translation.override("zh-hans"):
        assert names(by_first_level(entries))[1] == ("服务", ["服务", "发票", "排队", "态度"])


def test_one_whose_first_level_is_switched_off_keeps_its_group(catalogue):
    left = Category.objects.filter(name="Rude").select_related("parent")
    assert names(by_first_level(left)) == [("Service", ["Rude"])]


def test_sites_stand_under_their_regions_by_name(cast):
    teams = Team.objects.filter(pk__in=[cast.weiyang.pk, cast.hexi.pk, cast.qujiang.pk])
    found = names(by_region(teams.select_related("parent").in_tree_order()))
    assert [region for region, _names in found] == [cast.west.label, cast.east.label]
    assert found[0][1] == sorted([cast.hexi.label, cast.weiyang.label])


def test_a_filter_offers_categories_below_their_first_level_and_people_by_name(cast, catalogue):
    choices = filter_choices(cast.director)
    assert [label for _pk, label in choices.categories] == [
        "Fuel",
        "Fuel / Colour",
        "Service",
        "Service / Invoice",
        "Service / Queueing",
        "Service / Rude",
        "Other",
    ]
    people = [label for _pk, label in choices.handlers]
    assert people == sorted(people, key=str.casefold)
    assert len(people) > 3
