import io

import pytest
from django.core.management import call_command
from django.db import connection, connections

from complaints import tasks
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import Complaint, Message, SearchDocument
from complaints.search import rebuild
from complaints.search.find import matching, query_of
from tests.cases import logged
from tests.cast import build_cast


def grow_old():
    """Every document as an older version left it: no folded words, and no mark of its rules."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE complaints_searchdocument SET tokens = '', begins = '', rules = DEFAULT")


def found(text) -> list[str]:
    return list(matching(Complaint.objects.order_by("pk"), query_of(text)).values_list("reference", flat=True))


@pytest.fixture
def old(cast, at):
    complaints = [logged(cast, at, narrative="態度惡劣", name="Jörg Müller") for _number in range(3)]
    messages.say(
        complaints[0].pk, kind=Message.Kind.INTERNAL, body="Er heißt Bühler", actor=Actor.staff(cast.handler), at=at
    )
    grow_old()
    assert found("态度") == []
    return [complaint.reference for complaint in complaints]


def test_documents_of_older_rules_are_made_anew_a_few_at_a_time(old, monkeypatch):
    monkeypatch.setattr(rebuild, "AT_ONCE", 2)
    assert (rebuild.outdated(), rebuild.some(), rebuild.outdated()) == (3, 2, 1)
    assert (rebuild.some(), rebuild.some()) == (1, 0)
    assert found("态度") == found("muller") == found("Mueller") == old
    assert found("buehler") == found("Bühler") == old[:1]


def test_the_worker_does_it_by_itself(old):
    tasks.rebuild_search()
    assert found("態度") == old


def test_the_command_says_what_is_left(old):
    said = io.StringIO()
    call_command("rebuild_search", stdout=said)
    assert said.getvalue().splitlines() == ["0 left", "All up to date."]
    call_command("rebuild_search", stdout=said)
    assert said.getvalue().splitlines()[-1] == "All up to date."


def test_nothing_to_do_costs_one_look_at_an_empty_index(cast, at, django_assert_num_queries):
    logged(cast, at)
    with django_assert_num_queries(3):
        assert rebuild.some() == 0
    assert not SearchDocument.objects.filter(rules__lt=2).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_case_that_somebody_works_on_is_left_for_later(at):
    complaint = logged(build_cast(), at)
    grow_old()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM complaints_complaint WHERE id = %s FOR NO KEY UPDATE", [complaint.pk])
        assert rebuild.work(budget_seconds=5) == 0
    finally:
        other.rollback()
        other.close()
    assert rebuild.work(budget_seconds=5) == 1
