"""References without gaps, and blocks of them for an import, which holds up nobody."""

import io
import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from complaints.intake import references
from complaints.models import Complaint, ReferenceBlock
from tests.cases import logged
from tests.cast import build_cast


def test_numbers_follow_each_other_by_year_of_the_organisation(cast, at):
    assert references.next_references(at, 2) == ["C-2026-000001", "C-2026-000002"]
    new_year = at.replace(month=12, day=31, hour=16)
    assert references.next_references(new_year, 1) == ["C-2027-000001"], "in Shanghai it is the new year"
    assert references.next_references(at, 1) == ["C-2026-000003"]


def test_taking_a_number_is_one_query(db, at, django_assert_num_queries):
    with django_assert_num_queries(1):
        references.next_references(at, 500)


def test_a_reserved_block_is_used_once(db, at):
    block = references.reserve_references(at, 3)
    assert references.next_references(at, 1) == ["C-2026-000004"]
    assert references.use(block) == ["C-2026-000001", "C-2026-000002", "C-2026-000003"]
    with pytest.raises(ReferenceBlock.DoesNotExist):
        references.use(block)


def test_a_block_that_was_never_used_is_a_gap_that_the_history_explains(cast, at):
    logged(cast, at)
    block = references.reserve_references(at, 5)
    logged(cast, at)
    out = io.StringIO()
    call_command("verify_history", stdout=out)
    assert "Nothing was changed." in out.getvalue()
    references.use(block)
    with pytest.raises(Exception, match="changed in 5 places"):
        call_command("verify_history", stdout=out, stderr=out)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestAtTheSameTime:
    def test_nobody_waits_for_an_import_that_reserved_its_numbers(self, at):
        cast = build_cast()
        block = references.reserve_references(at, 100)
        with transaction.atomic():
            references.use(block)
            made = []

            def log():
                try:
                    with connection.cursor() as cursor:
                        cursor.execute("SET lock_timeout = '500ms'")
                    made.append(logged(cast, at).reference)
                finally:
                    connection.close()

            thread = threading.Thread(target=log)
            thread.start()
            thread.join(20)
            assert made == ["C-2026-000101"], "logged while the import is still at work"

    def test_reserving_inside_a_transaction_would_hold_the_counter_and_is_refused(self, at):
        with transaction.atomic(), pytest.raises(RuntimeError):
            references.reserve_references(at, 5)

    def test_a_rolled_back_import_may_use_its_block_again(self, at):
        block = references.reserve_references(at, 2)
        with transaction.atomic():
            references.use(block)
            transaction.set_rollback(True)
        assert len(references.use(block)) == 2
        assert not Complaint.objects.exists()
