from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.db.models import FileField

from complaints.db.inserting import insert
from complaints.models import Complaint, ComplaintEvent, Customer, SearchDocument
from followups.models import Escalation, Notice, Promise
from tests.cases import logged

# What JSON, SQL or a driver could take for something else.
ODD = "\"quoted\" \\ 'single' {brace} %s \n ，。 😀 \\u0041"


@pytest.fixture
def complaint(cast, at):
    return logged(cast, at)


def notice(complaint, at, **given) -> Notice:
    fields = {"key": "one", "event": "assigned", "created_at": at, "not_before": at, "data": {}}
    return Notice(complaint=complaint, **(fields | given))


def test_rows_come_back_as_they_went_in_and_know_their_keys_in_order(complaint, at):
    moment = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC)
    rows = [
        notice(
            complaint, moment, key=f"row:{number}", last_error=ODD, data={"note": ODD, "none": None, "list": [1, {}]}
        )
        for number in range(20)
    ]
    insert(rows)
    stored = Notice.objects.in_bulk([row.pk for row in rows])
    assert [stored[row.pk].key for row in rows] == [f"row:{number}" for number in range(20)]
    assert {(row.last_error, row.created_at, row.data["note"], row.data["none"]) for row in stored.values()} == {
        (ODD, moment, ODD, None)
    }
    assert {(row.lease_token, row.sent_at, row.to_customer, row.attempts) for row in stored.values()} == {
        (None, None, False, 0)
    }
    rows[0].last_error = "changed"
    rows[0].save(update_fields=["last_error"])
    assert Notice.objects.get(pk=rows[0].pk).last_error == "changed", "an instance that was stored can be saved again"


def test_one_statement_for_any_number(complaint, at, django_assert_num_queries):
    with django_assert_num_queries(1):
        insert([notice(complaint, at, key=f"row:{number}") for number in range(50)])
    with django_assert_num_queries(0):
        insert([])


def test_what_exists_already_is_left_as_it_is_where_that_is_asked_for(complaint, at):
    insert([notice(complaint, at, address="first@desk.example")])
    insert(
        [notice(complaint, at, address="second@desk.example"), notice(complaint, at, key="two")], ignore_conflicts=True
    )
    assert list(Notice.objects.filter(key__in=["one", "two"]).order_by("pk").values_list("key", "address")) == [
        ("one", "first@desk.example"),
        ("two", ""),
    ]
    with pytest.raises(IntegrityError):
        insert([notice(complaint, at)])


def test_a_value_that_json_does_not_know_is_refused_and_not_guessed(complaint, at):
    with pytest.raises(TypeError):
        insert([notice(complaint, at, data={"amount": {1, 2}})])


@pytest.mark.parametrize("model", [Complaint, ComplaintEvent, Customer, Escalation, Notice, Promise, SearchDocument])
def test_no_field_of_these_models_makes_its_value_when_it_is_saved(model):
    dated = [field for field in model._meta.concrete_fields if getattr(field, "auto_now", False)]
    added = [field for field in model._meta.concrete_fields if getattr(field, "auto_now_add", False)]
    files = [field for field in model._meta.concrete_fields if isinstance(field, FileField)]
    assert dated + added + files == []
