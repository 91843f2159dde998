"""Parts in one query are what ordinary queries give."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from complaints import conversation, solutions
from complaints.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint, Evidence, Feedback, Message, Option, Point, Resolution
from complaints.together import Beside, Columns, Parts
from followups.models import Callback, Escalation, Promise
from tests.cases import at_stage


@pytest.fixture
def complaint(cast, at) -> Complaint:
    complaint = at_stage(cast, Status.ASSIGNED, at)
    staff = Actor.staff(cast.handler)
    solutions.offer(
        complaint.pk, words="“Money” back\n☂", amount=Decimal("186.30"), actor=staff, at=at + timedelta(microseconds=1)
    )
    conversation.say(complaint.pk, kind="internal", body="Seal intact.", actor=staff, at=at)
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
