"""The small pages around promises: make, keep, move and withdraw; what is refused stands beside its field."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Calendar, CalendarSpan
from complaints.choices import Status
from followups.models import Promise
from tests.cases import at_stage
from tests.followups.due import make_due

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, now):
    return at_stage(cast, Status.ASSIGNED, now - HOUR)


def typed(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def making(complaint) -> str:
    return reverse("followups:make_promise", args=[complaint.reference])


def given(now, **more) -> dict:
    return {"kind": "visit", "words": "The technician comes", "due_at": typed(now + DAY), "to_customer": "on"} | more


@pytest.fixture
def promise(client, cast, complaint, now) -> Promise:
    """A promise that the handler made by hand; the handler is signed in."""
    client.force_login(cast.handler)
    client.post(making(complaint), given(now))
    return Promise.objects.get(kind="visit")


def on(name, promise) -> str:
    return reverse(f"followups:{name}_promise", args=[promise.pk])


def test_on_the_case_and_on_its_own_page_the_form_has_one_draft(client, cast, complaint):
    client.force_login(cast.handler)
    pages = (making(complaint), reverse("complaints:case", args=[complaint.reference]))
    draft = f'data-draft="{cast.handler.pk}:page:complaints{complaint.reference}promises"'
    assert [client.get(page).content.decode().count(draft) for page in pages] == [1, 1]


def test_a_promise_is_made_and_the_person_comes_back_to_the_case(client, cast, complaint, now):
    client.force_login(cast.handler)

    answer = client.post(making(complaint), given(now))

    made = Promise.objects.get(kind="visit")
    assert answer.url == reverse("complaints:case", args=[complaint.reference])
    assert (made.words, made.made_by, made.to_customer) == ("The technician comes", cast.handler, True)
    assert typed(made.due_at) == typed(now + DAY)


def test_a_moment_between_the_complaint_and_now_is_over(client, cast, complaint, now):
    client.force_login(cast.handler)

    answer = client.post(making(complaint), given(now, due_at=typed(now - timedelta(minutes=30))))

    assert answer.status_code == 422
    assert "That moment is over already." in answer.content.decode()


def test_a_time_of_day_that_the_clocks_skip_is_refused_in_the_zone_of_the_person(client, cast, complaint, now):
    cast.handler.time_zone = "Europe/Berlin"
    cast.handler.save(update_fields=["time_zone"])
    client.force_login(cast.handler)
    march = datetime(now.year + 1, 3, 31)
    last_sunday = march - timedelta(days=(march.weekday() + 1) % 7)

    answer = client.post(making(complaint), given(now, due_at=f"{last_sunday:%Y-%m-%d}T02:30"))

    assert answer.status_code == 422
    assert "02:30 does not exist" in answer.content.decode()
    assert not Promise.objects.filter(kind="visit").exists()


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Shanghai", 8), ("Europe/London", 0)])
def test_the_moment_is_read_in_the_time_zone_of_the_person(client, cast, complaint, now, zone, hours):
    cast.handler.time_zone = zone
    cast.handler.save(update_fields=["time_zone"])
    client.force_login(cast.handler)
    year = now.year + 1

    client.post(making(complaint), given(now, due_at=f"{year}-01-15T12:00"))

    assert Promise.objects.get(kind="visit").due_at.hour == 12 - hours


def test_the_same_form_sent_twice_is_one_promise(client, cast, complaint, now):
    client.force_login(cast.handler)

    for _time in range(2):
        assert client.post(making(complaint), given(now)).status_code == 302

    assert Promise.objects.filter(kind="visit").count() == 1


def test_a_moment_outside_working_hours_is_asked_about_and_can_be_confirmed(client, cast, complaint, now):
    calendar = Calendar.objects.create(name="Mornings", chinese_holidays=False)
    for weekday in range(7):
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(12))
    cast.west.calendar = calendar
    cast.west.save(update_fields=["calendar"])
    client.force_login(cast.handler)
    day = timezone.localtime(now + 2 * DAY).strftime("%Y-%m-%d")

    late = client.post(making(complaint), given(now, due_at=f"{day}T20:00"))

    page = late.content.decode()
    assert late.status_code == 422
    assert "outside the working hours of Hexi Road station" in page
    assert "Better: " in page
    assert "Promise it anyway" in page
    assert f'value="{day}T20:00"' in page
    assert not Promise.objects.filter(kind="visit").exists()

    confirmed = {"confirmed": late.context["confirming"]}
    moved_on = client.post(making(complaint), given(now, due_at=f"{day}T21:00") | confirmed)
    assert moved_on.status_code == 422, "what was confirmed was another moment"

    assert client.post(making(complaint), given(now, due_at=f"{day}T20:00") | confirmed).status_code == 302
    made = Promise.objects.get(kind="visit")
    assert complaint.events.get(kind="promise_made", data__promise=made.pk).data["confirmed"] == ["hours"]


def test_what_only_a_supervisor_may_promise_is_not_confirmed_by_others(client, cast, complaint, now):
    client.force_login(cast.handler)

    answer = client.post(making(complaint), given(now, kind="corrective"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "ask a supervisor to promise it" in page
    assert "Promise it anyway" not in page
    assert 'name="confirmed"' not in page


def test_a_moved_date_is_asked_about_too(client, cast, complaint, promise, now):
    calendar = Calendar.objects.create(name="Never again", chinese_holidays=False)
    CalendarSpan.objects.create(calendar=calendar, weekday=0, opens=time(8), closes=time(8, 1))
    cast.west.calendar = calendar
    cast.west.save(update_fields=["calendar"])
    form = {"due_at": typed(now + 3 * DAY), "reason": "The part is late"}

    asked = client.post(on("move", promise), form)

    assert (asked.status_code, "Move it anyway" in asked.content.decode()) == (422, True)
    assert client.post(on("move", promise), form | {"confirmed": asked.context["confirming"]}).status_code == 302
    promise.refresh_from_db()
    assert promise.moves == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"words": ""}, "This field is required"),
        ({"words": " \u200b "}, "This field is required"),
        ({"words": "x" * 301}, "At most 300 characters (you wrote 301)"),
        ({"words": "a\0b"}, "There is a character in it that cannot be stored."),
        ({"due_at": ""}, "This field is required"),
        ({"due_at": "2001-01-01T10:00"}, "before the complaint was received"),
        ({"due_at": "0001-01-01T10:00"}, "Is the year right?"),
        ({"due_at": "9999-12-31T23:59"}, "Is the year right?"),
        ({"due_at": "2099-01-01T10:00"}, "more than five years"),
        ({"due_at": "tomorrow"}, "Enter a valid date/time"),
        ({"kind": "bribe"}, "This is not offered, or not any more."),
        ({"kind": "resolution"}, "This is not offered, or not any more."),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_everything_typed_is_kept(
    client, cast, complaint, now, wrong, words
):
    client.force_login(cast.handler)

    answer = client.post(making(complaint), given(now, **wrong))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "words" in wrong or "The technician comes" in answer.content.decode()
    assert not Promise.objects.filter(kind__in=["visit", "resolution"], made_by=cast.handler).exists()


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("auditor", 403), ("administrator", 404)])
def test_strangers_find_nothing_and_readers_may_not(client, cast, complaint, promise, now, who, status):
    client.force_login(getattr(cast, who))

    for address in (making(complaint), on("keep", promise), on("move", promise), on("withdraw", promise)):
        assert client.get(address).status_code == status
        assert client.post(address, given(now, reason="Because")).status_code == status
    promise.refresh_from_db()
    assert (promise.state, promise.moves) == (Promise.State.OPEN, 0)


def test_reading_the_pages_changes_nothing(client, promise):
    for name in ("keep", "move", "withdraw"):
        assert client.get(on(name, promise)).status_code == 200

    promise.refresh_from_db()
    assert (promise.state, promise.moves) == (Promise.State.OPEN, 0)


def test_kept_is_one_button(client, promise):
    for _time in range(2):
        assert client.post(on("keep", promise)).status_code == 302

    promise.refresh_from_db()
    assert promise.state == Promise.State.KEPT


def test_what_a_step_keeps_is_not_kept_by_a_button(client, cast, complaint):
    ours = complaint.promises.get(kind="resolution", state="open")
    client.force_login(cast.supervisor)

    answer = client.post(on("keep", ours))

    ours.refresh_from_db()
    assert answer.status_code == 409
    assert "kept by the step that does it" in answer.content.decode()
    assert ours.state == Promise.State.OPEN


def test_moving_takes_a_later_date_and_a_reason(client, promise, now):
    answer = client.post(on("move", promise), {"due_at": typed(now + 2 * DAY), "reason": "The part comes on Friday"})

    promise.refresh_from_db()
    assert answer.status_code == 302
    assert (promise.moves, typed(promise.due_at)) == (1, typed(now + 2 * DAY))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": ""}, "This field is required"),
        ({"reason": "x" * 301}, "At most 300 characters"),
        ({"due_at": ""}, "This field is required"),
    ],
)
def test_moving_without_what_it_takes_is_refused_beside_the_field(client, promise, now, wrong, words):
    answer = client.post(on("move", promise), {"due_at": typed(now + 2 * DAY), "reason": "Because"} | wrong)

    promise.refresh_from_db()
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert promise.moves == 0


def test_moving_to_an_earlier_date_is_refused(client, promise, now):
    answer = client.post(on("move", promise), {"due_at": typed(now + HOUR), "reason": "Because"})

    assert answer.status_code == 422
    assert "later than the present one" in answer.content.decode()


def test_moving_it_once_it_is_due_is_refused_in_words(client, promise, now):
    make_due(promise)

    answer = client.post(on("move", promise), {"due_at": typed(now + 2 * DAY), "reason": "The part is late"})

    assert answer.status_code == 409
    assert "It is due already" in answer.content.decode()
    assert "The part is late" in answer.content.decode()
    promise.refresh_from_db()
    assert (promise.moves, promise.cycle) == (0, 1)


def test_withdrawing_takes_a_reason(client, promise):
    refused = client.post(on("withdraw", promise), {"reason": ""})
    assert refused.status_code == 422

    client.post(on("withdraw", promise), {"reason": "The customer came to us"})

    promise.refresh_from_db()
    assert promise.state == Promise.State.WITHDRAWN


def test_keeping_what_was_withdrawn_is_refused_in_words(client, promise):
    client.post(on("withdraw", promise), {"reason": "The customer came to us"})

    answer = client.post(on("keep", promise))

    assert answer.status_code == 409
    assert "This promise was withdrawn." in answer.content.decode()


def test_a_promise_by_policy_is_withdrawn_by_a_supervisor_only(client, cast, complaint):
    ours = complaint.promises.get(kind="resolution", state="open")
    client.force_login(cast.handler)
    assert client.post(on("withdraw", ours), {"reason": "Because"}).status_code == 403

    client.force_login(cast.supervisor)
    assert client.post(on("withdraw", ours), {"reason": "Agreed with the customer"}).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "back"),
    [("/board/", "/board/"), ("https://elsewhere.example/", None), ("//elsewhere.example", None), ("2", None)],
)
def test_the_way_back_leads_to_this_desk_only(client, promise, complaint, wanted, back):
    answer = client.post(on("keep", promise), {"next": wanted})

    assert answer.url == (back or reverse("complaints:case", args=[complaint.reference]))


def test_an_unknown_promise_is_not_found(client, cast):
    client.force_login(cast.handler)

    for pk in (0, 999, 2**63):
        assert client.post(reverse("followups:keep_promise", args=[pk])).status_code == 404
