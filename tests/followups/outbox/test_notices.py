from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Calendar, CalendarSpan, Team
from complaints.case import events
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.conversation import messages
from followups.models import Notice
from followups.outbox import notices
from tests.cases import IMPORTED, logged

HOUR = timedelta(hours=1)
FRIDAY_NIGHT = datetime(2026, 11, 20, 20, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 11, 23, 0, tzinfo=UTC)


@pytest.fixture
def complaint(cast, at):
    complaint = logged(cast, at)
    Notice.objects.all().delete()
    return complaint


@pytest.fixture
def stations(cast):
    calendar = Calendar.objects.create(name="Stations", chinese_holidays=False)
    for weekday in range(5):
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(18))
    Team.objects.filter(pk=cast.company.pk).update(calendar=calendar)


def tell(person, complaint, at, key="occasion"):
    return notices.tell_person(person, "promise_warned", complaint=complaint, key=key, data={}, at=at)


def tell_customer(complaint, at, key="occasion"):
    return notices.tell_customer(complaint, "customer_resolved", key=key, data={}, at=at)


def test_one_occasion_is_one_notice_for_each_recipient_for_ever(cast, complaint, at):
    for _ in range(2):
        assert tell(cast.handler, complaint, at)
        assert tell(cast.colleague, complaint, at)
        assert tell_customer(complaint, at)
    keys = Notice.objects.values_list("key", flat=True)
    assert sorted(keys) == sorted(
        ["occasion:customer", f"occasion:person:{cast.handler.pk}", f"occasion:person:{cast.colleague.pk}"]
    )


def test_it_goes_to_the_recipients_address_in_the_recipients_language(cast, complaint, at):
    cast.handler.language = "zh-hans"
    tell(cast.handler, complaint, at)
    tell_customer(complaint, at)
    rows = [(n.address, n.language, n.to_customer, n.state) for n in Notice.objects.order_by("id")]
    assert rows == [
        (cast.handler.email, "zh-hans", False, "queued"),
        ("wang@customer.example", "en", True, "queued"),
    ]


def test_people_without_an_address_are_told_in_the_page_alone(cast, complaint, at):
    cast.handler.email = ""
    assert tell(cast.handler, complaint, FRIDAY_NIGHT)
    notice = Notice.objects.get()
    assert (notice.state, notice.address, notice.seen_at) == ("shown", "", None)


def test_people_who_left_are_told_nothing(cast, complaint, at):
    cast.colleague.is_active = False
    assert not tell(cast.colleague, complaint, at)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("chosen", "state"), [("at_once", "queued"), ("daily", "gathered"), ("urgent", "shown")])
def test_a_mail_is_sent_as_its_reader_chose(cast, complaint, at, chosen, state):
    cast.handler.notify_by_mail = chosen
    tell(cast.handler, complaint, at)
    assert Notice.objects.get().state == state


@pytest.mark.parametrize("chosen", ["daily", "urgent"])
def test_danger_and_what_must_be_signed_for_are_mailed_at_once_whatever_was_chosen(cast, complaint, at, chosen):
    cast.supervisor.notify_by_mail = chosen
    escalated = {"event": "escalated", "complaint": complaint, "data": {}, "at": at}
    notices.tell_person(cast.supervisor, key="to sign", **escalated)
    complaint.severity = "danger"
    tell(cast.supervisor, complaint, at)
    assert list(Notice.objects.values_list("state", "not_before")) == [("queued", at)] * 2


@pytest.mark.parametrize(
    ("zone", "told_at", "summed_up"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 18, 23, 59, tzinfo=UTC), datetime(2026, 11, 19, 0, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 11, 19, 0, 0, tzinfo=UTC), datetime(2026, 11, 20, 0, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 11, 18, 12, tzinfo=UTC), datetime(2026, 11, 19, 7, tzinfo=UTC)),
        # Clocks go forward on 29 March.
        ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        ("Mars/Base", datetime(2026, 11, 18, 12, tzinfo=UTC), datetime(2026, 11, 19, 0, tzinfo=UTC)),
    ],
)
def test_the_summary_comes_at_eight_in_the_readers_zone(cast, complaint, zone, told_at, summed_up):
    cast.handler.notify_by_mail, cast.handler.time_zone = "daily", zone
    tell(cast.handler, complaint, told_at)
    assert Notice.objects.get().not_before == summed_up


def test_the_summary_waits_for_the_next_opening_too(cast, complaint, stations):
    cast.handler.notify_by_mail = "daily"
    tell(cast.handler, complaint, FRIDAY_NIGHT)
    assert Notice.objects.get().not_before == MONDAY_MORNING


def test_customers_who_wish_no_contact_or_left_no_way_get_none(cast, complaint, at):
    complaint.wishes_no_contact = True
    assert not tell_customer(complaint, at)
    complaint.wishes_no_contact = False
    complaint.customer.email = complaint.customer.phone = ""
    assert not tell_customer(complaint, at)
    complaint.customer = None
    assert not tell_customer(complaint, at)
    assert not Notice.objects.exists()
    assert not complaint.promises.filter(kind="tell").exists()


@pytest.mark.parametrize(("email", "failed"), [("", False), ("wang@customer.example", True)])
def test_whom_no_message_reaches_is_to_be_called_once_for_all_there_is_to_say(cast, complaint, at, email, failed):
    complaint.customer.email, complaint.customer.email_failed_at = email, at if failed else None
    for number in (1, 2):
        assert tell_customer(complaint, at, key=f"told:{number}")
    said = [(row.channel, row.state, row.address) for row in Notice.objects.all()]
    assert said == [("call", "to_say", complaint.customer.phone)] * 2
    promise = complaint.promises.get(kind="tell")
    assert (promise.to_customer, promise.made_by, promise.state) == (False, None, "open")


def test_an_imported_case_is_quiet_until_somebody_works_on_it(cast, complaint, at):
    complaint.pk = complaint.logged_by = None
    complaint.reference, complaint.token_hash, complaint.event_count = "C-2026-900001", "x", 0
    complaint.save()
    events.record(complaint, EventKind.IMPORTED, actor=SYSTEM, at=at, data=IMPORTED)
    assert not tell_customer(complaint, at)
    assert tell(cast.handler, complaint, at)
    messages.say(complaint.pk, kind="internal", body="I look at it", actor=Actor.staff(cast.handler), at=at + HOUR)
    assert tell_customer(complaint, at + HOUR)


def test_at_night_people_are_told_at_the_next_opening_and_customers_at_once(cast, complaint, stations):
    tell(cast.handler, complaint, FRIDAY_NIGHT)
    tell_customer(complaint, FRIDAY_NIGHT)
    waits = dict(Notice.objects.values_list("to_customer", "not_before"))
    assert waits == {False: MONDAY_MORNING, True: FRIDAY_NIGHT}


def test_danger_to_people_wakes_them(cast, complaint, stations):
    complaint.severity = "danger"
    tell(cast.handler, complaint, FRIDAY_NIGHT)
    assert Notice.objects.get().not_before == FRIDAY_NIGHT


def test_without_a_calendar_or_with_one_that_never_opens_nobody_waits(cast, complaint):
    tell(cast.handler, complaint, FRIDAY_NIGHT, key="none")
    cast.hexi.calendar = Calendar.objects.create(name="Never", chinese_holidays=False)
    cast.hexi.save(update_fields=["calendar"])
    tell(cast.handler, complaint, FRIDAY_NIGHT, key="never")
    assert set(Notice.objects.values_list("not_before", flat=True)) == {FRIDAY_NIGHT}
