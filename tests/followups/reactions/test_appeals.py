"""What follows an appeal: its own clock, who is told, what is late, and that it is somebody's duty at every moment."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Membership, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.queue.worklists import WORKLISTS, first_worklist
from complaints.steps import appeals, lifecycle
from followups import clock
from followups.board.rows import later, lists
from followups.engine import sweep
from followups.models import Escalation, Notice, Promise
from followups.models.promise import PromiseKind
from followups.notices import mails
from followups.notices.bell import lines
from followups.promises import duties
from followups.reactions import leaving
from followups.telling import records
from tests.cast import person
from tests.complaints.steps.appealed import HOUR, closed, decide, decided, made, reviewed
from tests.followups.due import history_is_whole, make_due, make_near
from tests.told import arrive, taken

State = Notice.State


def told(event: str) -> set[str]:
    """To whom that notice was written."""
    return set(Notice.objects.filter(event=event).values_list("person__username", flat=True))


def second_look(complaint) -> Promise:
    return complaint.promises.get(kind=PromiseKind.APPEAL)


def words(event: str, now=None) -> str:
    return mails.words_of(Notice.objects.filter(event=event).latest("pk"), now or clock.now()).text


def test_it_has_its_own_clock_and_everybody_hears_of_it_at_once(cast, at):
    appeal = made(cast, at)
    promise = second_look(appeal.complaint)
    seven_days = at + HOUR + timedelta(days=7)
    assert (promise.due_at, promise.to_customer, promise.round) == (seven_days, True, 1)
    assert promise.warn_at == seven_days - timedelta(days=1)
    assert told("appeal_to_review") == {"wu.lan"}
    assert told("appeal_received") == {"chen.jing"}
    assert Notice.objects.get(event="customer_appeal_received").state == State.QUEUED
    assert Complaint.objects.get(pk=appeal.complaint_id).next_due_at == promise.due_at, (
        "the list of appeals sorts by it"
    )
    assert duties.audit() == []


def test_the_customer_hears_who_reviews_it_and_by_when(cast, at):
    reviewed(cast, at)
    said = words("customer_appeal_review", at)
    assert "Wu Lan reviews your appeal, and had nothing to do with your complaint so far." in said
    assert "You hear the decision on every point by Wednesday 25 November, 11:00." in said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_decision_is_told_point_by_point_with_whom_to_turn_to(cast, at, language):
    decided(cast, at, language=language)
    said = words("customer_appeal_decided", at)
    for must in ("Because of 1", "Because of 2", "12315", "12345"):
        assert must in said
    assert ("last word" in said) is (language == "en")
    assert "{{" not in said


def test_upheld_says_who_does_it_now_instead_of_whom_and_is_one_message(cast, at):
    decided(cast, at, 2)
    said = words("customer_appeal_decided", at)
    assert "you were right in part" in said
    assert "Sun Yue puts it right and tells you, and takes over from Li Min." in said
    assert "Tell you the result" in said, "a new clock"
    assert not Notice.objects.filter(event="customer_reopened").exists()
    assert told("appeal_decided") == {"chen.jing", "li.min"}
    assert told("reopened") == {"sun.yue"}


def test_the_promise_is_kept_once_the_customer_has_the_decision_and_not_before(cast, at):
    appeal = decided(cast, at)
    assert second_look(appeal.complaint).state == "open"
    assert duties.audit() == []
    taken(appeal.complaint, at + 4 * HOUR, event="customer_appeal_decided")
    promise = second_look(appeal.complaint)
    assert (promise.state, promise.kept_at) == ("kept", at + 4 * HOUR)
    assert history_is_whole(appeal.complaint)


def test_who_wishes_no_contact_is_promised_nothing_and_it_ends_with_the_decision(cast, at):
    appeal = decided(cast, at, phone="", email="", wishes_no_contact=True)
    promise = second_look(appeal.complaint)
    assert (promise.to_customer, promise.state) == (False, "kept")
    assert not Notice.objects.filter(to_customer=True).exists()


def test_the_decision_that_comes_back_is_owed_again_although_the_case_is_closed(cast, at):
    appeal = decided(cast, at)
    taken(appeal.complaint, at + 4 * HOUR, event="customer_appeal_decided")
    notice = Notice.objects.get(event="customer_appeal_decided")
    case = Complaint.objects.get(pk=appeal.complaint_id)
    records.fail(case, notice, why="mailbox full", at=at + 5 * HOUR)
    assert second_look(appeal.complaint).state == "open"


def test_the_reviewer_is_warned_and_the_handler_is_not(cast, now):
    appeal = reviewed(cast, now - 4 * HOUR)
    make_near(second_look(appeal.complaint))
    sweep.warn_batch()
    assert told("appeal_due") == {"wu.lan"}
    assert told("promise_warned") == set()


def test_before_somebody_began_all_who_may_are_warned(cast, now):
    near = person("hua.li", (Role.REVIEWER, cast.west))
    other = person("hua.mu", (Role.REVIEWER, cast.west))
    appeal = made(cast, now - 4 * HOUR)
    make_near(second_look(appeal.complaint))
    sweep.warn_batch()
    assert told("appeal_due") == {near.username, other.username}, "of the nearest team that has one"


def test_late_it_is_broken_as_any_promise_and_the_reviewer_told(cast, now):
    appeal = reviewed(cast, now - 4 * HOUR)
    make_due(second_look(appeal.complaint))
    sweep.enforce_batch()
    case = appeal.complaint
    first, again = case.promises.filter(kind=PromiseKind.APPEAL).order_by("pk")
    assert (first.state, again.state, again.follows) == ("broken", "open", first)
    assert told("appeal_late") == {"wu.lan"}
    assert told("promise_broken") == set(), "it is not the handler who is late"
    assert told("escalated") == {"chen.jing"}
    assert case.escalations.get(reason=Escalation.Reason.OVERDUE).promise == first
    assert Notice.objects.filter(event="customer_promise_broken").exists()
    assert duties.audit() == []


def test_where_nobody_may_decide_it_stands_loud_at_the_top(cast, at):
    cast.reviewer.memberships.all().delete()
    appeal = made(cast, at)
    escalation = appeal.complaint.escalations.get()
    assert (escalation.reason, escalation.at_top, escalation.team) == ("no_reviewer", True, cast.company)
    assert told("escalated") == {"gao.feng"}
    assert duties.audit() == []
    on_the_board = later(cast.director, at + 2 * HOUR, {}) + lists(cast.director, at + 2 * HOUR, {}).now
    assert [row.complaint for row in on_the_board] == [appeal.complaint]
    Membership.objects.create(person=cast.reviewer, team=cast.company, role=Role.REVIEWER)
    appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + 2 * HOUR)


def test_when_the_reviewer_leaves_others_are_asked(cast, at, django_capture_on_commit_callbacks):
    appeal = reviewed(cast, at)
    other = person("hua.li", (Role.REVIEWER, cast.company))
    with django_capture_on_commit_callbacks(execute=True):
        cast.reviewer.is_active = False
        cast.reviewer.save()
    appeal.refresh_from_db()
    assert (appeal.state, appeal.reviewer) == ("accepted", None)
    assert told("appeal_to_review") == {"wu.lan", other.username}
    assert duties.audit() == []


def test_a_look_round_finds_what_no_signal_told_of(cast, at):
    appeal = reviewed(cast, at)
    Membership.objects.filter(person=cast.reviewer).delete()
    assert [found.lacks for found in duties.audit()] == ["no owner"]
    assert leaving.hand_over_what_is_left(at + 3 * HOUR) == 1
    appeal.refresh_from_db()
    assert appeal.reviewer is None
    assert [e.reason for e in appeal.complaint.escalations.all()] == ["no_reviewer"]
    assert duties.audit() == []


def test_an_appeal_without_a_date_is_an_orphan(cast, at):
    appeal = made(cast, at)
    second_look(appeal.complaint)
    appeal.complaint.promises.filter(kind=PromiseKind.APPEAL).update(state="withdrawn", settled_at=at)
    assert [(found.reference, found.lacks) for found in duties.audit()] == [(appeal.complaint.reference, "no duty")]


def test_the_bell_says_what_is_to_do_and_what_is_over(cast, at):
    appeal = made(cast, at)
    with time_machine.travel(at + HOUR, tick=False):
        (mine,) = lines(list(Notice.objects.filter(person=cast.reviewer)), cast.reviewer, at + HOUR)
        assert mine.words == "An appeal is yours to review: you had no part in this complaint."
    appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + 2 * HOUR)
    decide(cast, appeal, at + 3 * HOUR)
    (mine,) = lines(list(Notice.objects.filter(person=cast.reviewer)), cast.reviewer, at + 4 * HOUR)
    assert mine.words == "An appeal waited for a reviewer. Somebody has it."
    told_now = lines(list(Notice.objects.filter(event="appeal_decided")), cast.supervisor, at + 4 * HOUR)
    assert {line.words for line in told_now} == {"The appeal is decided: Rejected."}


def test_mails_to_those_whom_it_concerns_say_what_there_is_to_do(cast, at):
    appeal = reviewed(cast, at)
    assert "You had no part in it" in words("appeal_to_review", at)
    assert "nothing\nis to be done by you" in words("appeal_received", at).replace(" is to", "\nis to")
    decide(cast, appeal, at + 3 * HOUR, 1)
    said = words("appeal_decided", at)
    assert "Wu Lan decided the appeal: the customer was right in part. Sun Yue works on it now." in said
    assert "It stays" not in said
    assert "Stays as it is: Because of 2" in said


def test_what_is_said_on_the_link_counts_as_read_there(cast, now):
    """Who appeals on the link has read what was to be said by phone."""
    case = closed(cast, now - 4 * HOUR, email="")
    before = set(Notice.objects.filter(complaint=case, state=State.TO_SAY).values_list("event", flat=True))
    assert "customer_dates_changed" in before
    appeals.make(case.pk, points=[1], grounds="No", actor=CUSTOMER, at=now - HOUR)
    left = Notice.objects.filter(complaint=case, state=State.TO_SAY)
    assert set(left.values_list("event", flat=True)) - before == {"customer_appeal_received"}


def test_the_list_of_appeals_holds_what_waits_for_one_and_what_one_reviews(cast, at):
    listed = WORKLISTS["appeals"]

    def seen(who):
        return list(listed.pick(Complaint.objects.visible_to(who), who, at))

    case = made(cast, at).complaint
    other = person("hua.li", (Role.REVIEWER, cast.company))
    touched = person("old.hand", (Role.REVIEWER, cast.company))
    case.named_people.add(touched)
    assert (seen(cast.reviewer), seen(other), seen(touched)) == ([case], [case], [])
    appeals.begin_review(case.appeals.get().pk, actor=Actor.staff(cast.reviewer), at=at + 2 * HOUR)
    assert (seen(cast.reviewer), seen(other)) == ([case], [])
    decide(cast, case.appeals.get(), at + 3 * HOUR)
    assert seen(cast.reviewer) == []
    assert first_worklist(cast.reviewer) == "appeals"


def test_a_second_closing_does_not_take_back_a_decision_that_is_not_told_yet(cast, at):
    appeal = decided(cast, at, 1)
    data = {"outcome": "withdrawn", "reason": "You took it back"}
    actor = Actor.staff(cast.supervisor)
    case = lifecycle.perform(appeal.complaint_id, "close_early", actor=actor, at=at + 5 * HOUR, data=data)
    assert (case.status, second_look(case).state) == (Status.ARCHIVED, "open")
    arrive(at + timedelta(hours=6))
    assert second_look(case).state == "kept"
