"""Filling: what is invented must be what the desk itself would have written."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import Membership, Person, Role, Team
from complaints.case import events
from complaints.choices import Status
from complaints.models import Complaint, Customer, Message, SearchDocument
from complaints.search.find import matching, query_of
from complaints.search.index import index_many
from demo.bulk import run
from demo.bulk.copying import Numbers, copy
from followups.models import Callback, Escalation, Notice, Promise
from followups.policies.next_due import next_due_of
from tests.cases import logged

COUNT = 150


@pytest.fixture
def filled(db, at):
    assert list(run.fill(COUNT, seed=17, at=at, batch=40, parallel=False)) == [COUNT]
    return list(Complaint.objects.select_related("customer", "verification").order_by("received_at"))


def test_as_many_cases_as_asked_for_stand_at_every_stage(filled, at):
    assert len(filled) == COUNT
    assert {complaint.status for complaint in filled} == set(Status.values)
    assert all(complaint.received_at <= at for complaint in filled)
    assert Counter(complaint.status for complaint in filled).most_common(1)[0][0] == Status.ARCHIVED


def test_so_many_of_the_newest_stay_open_as_are_asked_for(db, at):
    assert list(run.fill(COUNT, seed=17, at=at, still_open=100, batch=40, parallel=False)) == [COUNT]
    by_age = Complaint.objects.order_by("-received_at")
    assert all(complaint.status != Status.ARCHIVED for complaint in by_age[:100])
    assert {complaint.status for complaint in by_age[:100]} == set(Status.values) - {Status.ARCHIVED}
    assert any(complaint.status == Status.ARCHIVED for complaint in by_age[100:])
    for complaint in by_age[:100]:
        assert list(events.broken_links(complaint, list(complaint.events.order_by("number")))) == []


def test_references_follow_the_order_in_which_cases_came_in(filled):
    references = [complaint.reference for complaint in filled]
    assert references == sorted(references)
    assert len(set(references)) == COUNT


def test_every_history_is_an_unbroken_chain_that_ends_at_the_stage(filled):
    for complaint in filled:
        history = list(complaint.events.order_by("number"))
        assert list(events.broken_links(complaint, history)) == []
        assert [event.at for event in history] == sorted(event.at for event in history)
        moved = [event.data["to"] for event in history if "to" in event.data]
        assert ([Status.RECEIVED, *moved])[-1] == complaint.status


def test_the_next_promise_is_the_one_that_the_desk_would_show(filled):
    assert {c.pk: c.next_due_at for c in filled} == next_due_of(filled)
    assert any(c.next_due_at for c in filled)


def test_promises_are_kept_broken_open_and_nothing_breaks_at_once(filled, at):
    states = Counter(Promise.objects.values_list("state", flat=True))
    assert states["kept"] > states["broken"] > 0
    assert states["open"] > 0
    assert not Promise.objects.filter(state="open", act_at__lte=at).exists()
    assert not Promise.objects.filter(state="open", warn_at__lte=at, warned_at=None, paused_since=None).exists()
    assert not Promise.objects.filter(complaint__status="archived", state="open").exists()
    assert not Escalation.objects.filter(signed_at=None, sign_by__lte=at).exists()
    assert not Callback.objects.filter(complaint__status="archived", state="open").exists()


def test_nobody_is_written_to(filled):
    assert not Notice.objects.exists()
    assert not Customer.objects.exclude(email="").exists()


def test_every_case_is_found_by_its_words_as_if_it_had_been_logged(filled):
    documents = SearchDocument.objects.order_by("pk").values_list("complaint_id", "tokens", "begins")
    before = list(documents)
    index_many(filled)
    assert list(documents.all()) == before
    assert filled[0] in matching(Complaint.objects.all(), query_of(filled[0].customer.name))


def test_conversations_have_up_to_six_entries_and_the_last_one_twenty(filled):
    lengths = Counter(Message.objects.values_list("complaint_id", flat=True))
    newest = Complaint.objects.order_by("reference").last()
    assert lengths.pop(newest.pk) == 20
    assert set(lengths.values()) == set(range(1, 7))


def test_customers_complain_again(filled):
    assert Customer.objects.count() < COUNT


def contents(cast, at, seed: int) -> list[tuple]:
    """Fill, look, and take it back."""
    fields = ("narrative", "status", "received_at", "customer__name", "team__name", "handler__name", "next_due_at")
    before = transaction.savepoint()
    list(run.fill(30, seed=seed, at=at, batch=10, parallel=False))
    found = list(Complaint.objects.order_by("reference").values_list(*fields))
    transaction.savepoint_rollback(before)
    return found


def test_the_same_seed_makes_the_same_cases_and_another_others(cast, at):
    assert contents(cast, at, 3) == contents(cast, at, 3) != contents(cast, at, 4)


def test_the_organisation_that_is_there_gets_the_cases(cast, at):
    list(run.fill(20, seed=1, at=at, parallel=False))
    assert Team.objects.count() == 7
    assert set(Complaint.objects.values_list("site", flat=True)) <= {cast.hexi.pk, cast.weiyang.pk, cast.qujiang.pk}
    assert set(Complaint.objects.values_list("category__name", flat=True)) <= {"Metering", None}


def test_an_invented_organisation_lets_nobody_sign_in(filled):
    assert Team.objects.filter(kind="site").count() == 40
    assert Membership.objects.filter(role=Role.HANDLER).count() > 100
    assert not any(person.has_usable_password() for person in Person.objects.all())


def test_real_cases_are_not_mixed_with_invented_ones_unless_asked_to(cast, at):
    logged(cast, at)
    with pytest.raises(CommandError, match="not invented here"):
        call_command("fill", "--complaints", "2")
    call_command("fill", "--complaints", "2", "--force", "--verbosity", "0")
    assert Complaint.objects.count() == 3


def test_invented_cases_can_be_added_to(db):
    for _time in range(2):
        call_command("fill", "--complaints", "2", "--verbosity", "0")
    assert Complaint.objects.count() == 4


def test_teams_without_anybody_who_handles_complaints_are_refused(db):
    company = Team.objects.create(name="Nobody's company", kind="company")
    Team.objects.create(name="Lonely site", kind="site", parent=company)
    with pytest.raises(CommandError, match="no site where somebody handles"):
        call_command("fill", "--complaints", "2")
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("count", ["0", "-5"])
def test_a_number_below_one_is_refused(db, count):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("fill", "--complaints", count)


def test_texts_arrive_as_they_are(db, at):
    """Tabs, line ends and backslashes mean something in COPY."""
    name = "a\tb\nc\\d\re \\N 😀"
    copy([Customer(pk=Numbers().next(Customer), name=name, created_at=at)])
    assert Customer.objects.get().name == name


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_processes_side_by_side_store_everything(at):
    list(run.fill(40, seed=3, at=at, batch=10))
    assert Complaint.objects.count() == 40
