from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Calendar, CalendarSpan, Role
from accounts.worktime.working_time import WorkingCalendar
from complaints.case.actors import Actor
from complaints.models import Complaint
from followups.models import Promise, PromisePolicy
from followups.promises import promises
from followups.promises.overpromise import Questioned, achieved_in, outside_hours, questions_on_making, record_of
from tests.cases import at_stage, logged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEKDAYS = WorkingCalendar("Asia/Shanghai", {day: [(8 * 60, 18 * 60)] for day in range(5)})


@pytest.fixture
def complaint(cast, at) -> Complaint:
    return at_stage(cast, "assigned", at)


def kept(complaint, at, *hours: float, kind="visit", ago: timedelta = DAY):
    """Promises that were kept `ago`, so many hours after they were made."""
    for taken in hours:
        told = at - ago
        Promise.objects.create(
            complaint=complaint,
            kind=kind,
            made_at=told - taken * HOUR,
            due_at=told + HOUR,
            state="kept",
            kept_at=told,
            settled_at=told,
        )


def asked(complaint, at, *, due: timedelta, kind="visit", roles=(Role.HANDLER,)) -> list[str]:
    return [q.code for q in questions_on_making(complaint, kind, due_at=at + due, roles=roles, at=at)]


def opens_on_weekdays(team):
    calendar = Calendar.objects.create(name="Stations", chinese_holidays=False)
    for weekday in range(5):
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(18))
    team.calendar = calendar
    team.save(update_fields=["calendar"])


@pytest.mark.parametrize(
    ("hours", "achieved"),
    [([1] * 9, None), (range(1, 11), 8), ([1] * 8 + [50, 60], 1), ([1] * 7 + [50] * 3, 50), (range(1, 12), 9)],
)
def test_the_record_is_what_four_in_five_took_and_nothing_below_ten(hours, achieved):
    found = achieved_in(hour * HOUR for hour in reversed(list(hours)))
    assert found == (None if achieved is None else achieved * HOUR)


@pytest.mark.parametrize(
    ("moment", "outside"),
    [
        (datetime(2026, 11, 18, 10, tzinfo=UTC), False),  # 18:00, closing time
        (datetime(2026, 11, 18, 10, 1, tzinfo=UTC), True),
        (datetime(2026, 11, 18, 0, tzinfo=UTC), True),  # 08:00 sharp: nobody was there before
        (datetime(2026, 11, 21, 4, tzinfo=UTC), True),  # a Saturday
    ],
)
def test_a_promise_is_kept_before_its_moment_so_somebody_is_there_then(moment, outside):
    assert outside_hours(moment, WEEKDAYS) is outside


def test_the_record_is_that_of_the_team_for_this_kind_in_the_last_90_days(cast, complaint, at):
    kept(complaint, at, 5, 6)
    kept(complaint, at, 7, kind="reply")
    kept(complaint, at, 8, ago=91 * DAY)
    kept(logged(cast, at, team=cast.weiyang, site=cast.weiyang), at, 9)
    Promise.objects.create(complaint=complaint, kind="visit", made_at=at, due_at=at + DAY)
    assert sorted(record_of(complaint, "visit", at)) == [5 * HOUR, 6 * HOUR]


def test_shorter_than_the_team_achieves_is_questioned_with_the_figures(complaint, at):
    kept(complaint, at, *range(1, 10))
    assert asked(complaint, at, due=HOUR) == []
    kept(complaint, at, 10)
    (question,) = questions_on_making(complaint, "visit", due_at=at + 7 * HOUR, roles=[Role.HANDLER], at=at)
    assert (question.code, question.better, question.may_confirm) == ("record", at + 8 * HOUR, True)
    assert "8 h" in question.message
    assert "10" in question.message
    assert "Hexi Road" in question.message
    assert asked(complaint, at, due=8 * HOUR) == []


def test_outside_working_hours_the_next_opening_is_proposed(cast, complaint, at):
    opens_on_weekdays(cast.company)
    saturday_noon = datetime(2026, 11, 21, 4, tzinfo=UTC)
    (question,) = questions_on_making(complaint, "visit", due_at=saturday_noon, roles=[Role.HANDLER], at=at)
    assert (question.code, question.better) == ("hours", datetime(2026, 11, 23, 0, tzinfo=UTC))
    assert "outside the working hours of Hexi Road" in question.message


def test_sooner_than_the_organisation_promises_is_for_a_supervisor_to_confirm(complaint, at):
    PromisePolicy.objects.create(severity="urgent", kind="reply", minutes=4 * 60, warn_minutes=30)
    given = {"due_at": at + HOUR, "at": at}
    (question,) = questions_on_making(complaint, "reply", roles=[Role.HANDLER], **given)
    assert (question.code, question.better, question.may_confirm) == ("authority", at + 4 * HOUR, False)
    (question,) = questions_on_making(complaint, "reply", roles=[Role.SUPERVISOR], **given)
    assert question.may_confirm
    assert asked(complaint, at, due=4 * HOUR, kind="reply") == []
    assert asked(complaint, at, due=HOUR, kind="visit") == []


def test_what_the_organisation_promised_already_is_not_sooner_than_it_promises(complaint, at):
    standing = complaint.promises.get(kind="resolution", state="open")
    later = standing.made_at + 10 * HOUR
    given = {"roles": [Role.HANDLER], "at": later}
    assert questions_on_making(complaint, "resolution", due_at=standing.due_at, **given) == []
    (question,) = questions_on_making(complaint, "resolution", due_at=standing.due_at - HOUR, **given)
    assert (question.code, question.better) == ("authority", standing.due_at)


def test_a_corrective_action_is_promised_by_a_supervisor(complaint, at):
    assert asked(complaint, at, due=DAY, kind="corrective") == ["authority"]
    assert asked(complaint, at, due=DAY, kind="corrective", roles=[Role.HANDLER, Role.SUPERVISOR]) == []


def test_the_verb_itself_refuses_what_was_not_confirmed_and_says_what_was(cast, complaint, at):
    kept(complaint, at, *[8] * 10)
    at += HOUR
    given = {"kind": "visit", "words": "A visit", "due_at": at + HOUR, "actor": Actor.staff(cast.handler), "at": at}
    for confirmed in (frozenset(), frozenset({"hours"})):
        with pytest.raises(Questioned) as refused:
            promises.make(complaint.pk, **given, confirmed=confirmed)
        assert [question.code for question in refused.value.questions] == ["record"]
        assert refused.value.may_confirm
    assert not complaint.promises.filter(words="A visit").exists()
    made = promises.make(complaint.pk, **given, confirmed=frozenset({"record", "hours"}))
    event = complaint.events.get(kind="promise_made", data__promise=made.pk)
    assert event.data["confirmed"] == ["record"]


def test_above_authority_confirming_is_not_enough(cast, complaint, at):
    given = {"kind": "corrective", "words": "New seals", "due_at": at + 30 * DAY, "at": at + HOUR}
    with pytest.raises(Questioned) as refused:
        promises.make(
            complaint.pk, **given, actor=Actor.staff(cast.handler), confirmed=frozenset({"authority", "record"})
        )
    assert not refused.value.may_confirm
    made = promises.make(complaint.pk, **given, actor=Actor.staff(cast.supervisor))
    assert "confirmed" not in complaint.events.get(kind="promise_made", data__promise=made.pk).data


def test_a_moved_promise_is_questioned_and_the_event_says_what_was_confirmed(cast, complaint, at):
    handler = Actor.staff(cast.handler)
    visit = promises.make(
        complaint.pk, kind="visit", words="A visit", due_at=at + 3 * HOUR, actor=handler, at=at + HOUR
    )
    opens_on_weekdays(cast.company)
    night = {"due_at": at + 12 * HOUR, "reason": "The part is late", "actor": handler, "at": at + 2 * HOUR}
    with pytest.raises(Questioned, match="outside the working hours"):
        promises.move(visit.pk, **night)
    visit.refresh_from_db()
    assert (visit.moves, visit.due_at) == (0, at + 3 * HOUR)
    assert promises.move(visit.pk, **night, confirmed=frozenset({"hours"})).moves == 1
    assert complaint.events.get(kind="promise_moved").data["confirmed"] == ["hours"]
