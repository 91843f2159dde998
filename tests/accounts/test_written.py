"""Queries that are written once give what the querysets behind them give."""

import psycopg2
import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Value

from accounts.models import Membership, Person, Role, Team
from accounts.written import Given, Written, WrittenRows


def roles_of(**how):
    return Written(
        lambda: (
            Membership.objects.filter(person=Given("person"), role__in=[Role.HANDLER, Role.FRONTLINE])
            .order_by("pk")
            .values_list("role", Value("50 %"))
        ),
        **how,
    )


@pytest.mark.parametrize("planned_once", [False, True])
def test_each_value_gets_its_own_answer(cast, planned_once, django_assert_num_queries):
    written = roles_of(planned_once=planned_once)
    assert written.rows(person=cast.handler.pk) == [(Role.HANDLER, "50 %")]
    with django_assert_num_queries(2):
        assert written.rows(person=cast.frontline.pk) == [(Role.FRONTLINE, "50 %")]
        assert written.rows(person=0) == []


def test_what_changed_meanwhile_is_read(cast):
    written = roles_of(planned_once=True)
    written.rows(person=cast.handler.pk)
    Membership.objects.filter(person=cast.handler).update(role=Role.AUDITOR)
    assert written.rows(person=cast.handler.pk) == []


def test_a_statement_outlives_the_transaction_that_took_it_back(cast):
    written = roles_of(planned_once=True)
    with transaction.atomic():
        written.rows(person=cast.handler.pk)
        transaction.set_rollback(True)
    assert written.rows(person=cast.handler.pk) == [(Role.HANDLER, "50 %")]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_new_connection_is_told_the_statement_again(cast):
    written = roles_of(planned_once=True)
    written.rows(person=cast.handler.pk)
    connection.close()
    assert written.rows(person=cast.handler.pk) == [(Role.HANDLER, "50 %")]


def test_the_drivers_refusal_is_djangos(cast):
    written = Written(lambda: ("SELECT pg_sleep(1), %s", [Given("x")]), planned_once=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
    with pytest.raises(OperationalError) as refused, transaction.atomic():
        written.rows(x="")
    assert isinstance(refused.value.__cause__, psycopg2.Error)


def test_rows_of_a_model_come_as_instances(cast):
    rows = WrittenRows(Person, lambda people: people.filter(pk=Given("key")))
    (person,) = rows.instances(key=cast.handler.pk)
    ordinary = Person.objects.get(pk=cast.handler.pk)
    assert person == ordinary
    assert {f.attname: getattr(person, f.attname) for f in Person._meta.concrete_fields} == {
        f.attname: getattr(ordinary, f.attname) for f in Person._meta.concrete_fields
    }
    assert not person._state.adding


def test_a_model_whose_fields_convert_is_refused(db):
    from complaints.models import Complaint

    with pytest.raises(AssertionError, match="converts what it reads"):
        WrittenRows(Complaint, lambda complaints: complaints.filter(pk=1)).instances()
    assert WrittenRows(Team, lambda teams: teams.filter(pk=0)).instances() == []


def test_what_can_fit_nothing_asks_nothing(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Written(lambda: Person.objects.filter(pk__in=[]).values_list("pk"), planned_once=True).rows() == []
