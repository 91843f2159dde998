"""Parts in one query are what ordinary queries give."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models import DecimalField, F, ForeignKey, GeneratedField

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.db.json_columns import Beside, Columns, Parts, _reader
from complaints.models import Complaint, Evidence, Feedback, Message, Option, Point, Resolution
from complaints.steps import options
from followups.models import Callback, Escalation, Promise
from tests.cases import at_stage


@pytest.fixture
def complaint(cast, at) -> Complaint:
    complaint = at_stage(cast, Status.ASSIGNED, at)
    staff = Actor.staff(cast.handler)
    options.offer(
        complaint.pk, words="“Money” back\n☂", amount=Decimal("186.30"), actor=staff, at=at + timedelta(microseconds=1)
    )
    messages.say(complaint.pk, kind="internal", body="Seal intact.", actor=staff, at=at)
    Feedback.objects.create(complaint=complaint, round=1, solved=None, rating=3, channel="link", at=at)
    Resolution.objects.create(complaint=complaint, round=1, cause=cast.drift, solution="Closed off")
    Evidence.objects.create(
        complaint=complaint,
        type="image",
        content_type="image/png",
        label="a.png",
        file="ab/cd",
        size=2**40,
        sha256="0" * 64,
        at=at,
    )
    Callback.objects.create(complaint=complaint, round=1, next_at=at, created_at=at)
    Escalation.objects.create(
        complaint=complaint, key="k", reason="manual", raised_at=at, sign_by=at, team=complaint.team
    )
    return complaint


def column_of(complaint, parts, **given):
    return Complaint.objects.annotate(part_rows=parts.column("complaint", **given)).get(pk=complaint.pk).part_rows


@pytest.mark.parametrize(
    "model", [Callback, Escalation, Evidence, Feedback, Message, Option, Point, Promise, Resolution]
)
def test_every_value_is_the_one_that_the_table_holds(complaint, model):
    parts = Parts(model)
    ordinary = list(model.objects.filter(complaint=complaint))
    read = parts.read(column_of(complaint, parts))
    assert ordinary
    assert read == ordinary
    for one, other in zip(read, ordinary, strict=True):
        assert {f.attname: getattr(one, f.attname) for f in model._meta.concrete_fields} == {
            f.attname: getattr(other, f.attname) for f in model._meta.concrete_fields
        }


def test_an_amount_keeps_its_exact_value_and_its_type(complaint):
    parts = Parts(Option)
    option = parts.read(column_of(complaint, parts))[0]
    assert repr(option.amount) == "Decimal('186.30')"


def test_what_foreign_keys_lead_to_comes_along_and_an_empty_one_stays_empty(
    cast, complaint, django_assert_num_queries
):
    parts = Parts(Option, beside=("offered_by", "approved_by"))
    rows = column_of(complaint, parts)
    with django_assert_num_queries(0):
        option = parts.read(rows)[0]
        assert (option.offered_by, option.offered_by.label, option.approved_by) == (cast.handler, "Li Min", None)


def test_the_related_name_gives_them_without_a_query(complaint, django_assert_num_queries):
    parts = Parts(Point)
    rows = column_of(complaint, parts)
    fresh = Complaint.objects.get(pk=complaint.pk)
    with django_assert_num_queries(0):
        parts.remember(fresh, "points", rows)
        assert [point.number for point in fresh.points.all()] == [1, 2]
        assert fresh.points.exists()
    assert fresh.points.filter(number=2).get().text == fresh.points.all()[1].text


def values_of(row):
    return row and {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def test_what_stands_beside_a_row_is_what_select_related_gives(cast, complaint, at, django_assert_num_queries):
    names = ("customer", "site", "category", "handler", "verification", "duplicate_of", "invalid_proposed_by")
    beside = Beside(Complaint, names)
    twin = at_stage(cast, Status.RECEIVED, at)
    Complaint.objects.filter(pk=complaint.pk).update(duplicate_of=twin)
    column = Columns(Complaint, beside=beside.column())
    for pk in (complaint.pk, twin.pk):
        ordinary, fresh = Complaint.objects.select_related(*names).get(pk=pk), Complaint.objects.get(pk=pk)
        beside.remember(fresh, column.of(pk)["beside"])
        with django_assert_num_queries(0):
            for name in names:
                assert values_of(getattr(fresh, name, None)) == values_of(getattr(ordinary, name, None)), name
    with django_assert_num_queries(0):
        assert not hasattr(fresh, "verification")
        assert fresh.duplicate_of is None
    assert complaint.verification


def test_a_key_that_changed_since_the_row_was_read_leads_where_it_led_then(cast, complaint):
    beside, read_before = Beside(Complaint, ("handler", "invalid_proposed_by")), Complaint.objects.get(pk=complaint.pk)
    Complaint.objects.filter(pk=complaint.pk).update(handler=None, invalid_proposed_by=cast.handler)
    beside.remember(read_before, Columns(Complaint, beside=beside.column()).of(complaint.pk)["beside"])
    assert (read_before.handler, read_before.invalid_proposed_by) == (cast.handler, None)


def test_a_query_that_is_written_once_answers_for_each_row(complaint, cast, at):
    points = Columns(Complaint, points=Parts(Point).column("complaint"), round=F("round"))
    other = at_stage(cast, Status.RECEIVED, at)
    assert [len(points.of(pk)["points"]) for pk in (complaint.pk, other.pk, complaint.pk)] == [2, 0, 2]
    assert points.of(other.pk)["round"] == other.round
    with pytest.raises(Complaint.DoesNotExist):
        points.of(0)


def test_the_last_few_come_in_the_order_asked_for(complaint):
    parts = Parts(Point)
    rows = column_of(complaint, parts, order=("-number",), most=1)
    assert [point.number for point in parts.read(rows)] == [2]


def test_parts_of_another_complaint_stay_there(cast, at, complaint):
    other = at_stage(cast, Status.RECEIVED, at)
    assert column_of(other, Parts(Point)) == []


# What a value of each kind of field may be, at its edges.
VALUES = {
    "BigAutoField": [1, 2**40],
    "BigIntegerField": [0, -(2**62), 2**62],
    "BooleanField": [True, False],
    "CharField": ["", "“½” \\ \n☂ 态度", "null"],
    "DateField": [date(2024, 2, 29)],
    "DateTimeField": [datetime(2026, 11, 1, 5, 30, 0, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)],
    "DecimalField": [Decimal("0.10"), Decimal("9999999.99"), Decimal("-186.30")],
    "DurationField": [timedelta(days=-1, microseconds=1), timedelta(hours=30)],
    "EmailField": ["a@desk.example", ""],
    "FileField": ["ab/cd", ""],
    "IntegerField": [0, -(2**31), 2**31 - 1],
    "JSONField": [{}, [1, "½", None, {"a": 0.5}], "text"],
    "PositiveBigIntegerField": [0, 2**62],
    "PositiveIntegerField": [0, 2**31 - 1],
    "PositiveSmallIntegerField": [0, 2**15 - 1],
    "SearchVectorField": [],
    # The file of posters is fetched by itself only.
    "BinaryField": [],
    "SmallIntegerField": [-(2**15), 2**15 - 1],
    "TextField": ["", "two\nlines"],
    "TimeField": [time(23, 59, 59, 1)],
    "UUIDField": [UUID("12345678-1234-5678-1234-567812345678")],
}
OURS = [model for app in ("accounts", "complaints", "followups") for model in apps.get_app_config(app).get_models()]


def types_of(model) -> set[str]:
    found = set()
    for column in model._meta.concrete_fields:
        while isinstance(column, ForeignKey):
            column = column.target_field
        column = column.output_field if isinstance(column, GeneratedField) else column
        found.add(type(column).__name__ if isinstance(column, SearchVectorField) else column.get_internal_type())
    return found


def test_every_kind_of_field_that_we_have_is_tried():
    assert set().union(*map(types_of, OURS)) <= VALUES.keys()


@pytest.mark.parametrize("name", [name for name, values in VALUES.items() if values])
def test_a_value_of_json_is_read_as_the_table_gives_it(db, name):
    """Through PostgreSQL: as a column, and as JSON that became a value of Python again."""
    field = {"DecimalField": lambda: DecimalField(max_digits=12, decimal_places=2)}.get(name) or getattr(models, name)
    field = field()
    for value in VALUES[name]:
        kind = field.db_type(connection) if name != "BigAutoField" else "bigint"
        given = field.get_db_prep_value(field.get_prep_value(value), connection)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(CAST(%s AS {kind}))::text", [given])
            ((written,),) = cursor.fetchall()
        reader = _reader(field)
        read = reader(json.loads(written)) if reader else json.loads(written)
        assert (read, type(read)) == (value, type(value))


def test_the_plain_way_gives_the_same_instances(complaint, settings):
    parts = Parts(Option, beside=("offered_by",))
    rows = column_of(complaint, parts)
    fast = parts.read(rows)
    settings.PLAIN_FETCH = True
    plain = parts.read(rows)
    assert [vars(one) | {"_state": None} for one in plain] == [vars(one) | {"_state": None} for one in fast]
