"""The daily summary: written once, sent like any other mail, and only when there is something new."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from accounts.models import Person
from complaints.models import Complaint
from followups import clock
from followups.delivery import delivery, digests
from followups.models import Notice
from followups.notices import bell, mails
from followups.outbox import notices
from tests.cases import at_stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
State = Notice.State


@pytest.fixture
def complaint(cast, at):
    complaint = at_stage(cast, "assigned", at)
    Notice.objects.all().delete()
    Person.objects.filter(pk=cast.handler.pk).update(notify_by_mail="daily")
    cast.handler.refresh_from_db()
    return complaint


def gathered(person, complaint, at, count=1, event="reply_received") -> list[Notice]:
    """Notices that wait for the summary, which is due."""
    before = Notice.objects.count()
    for number in range(before, before + count):
        notices.tell_person(person, event, complaint=complaint, key=f"o:{number}", data={}, at=at)
    Notice.objects.filter(state=State.GATHERED).update(not_before=clock.now() - HOUR)
    return list(Notice.objects.order_by("id")[before:])


def the_digest() -> Notice:
    return Notice.objects.get(event="digest")


def test_a_day_becomes_one_mail_and_what_it_tells_of_needs_none(cast, complaint, at):
    told = gathered(cast.handler, complaint, at, count=3)
    assert dict(delivery.run(budget_seconds=10)) == {"sent": 1}
    assert set(Notice.objects.exclude(event="digest").values_list("state", flat=True)) == {State.SHOWN}
    (message,) = mail.outbox
    assert message.to == [cast.handler.email]
    assert message.subject == "Your daily summary: 3 things happened"
    assert message.body.count(f"/complaints/{complaint.reference}/") == len(told)
    assert f"{complaint.reference}: {complaint.subject}" in message.body
    assert "The customer wrote." in message.body
    assert "{" not in message.body
    assert message.extra_headers["List-Unsubscribe"].endswith("/preferences/>")
    assert dict(delivery.run(budget_seconds=10)) == {}


def test_it_is_written_in_the_readers_language(cast, complaint, at):
    cast.handler.language = "zh-hans"
    cast.handler.save(update_fields=["language"])
    gathered(cast.handler, complaint, at)
    digests.write_due()
    assert the_digest().language == "zh-hans"


def test_what_is_not_due_waits(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    Notice.objects.update(not_before=clock.now() + HOUR)
    assert digests.write_due() == 0
    assert Notice.objects.get().state == State.GATHERED


def test_what_is_due_takes_along_what_would_be_due_later(cast, complaint, at):
    first, second = gathered(cast.handler, complaint, at, count=2)
    Notice.objects.filter(pk=second.pk).update(not_before=clock.now() + HOUR)
    assert digests.write_due() == 1
    assert the_digest().data["notices"] == [first.pk, second.pk]


def test_there_is_one_a_day_and_what_comes_a_moment_later_waits_for_tomorrow(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    assert digests.write_due() == 1
    (late,) = gathered(cast.handler, complaint, at)
    assert digests.write_due() == 0
    late.refresh_from_db()
    assert late.state == State.GATHERED
    assert late.not_before > clock.now()
    assert digests.write_due() == 0


def test_what_was_seen_in_the_desk_is_not_new(cast, complaint, at):
    seen, unseen = gathered(cast.handler, complaint, at, count=2)
    bell.see(seen, at=at)
    digests.write_due()
    assert the_digest().data["notices"] == [unseen.pk]


def test_without_anything_new_there_is_no_mail(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    Notice.objects.update(seen_at=at)
    assert digests.write_due() == 0
    assert Notice.objects.get().state == State.SHOWN


@pytest.mark.parametrize("changed", [{"email": ""}, {"notify_by_mail": "urgent"}])
def test_who_wants_no_such_mail_any_more_gets_none(cast, complaint, at, changed):
    gathered(cast.handler, complaint, at)
    Person.objects.filter(pk=cast.handler.pk).update(**changed)
    assert digests.write_due() == 0
    assert Notice.objects.get().state == State.SHOWN


def test_what_waited_for_somebody_who_left_goes_to_whoever_answers_now(cast, complaint, at):
    (gone,) = gathered(cast.handler, complaint, at)
    Person.objects.filter(pk=cast.handler.pk).update(is_active=False)
    assert digests.write_due() == 0
    gone.refresh_from_db()
    assert (gone.state, gone.dropped_because) == (State.DROPPED, "inactive")
    assert Notice.objects.get(event="reply_received", state=State.QUEUED).person == cast.supervisor


def test_what_is_not_so_any_more_is_in_no_summary(cast, complaint, at):
    (gone,) = gathered(cast.handler, complaint, at, event="assigned")
    Complaint.objects.filter(pk=complaint.pk).update(handler=cast.colleague)
    gathered(cast.handler, complaint, at, event="taken_away")
    digests.write_due()
    body = mails.compose(the_digest(), now=at).body
    assert "is yours now" not in body
    assert "handed over to somebody else" in body
    gone.refresh_from_db()
    assert gone.dropped_because == "not_theirs"


def test_who_chose_at_once_meanwhile_still_gets_what_waited(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    Person.objects.filter(pk=cast.handler.pk).update(notify_by_mail="at_once")
    assert digests.write_due() == 1


def test_everybody_gets_their_own(cast, complaint, at):
    cast.colleague.notify_by_mail = "daily"
    gathered(cast.handler, complaint, at)
    gathered(cast.colleague, complaint, at, event="taken_away")
    assert digests.write_due() == 2
    assert set(Notice.objects.filter(event="digest").values_list("person", flat=True)) == {
        cast.handler.pk,
        cast.colleague.pk,
    }


def test_it_is_no_news_of_its_own_under_the_bell(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    digests.write_due()
    assert bell.unseen(cast.handler) == 1
    assert not bell.notices_of(cast.handler, at).filter(event="digest").exists()


def test_a_long_day_ends_with_how_much_more_there_was(cast, complaint, at):
    gathered(cast.handler, complaint, at, count=mails.MOST_SUMMED_UP + 2)
    digests.write_due()
    written = mails.compose(the_digest(), now=at)
    assert written.subject == "Your daily summary: 52 things happened"
    assert written.body.count("The customer wrote.") == mails.MOST_SUMMED_UP
    assert "And 2 things before that." in written.body


def test_a_case_that_went_out_of_sight_is_not_named(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    digests.write_due()
    complaint.named_people.add(cast.handler)
    body = mails.compose(the_digest(), now=at).body
    assert complaint.reference not in body
    assert complaint.subject not in body


def test_one_that_cannot_be_delivered_is_on_the_list_of_who_supervises_the_newest_case(cast, complaint, at):
    gathered(cast.handler, complaint, at)
    digests.write_due()
    assert the_digest().complaint == complaint


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_workers_write_each_summary_once(cast, complaint, at):
    for person in (cast.supervisor, cast.colleague, cast.neighbour):
        person.notify_by_mail = "daily"
        gathered(person, complaint, at, count=5, event="taken_away")
    written = []

    def work():
        written.append(digests.write_due())
        connection.close()

    workers = [threading.Thread(target=work) for _number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(written) == 3
    told = [
        pk for data in Notice.objects.filter(event="digest").values_list("data", flat=True) for pk in data["notices"]
    ]
    assert len(told) == len(set(told)) == 15
    assert not Notice.objects.filter(state=State.GATHERED).exists()
