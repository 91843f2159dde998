from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Calendar
from complaints.case.actors import Actor
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from followups.models import Notice, Promise
from followups.models.promise import PromiseKind
from followups.promises import explaining, promises
from tests.cases import at_stage, logged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
State = Promise.State


@pytest.fixture
def complaint(cast, at) -> Complaint:
    return at_stage(cast, "assigned", at)


@pytest.fixture
def handler(cast) -> Actor:
    return Actor.staff(cast.handler)


@pytest.fixture
def visit(complaint, handler, at) -> Promise:
    return promises.make(
        complaint.pk, kind="visit", words="The technician comes", due_at=at + DAY, actor=handler, at=at + HOUR
    )


def fields_of(refused) -> list[str]:
    return [missing.field for missing in refused.value.missing]


def test_a_promise_of_ones_own_is_a_row_and_an_event(cast, complaint, visit, at):
    assert (visit.state, visit.due_at, visit.made_by) == (State.OPEN, at + DAY, cast.handler)
    assert visit.warn_at == at + DAY - 2 * HOUR
    event = complaint.events.get(kind="promise_made", data__promise=visit.pk)
    assert event.public
    assert event.data["words"] == "The technician comes"


def test_the_earliest_open_promise_is_what_lists_sort_by(complaint, visit, handler, at):
    complaint.refresh_from_db()
    assert complaint.next_due_at == min(p.due_at for p in complaint.promises.filter(state=State.OPEN))
    soon = promises.make(
        complaint.pk, kind="reply", words="We ring", due_at=at + 2 * HOUR, actor=handler, at=at + HOUR
    )
    complaint.refresh_from_db()
    assert complaint.next_due_at == soon.due_at
    promises.keep(soon.pk, actor=handler, at=at + HOUR)
    complaint.refresh_from_db()
    assert complaint.next_due_at > soon.due_at


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (lambda at: at, "over already"),
        (lambda at: at - 2 * DAY, "before the complaint was received"),
        (lambda at: at + 6 * 366 * DAY, "more than five years"),
    ],
)
def test_an_impossible_moment_is_refused_in_words_and_nothing_is_promised(complaint, handler, at, moment, words):
    before = complaint.promises.count()
    with pytest.raises(GateRefused) as refused:
        promises.make(
            complaint.pk, kind="visit", words="A visit", due_at=moment(at + HOUR), actor=handler, at=at + HOUR
        )
    assert fields_of(refused) == ["due_at"]
    assert words in refused.value.missing[0].message
    assert complaint.promises.count() == before


def test_a_time_of_day_that_spring_skips_is_refused_in_the_teams_zone(cast, complaint, handler, at):
    calendar = Calendar.objects.create(name="Berlin", time_zone="Europe/Berlin", always_open=True)
    cast.hexi.calendar = calendar
    cast.hexi.save(update_fields=["calendar"])
    skipped = datetime(2027, 3, 28, 2, 30)
    for due_at in (skipped, skipped.replace(tzinfo=ZoneInfo("Europe/Berlin"))):
        with pytest.raises(GateRefused) as refused:
            promises.make(complaint.pk, kind="visit", words="A visit", due_at=due_at, actor=handler, at=at + HOUR)
        assert "does not exist" in refused.value.missing[0].message
    made = promises.make(
        complaint.pk, kind="visit", words="A visit", due_at=skipped.replace(hour=3), actor=handler, at=at + HOUR
    )
    assert made.due_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_every_missing_thing_is_named_at_once(complaint, handler, at):
    with pytest.raises(GateRefused) as refused:
        promises.make(complaint.pk, kind="dinner", words=" \u200b ", due_at=at, actor=handler, at=at + HOUR)
    assert fields_of(refused) == ["kind", "words", "due_at"]


def test_who_does_not_work_on_the_case_promises_nothing(cast, complaint, at):
    for stranger in (cast.auditor, cast.stranger, cast.administrator):
        with pytest.raises(NotPermitted):
            promises.make(
                complaint.pk, kind="visit", words="A visit", due_at=at + DAY, actor=Actor.staff(stranger), at=at + HOUR
            )


def test_an_archived_case_takes_no_promise_but_a_corrective_one(cast, at):
    complaint = at_stage(cast, "archived", at)
    actor = Actor.staff(cast.handler)
    given = {"words": "New seals", "due_at": at + 30 * DAY, "actor": actor, "at": at + HOUR}
    with pytest.raises(NotAllowedNow):
        promises.make(complaint.pk, kind="visit", **given)
    given["actor"] = Actor.staff(cast.supervisor)
    assert promises.make(complaint.pk, kind="corrective", **given).state == State.OPEN


def test_kept_means_told_before_it_was_due(complaint, visit, handler, at):
    kept = promises.keep(visit.pk, told_at=at + 2 * HOUR, actor=handler, at=at + 3 * HOUR)
    assert (kept.state, kept.kept_at, kept.settled_at) == (State.KEPT, at + 2 * HOUR, at + 3 * HOUR)
    told = complaint.events.filter(kind="promise_kept", public=True).order_by("number")
    assert [event.data["kind"] for event in told] == ["verification", "first_contact", "visit"]


def test_keeping_it_twice_changes_nothing(complaint, visit, handler, at):
    promises.keep(visit.pk, actor=handler, at=at + 2 * HOUR)
    again = promises.keep(visit.pk, actor=handler, at=at + 3 * HOUR)
    assert again.kept_at == at + 2 * HOUR
    assert complaint.events.filter(kind="promise_kept", data__promise=visit.pk).count() == 1


def test_told_at_the_due_moment_or_later_is_not_kept(visit, handler, at):
    for told_at in (visit.due_at, visit.due_at + HOUR):
        with pytest.raises(NotAllowedNow, match="broken"):
            promises.keep(visit.pk, told_at=told_at, actor=handler, at=at + 2 * DAY)
    with pytest.raises(NotAllowedNow, match="before now"):
        promises.keep(visit.pk, told_at=at + 3 * HOUR, actor=handler, at=at + 2 * HOUR)


@pytest.mark.parametrize(
    ("state", "words"), [("broken", "is broken"), ("withdrawn", "was withdrawn"), ("replaced", "was replaced")]
)
@pytest.mark.parametrize("verb", ["keep", "move"])
def test_a_settled_promise_is_neither_kept_nor_moved(visit, handler, at, verb, state, words):
    Promise.objects.filter(pk=visit.pk).update(state=state, settled_at=at + HOUR)
    given = {"due_at": at + 3 * DAY, "reason": "Parts"} if verb == "move" else {}
    with pytest.raises(NotAllowedNow, match=words):
        getattr(promises, verb)(visit.pk, **given, actor=handler, at=at + 2 * HOUR)


def test_an_extension_has_a_reason_a_new_cycle_and_is_told_to_the_customer(complaint, visit, handler, at):
    moved = promises.move(visit.pk, due_at=at + 2 * DAY, reason="The part is late", actor=handler, at=at + 3 * HOUR)
    assert (moved.due_at, moved.cycle, moved.moves) == (at + 2 * DAY, 2, 1)
    assert moved.moved_reason == "The part is late"
    notice = Notice.objects.get(event="customer_promise_moved")
    assert (notice.to_customer, notice.data["reason"]) == (True, "The part is late")
    event = complaint.events.get(kind="promise_moved")
    assert (event.public, event.data["from"]) == (True, visit.due_at.isoformat())
    assert explaining.lines(moved, at) == [
        "Promised in so many words, Wed 18 Nov, 11:00.",
        "Moved on Wed 18 Nov, 13:00 to Fri 20 Nov, 10:00: The part is late",
    ]


def test_the_same_move_sent_twice_moves_it_once(visit, handler, at):
    for _ in range(2):
        moved = promises.move(visit.pk, due_at=at + 2 * DAY, reason="Late", actor=handler, at=at + 3 * HOUR)
    assert (moved.moves, moved.cycle) == (1, 2)


def test_an_extension_without_reason_or_to_an_earlier_moment_is_refused(visit, handler, at):
    with pytest.raises(GateRefused) as refused:
        promises.move(visit.pk, due_at=visit.due_at - HOUR, reason=" ", actor=handler, at=at + 3 * HOUR)
    assert fields_of(refused) == ["reason", "due_at"]


def test_after_the_due_moment_nothing_is_moved_or_withdrawn(visit, handler, at):
    late = visit.due_at
    with pytest.raises(NotAllowedNow, match="due already"):
        promises.move(visit.pk, due_at=late + DAY, reason="Late", actor=handler, at=late)
    with pytest.raises(NotAllowedNow, match="due already"):
        promises.withdraw(visit.pk, reason="Late", actor=handler, at=late)


def test_the_third_extension_needs_a_supervisor(cast, visit, handler, at):
    for days in (2, 3):
        promises.move(visit.pk, due_at=at + days * DAY, reason="Late", actor=handler, at=at + 3 * HOUR)
    third = {"due_at": at + 4 * DAY, "reason": "Late again", "at": at + 4 * HOUR}
    with pytest.raises(NotPermitted, match="only a supervisor"):
        promises.move(visit.pk, **third, actor=handler)
    assert promises.move(visit.pk, **third, actor=Actor.staff(cast.supervisor)).moves == 3


def test_withdrawing_needs_a_reason_and_tells_the_customer(complaint, visit, handler, at):
    with pytest.raises(GateRefused):
        promises.withdraw(visit.pk, reason="", actor=handler, at=at + 2 * HOUR)
    promises.withdraw(visit.pk, reason="The customer comes by", actor=handler, at=at + 2 * HOUR)
    with pytest.raises(NotAllowedNow):
        promises.withdraw(visit.pk, reason="Another one", actor=handler, at=at + 3 * HOUR)
    again = promises.withdraw(visit.pk, reason="The customer comes by", actor=handler, at=at + 3 * HOUR)
    assert (again.state, again.settled_at) == (State.WITHDRAWN, at + 2 * HOUR)
    assert (
        complaint.events.get(kind="promise_withdrawn", data__promise=visit.pk).data["reason"]
        == "The customer comes by"
    )
    assert Notice.objects.filter(event="customer_promise_withdrawn").count() == 1


def test_a_promise_by_policy_is_withdrawn_by_a_supervisor_only(cast, complaint, handler, at):
    result = complaint.promises.get(kind=PromiseKind.RESOLUTION, state=State.OPEN)
    with pytest.raises(NotPermitted):
        promises.withdraw(result.pk, reason="Too hard", actor=handler, at=at + HOUR)
    gone = promises.withdraw(result.pk, reason="Agreed", actor=Actor.staff(cast.supervisor), at=at + HOUR)
    assert gone.state == State.WITHDRAWN


def test_who_wishes_no_contact_is_promised_nothing_by_mail(cast, at):
    complaint = logged(cast, at, phone="", email="", name="", wishes_no_contact=True)
    kinds = {promise.kind: promise.to_customer for promise in complaint.promises.all()}
    assert kinds == {"verification": False, "resolution": False}
    made = promises.make(
        complaint.pk, kind="visit", words="We look", due_at=at + DAY, actor=Actor.staff(cast.frontline), at=at + HOUR
    )
    assert made.to_customer is False
