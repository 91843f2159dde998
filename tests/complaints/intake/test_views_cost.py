"""What logging asks of the database: the same few statements, however much the desk holds."""

import pytest
import time_machine
from django.db import connection

from complaints.models import Complaint
from tests.complaints.intake.log_form import LOG, sent, typed

# Session, person, roles and sites; the transaction takes two.
LOG_QUERIES = 19


@pytest.mark.parametrize("before", [1, 3])
def test_logging_costs_the_same_few_statements_for_few_and_for_many(
    cast, client, at, before, django_assert_max_num_queries
):
    with time_machine.travel(at, tick=False):
        for number in range(before):
            sent(client, cast, phone=f"139 0000 000{number}", email="li@customer.example", name="Li Wei")
        with django_assert_max_num_queries(LOG_QUERIES):
            client.post(LOG, typed(cast, email="li@customer.example", name="Li Wei"))
    assert Complaint.objects.count() == before + 1


def test_nothing_that_logging_writes_stands_in_an_index_for_patterns(db):
    """Django makes one for each unique text; the unique ones answer whoever asks."""
    written = ("complaints_complaint", "followups_notice", "followups_escalation")
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT indexname FROM pg_indexes WHERE tablename IN %s AND indexname LIKE '%%\_like'", [written]
        )
        assert cursor.fetchall() == []
