from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone, translation

from complaints.models import Category, Complaint
from complaints.queue.filters import ComplaintFilter
from tests.cases import at_stage, logged


@pytest.fixture
def narrow(cast):
    """narrow("severity=danger", person) → the filter over every complaint."""

    def narrow(query: str, person=None) -> ComplaintFilter:
        return ComplaintFilter(QueryDict(query), Complaint.objects.order_by("id"), person=person or cast.supervisor)

    return narrow


def found(filtered: ComplaintFilter) -> list[Complaint]:
    assert filtered.refused == []
    return list(filtered.qs)


def test_without_filters_everything_stays(cast, at, narrow):
    complaint = logged(cast, at)
    assert found(narrow("")) == [complaint]
    assert narrow("").chips(at) == []


def test_each_filter_finds_its_own_and_leaves_the_others(cast, at, narrow):
    ours = at_stage(cast, "assigned", at, channel="book")
    other = logged(cast, at, site=cast.weiyang, team=cast.weiyang, severity="danger")
    for query, expected in [
        (f"site={cast.hexi.pk}", [ours]),
        (f"site={cast.weiyang.pk}", [other]),
        (f"site={cast.hexi.pk}&site={cast.weiyang.pk}", [ours, other]),
        (f"team={cast.weiyang.pk}", [other]),
        (f"category={cast.metering.pk}", [ours]),
        (f"handler={cast.handler.pk}", [ours]),
        ("severity=danger", [other]),
        ("severity=danger&severity=urgent", [ours, other]),
        ("stage=received", [other]),
        ("stage=assigned&stage=archived", [ours]),
        ("channel=book", [ours]),
        ("severity=danger&channel=book", []),
    ]:
        assert found(narrow(query)) == expected, query


def test_a_category_includes_the_entries_under_it_at_any_depth(cast, at, narrow):
    equipment = Category.objects.create(name="Equipment")
    pumps = Category.objects.create(name="Pumps", parent=equipment)
    # A third level is refused now, and answered where it stands from before.
    [nozzles] = Category.objects.bulk_create([Category(name="Nozzles", parent=pumps)])
    complaint = logged(cast, at, category=nozzles)
    logged(cast, at, category=cast.metering)
    assert found(narrow(f"category={equipment.pk}")) == [complaint]
    assert found(narrow(f"category={pumps.pk}&category={equipment.pk}")) == [complaint]


def test_days_are_those_of_the_person_who_looks(cast, narrow):
    late_in_shanghai = datetime(2026, 11, 18, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    complaint = logged(cast, late_in_shanghai)
    with timezone.override("Asia/Shanghai"):
        assert found(narrow("received_from=2026-11-18&received_to=2026-11-18")) == [complaint]
        assert found(narrow("received_from=2026-11-19")) == []
        assert found(narrow("received_to=2026-11-17")) == []
    with timezone.override("Pacific/Auckland"):
        assert found(narrow("received_from=2026-11-19&received_to=2026-11-19")) == [complaint]


@pytest.mark.parametrize(
    "query",
    ["C-2026-000001", "c-2026-000001", "4417", "04417", "139 0000 4417", "+86 139-0000-4417",
     "13900004417", "４４１７", "Wang", "wang jian", "WANG JIANGUO"],
)  # fmt: skip
def test_a_search_finds_by_reference_phone_digits_and_name(cast, at, narrow, query):
    complaint = logged(cast, at)
    logged(cast, at, name="李四", phone="138 1111 2222", email="li@customer.example")
    assert found(narrow("q=" + query.replace("+", "%2B"))) == [complaint]


def test_the_beginning_of_a_reference_finds_all_that_begin_so(cast, at, narrow):
    complaints = [logged(cast, at), logged(cast, at), logged(cast, at - timedelta(days=366))]
    assert found(narrow("q=C-2026-0000")) == complaints[:2]


def test_a_search_in_chinese_finds_any_part_of_a_name(cast, at, narrow):
    complaint = logged(cast, at, name="陕西恒通物流有限公司")
    assert found(narrow("q=陕西")) == [complaint]
    assert found(narrow("q=恒通")) == [complaint]
    assert found(narrow("q=通陕")) == []


@pytest.mark.parametrize("query", ["441", "000000", "%25", "_", "C%25", "\\", "'", "！！！", "🙂", "C_2026", "9999"])
def test_a_search_that_fits_nothing_finds_nothing(cast, at, narrow, query):
    """Signs that SQL reads as "anything" are plain signs here."""
    logged(cast, at)
    assert found(narrow(f"q={query}")) == []


@pytest.mark.parametrize("query", ["q=", "q=%20%20", "q=%E2%80%8B", "site=", "received_from="])
def test_an_empty_value_is_no_filter(cast, at, narrow, query):
    complaint = logged(cast, at)
    filtered = narrow(query)
    assert found(filtered) == [complaint]
    assert filtered.chips(at) == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("site=999999", "Site"),
        ("site=abc", "Site"),
        ("handler=1%27%20OR%201=1", "Handler"),
        ("team=99999999999999999999999", "Team"),
        ("category=null", "Category"),
        ("severity=terrible", "Severity"),
        ("stage=danger", "Stage"),
        ("channel=pigeon", "Channel"),
        ("received_from=yesterday", "Received from"),
        ("received_from=0001-01-01", "Received from"),
        ("received_to=9999-12-31", "Received to"),
        ("received_to=2026-02-30", "Received to"),
        ("q=" + "x" * 5000, "Search"),
    ],
)
def test_a_value_that_makes_no_sense_is_left_out_and_named(cast, at, narrow, query, named):
    complaint = logged(cast, at)
    filtered = narrow(query + "&view=all")
    assert [sentence.startswith(f"The filter “{named}” was left out: ") for sentence in filtered.refused] == [True]
    assert list(filtered.qs) == [complaint]


def test_of_several_values_only_the_unknown_are_left_out_and_it_says_so(cast, at, narrow):
    ours = logged(cast, at)
    logged(cast, at, site=cast.weiyang)
    filtered = narrow(f"site={cast.hexi.pk}&site=999999&site={cast.hexi.pk}")
    assert list(filtered.qs) == [ours]
    assert filtered.used == {"site": [str(cast.hexi.pk)]}
    assert [sentence.startswith("A part of the filter “Site” was left out: ") for sentence in filtered.refused] == [
        True
    ]


def test_days_in_the_wrong_order_are_named_and_the_first_one_holds(cast, at, narrow):
    complaint = logged(cast, at)
    filtered = narrow("received_from=2026-11-01&received_to=2026-10-01")
    assert filtered.refused == ["The filter “Received to” was left out: It ends before it begins."]
    assert list(filtered.qs) == [complaint]
    assert narrow("received_from=2026-11-18&received_to=2026-11-18").refused == []


def test_a_thousand_values_are_read_like_one(cast, at, narrow):
    complaint = logged(cast, at)
    filtered = narrow(f"site={cast.hexi.pk}" + "&site=x" * 900)
    assert list(filtered.qs) == [complaint]
    assert len(filtered.refused) == 1


def test_chips_say_what_is_filtered_and_lead_to_the_list_without_it(cast, at, narrow):
    filtered = narrow(f"view=team&site={cast.hexi.pk}&severity=danger&severity=urgent&severity=normal&after=x&q=Wang")
    assert [(chip.text, chip.without) for chip in filtered.chips(at)] == [
        ("Search: Wang", f"?view=team&site={cast.hexi.pk}&severity=danger&severity=urgent&severity=normal"),
        ("Site: Hexi Road station", "?view=team&severity=danger&severity=urgent&severity=normal&q=Wang"),
        ("Severity: Danger and 2 more", f"?view=team&site={cast.hexi.pk}&q=Wang"),
    ]


def test_chips_name_two_values_and_days_in_words(cast, at, narrow):
    query = f"handler={cast.handler.pk}&handler={cast.colleague.pk}&received_from=2026-11-01"
    assert [chip.text for chip in narrow(query).chips(at)] == [
        "Handler: Li Min, Sun Yue",
        "Received from: Sun 1 Nov",
    ]


def test_names_stand_in_the_language_of_the_page(cast, at, narrow):
    with translation.override("zh-hans"):
        choices = narrow("").filter_choices
    assert (str(cast.hexi.pk), "河西路加油站") in choices.sites
    assert (str(cast.metering.pk), "计量") in choices.categories
    assert (str(cast.handler.pk), "李敏") in choices.handlers


def test_sites_and_departments_can_be_where_it_happened_regions_only_work_on_it(cast, narrow):
    choices = narrow("").filter_choices
    assert {label for _pk, label in choices.teams} - {label for _pk, label in choices.sites} == {
        "Jinghe Energy",
        "Region West",
        "Region East",
    }


def test_handlers_are_offered_only_from_teams_in_reach(cast, narrow):
    def offered(person):
        return {label for _pk, label in narrow("", person).filter_choices.handlers}

    assert offered(cast.handler) == {"Li Min", "Sun Yue"}
    assert offered(cast.supervisor) == {"Li Min", "Sun Yue", "Chen Jing", "Zhao Lei"}
    assert offered(cast.stranger) == {"Far Away"}


def test_a_handler_of_a_team_out_of_reach_is_no_choice(cast, narrow):
    assert "Handler" in narrow(f"handler={cast.stranger.pk}", cast.handler).refused[0]


def test_everything_to_choose_from_is_read_in_one_query(cast, narrow, django_assert_num_queries):
    narrow("", cast.supervisor)
    with django_assert_num_queries(1):
        filtered = narrow(f"site={cast.hexi.pk}&category={cast.metering.pk}", cast.supervisor)
        str(filtered.form)


def test_a_filter_on_complaints_needs_no_distinct(cast, narrow):
    sql = str(narrow("severity=danger&severity=urgent&stage=assigned&stage=archived").qs.query)
    assert "DISTINCT" not in sql


def test_received_to_reaches_the_end_of_the_day(cast, at, narrow):
    with timezone.override("Asia/Shanghai"):
        end = datetime(2026, 11, 19, tzinfo=ZoneInfo("Asia/Shanghai"))
        last, first = logged(cast, end - timedelta(microseconds=1)), logged(cast, end)
        assert found(narrow("received_to=2026-11-18")) == [last]
        assert found(narrow("received_from=2026-11-19")) == [first]
