import pytest
from django.http import QueryDict
from django.urls import reverse

from complaints.models import BulkRun, SavedView
from complaints.queue import address as queue_address
from tests.cases import logged


def read(query, person):
    return queue_address.read(QueryDict(query), person)


def test_without_anything_it_is_where_the_persons_work_is_by_promise(cast):
    asked = read("", cast.handler)
    assert (asked.worklist.key, asked.order.name, asked.notes) == ("mine", "promise", [])
    assert asked.query == "view=mine&sort=promise"


def test_the_query_of_a_view_is_the_same_whatever_way_it_was_asked_for(cast):
    site, other = sorted([str(cast.hexi.pk), str(cast.weiyang.pk)])
    same = f"view=all&sort=newest&site={site}&site={other}&severity=danger&received_from=2026-11-01"
    for asked in [
        f"severity=danger&site={site}&site={other}&sort=newest&view=all&received_from=2026-11-01",
        f"site={other}&site={site}&site={other}&severity=danger&view=all&sort=newest&received_from=2026-11-01",
        f"{same}&after=newest.1.2&before=x&saved=7&utm=mail&team=&q=%20",
        f"{same}&severity=terrible&channel=pigeon",
    ]:
        assert read(asked, cast.supervisor).query == same
    assert read(same, cast.supervisor).query == same


def test_a_search_is_kept_with_its_order(cast):
    asked = read("q=%E6%BC%8F%E6%B2%B9+%26+x%3D1", cast.handler)
    assert (asked.worklist.key, asked.order.name, str(asked.order_label)) == ("all", "best", "Best hits")
    assert read(asked.query, cast.handler).filter.used == {"q": "漏油 & x=1"}


def test_one_query_reads_it(cast, at, django_assert_num_queries):
    logged(cast, at)
    read("", cast.supervisor)
    with django_assert_num_queries(1):
        asked = read(f"site={cast.hexi.pk}&q=wang", cast.supervisor)
        assert asked.query


@pytest.mark.parametrize("query", ["view=gone", "view=sign", "sort=price", "site=999", "q=" + "x" * 5000, "q=%00"])
def test_what_makes_no_sense_is_said_and_left_out(cast, query):
    asked = read(query, cast.handler)
    assert asked.notes
    for left_out in ("gone", "sign", "price", "999", "xxx", "%00"):
        assert left_out not in asked.query


def test_every_filter_is_a_known_name():
    assert {"view", "sort", "q", "site", "received_to"} <= queue_address.known_names()
    assert "saved" not in queue_address.known_names()


@pytest.mark.parametrize(("address", "field"), [("save_view", "query"), ("bulk", "filters")])
def test_what_is_longer_than_any_address_is_refused_with_the_reason(client, cast, address, field):
    client.force_login(cast.supervisor)
    sent = {field: "site=1&" * 1_200, "name": "Mine", "action": "assign", "all": "yes", "view": "all"}
    answer = client.post(reverse(f"complaints:{address}"), sent)
    assert answer.status_code == 413
    assert "too many filters at once" in answer.content.decode()
    assert not SavedView.objects.exists()
    assert not BulkRun.objects.exists()
