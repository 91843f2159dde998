from datetime import UTC, datetime, timedelta

import pytest

from complaints.db.keyset_paging import BadKey, Column, Order, page_of
from complaints.models import Complaint
from complaints.queue.worklists import ORDERS
from tests.cases import logged

SEVERITIES = ["danger", "urgent", "normal", "complex"]


@pytest.fixture
def complaints(cast, at):
    """Eleven complaints: moments in disorder, three share one, three have none."""
    due = [5, 3, None, 3, 1, None, 9, 3, 7, None, 2]
    for number, hours in enumerate(due):
        complaint = logged(cast, at + timedelta(minutes=number % 4), severity=SEVERITIES[number % 4])
        moment = at + timedelta(hours=hours) if hours else None
        Complaint.objects.filter(pk=complaint.pk).update(next_due_at=moment)
    return Complaint.objects.all()


def sorted_by_hand(order: str) -> list[int]:
    rows = list(Complaint.objects.order_by("id"))
    never = datetime.max.replace(tzinfo=UTC)
    if order == "newest":
        return [row.pk for row in sorted(rows, key=lambda row: (row.received_at, row.pk), reverse=True)]
    rank = SEVERITIES.index if order == "severity" else lambda severity: 0
    return [row.pk for row in sorted(rows, key=lambda row: (rank(row.severity), row.next_due_at or never, row.pk))]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 11, 50])
def test_walking_forward_and_back_meets_every_row_once(complaints, order, size):
    pages = [page_of(complaints, ORDERS[order], size=size)]
    while pages[-1].next:
        pages.append(page_of(complaints, ORDERS[order], after=pages[-1].next, size=size))
    assert [row.pk for page in pages for row in page.rows] == sorted_by_hand(order)

    back = [pages[-1]]
    while back[0].previous:
        back.insert(0, page_of(complaints, ORDERS[order], before=back[0].previous, size=size))
    assert [[row.pk for row in page.rows] for page in back] == [[row.pk for row in page.rows] for page in pages]
    assert back[0].next == pages[0].next


def test_rows_without_a_moment_come_last(complaints):
    rows = page_of(complaints, ORDERS["promise"], size=50).rows
    assert [row.next_due_at is None for row in rows] == [False] * 8 + [True] * 3


def test_a_page_is_one_query(complaints, django_assert_num_queries):
    key = page_of(complaints, ORDERS["severity"], size=3).next
    with django_assert_num_queries(1):
        page_of(complaints, ORDERS["severity"], after=key, size=3)


def test_a_row_that_vanished_does_not_disturb_the_next_page(complaints):
    """A key says where to go on; the row it was taken from may be somewhere else by now."""
    first = page_of(complaints, ORDERS["promise"], size=4)
    expected = [row.pk for row in page_of(complaints, ORDERS["promise"], after=first.next, size=4).rows]
    Complaint.objects.filter(pk=first.rows[-1].pk).update(next_due_at=None)
    assert [row.pk for row in page_of(complaints, ORDERS["promise"], after=first.next, size=4).rows] == expected


def test_a_page_beyond_the_last_row_says_so(complaints):
    last = page_of(complaints, ORDERS["promise"], size=50).rows[-1]
    page = page_of(complaints, ORDERS["promise"], after=ORDERS["promise"].key_of(last), size=5)
    assert (page.rows, page.beyond, page.next, page.previous) == ([], True, "", "")


def test_an_empty_list_has_no_neighbours(db):
    page = page_of(Complaint.objects.all(), ORDERS["promise"], size=5)
    assert (page.rows, page.beyond, page.next, page.previous) == ([], False, "", "")


@pytest.mark.parametrize(
    "key",
    [
        "newest.1763431200000000.4",
        "severity.1.1763431200000000.4",
        "promise",
        "promise.",
        "promise.1763431200000000",
        "promise.1763431200000000.",
        "promise.soon.4",
        "promise.1763431200000000.4.5",
        "promise.1763431200000000.4x",
        "promise.9" + "9" * 30 + ".4",
        "promise.9223372036854775807.4",
        "promise.1763431200000000.9223372036854775808",
        "promise.-9223372036854775808.4",
        "promise.1763431200000000.1e3",
        "x" * 5000,
        "%' OR 1=1 --",
        "🙂.🙂.🙂",
    ],
)
def test_a_key_that_does_not_fit_is_refused_in_words(db, key):
    for direction in ("after", "before"):
        with pytest.raises(BadKey, match="This is the first page"):
            page_of(Complaint.objects.all(), ORDERS["promise"], **{direction: key}, size=5)


def test_moments_in_keys_are_exact_to_the_microsecond():
    order = Order("x", (Column("next_due_at", moment=True, nullable=True), Column("id")))
    moment = datetime(2026, 11, 18, 2, 0, 0, 123457, tzinfo=UTC)
    assert order.read(order.key_of(Complaint(pk=7, next_due_at=moment))) == [moment, 7]
    assert order.read(order.key_of(Complaint(pk=7, next_due_at=None))) == [None, 7]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 3, 4])
def test_parts_that_overlap_are_walked_as_one_list(complaints, order, size):
    ids = sorted_by_hand("newest")
    parts = [complaints.filter(pk__in=ids[:7]), complaints.filter(pk__in=ids[4:9]), complaints.none()]
    expected = [pk for pk in sorted_by_hand(order) if pk in ids[:9]]
    pages = [page_of(complaints, ORDERS[order], size=size, parts=parts)]
    while pages[-1].next:
        pages.append(page_of(complaints, ORDERS[order], after=pages[-1].next, size=size, parts=parts))
    assert [row.pk for page in pages for row in page.rows] == expected

    back = [pages[-1]]
    while back[0].previous:
        back.insert(0, page_of(complaints, ORDERS[order], before=back[0].previous, size=size, parts=parts))
    assert [[row.pk for row in page.rows] for page in back] == [[row.pk for row in page.rows] for page in pages]
