"""What becomes of an original reaches its duplicates: each customer on their own link, in words of their own."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Membership, Role
from complaints.case import followers
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.models import Customer
from complaints.steps import archive, follower_answers, lifecycle
from followups.callbacks import callbacks
from followups.engine import effects
from followups.models import Escalation, Notice, Promise
from followups.notices.facts import Facts
from followups.notices.mails import words_of
from followups.notices.truth import why_not
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.complaints.case.test_followers import TO_OTHERS, join, neighbour_of, resolve, take, told_of_the_result
from tests.complaints.customer.customer_link import fresh
from tests.followups.due import history_is_whole

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZHAO, WANG = "zhao@customer.example", "wang@customer.example"
# Of the original's customer, and of the original: none of it may reach another customer.
SECRETS = ("Wang", "4417", "wang@", "186 yuan", "1.9 %", "Pump closed off")


def told(complaint, event=None) -> list[str]:
    """The kinds of notices to the customer of a case, the oldest first."""
    rows = Notice.objects.filter(complaint=complaint, to_customer=True).order_by("id")
    return [row.event for row in rows if event in (None, row.event)]


def last(complaint, event) -> Notice:
    return Notice.objects.filter(complaint=complaint, to_customer=True, event=event).latest("id")


def people(event) -> list[str]:
    return [row.person.username for row in Notice.objects.filter(event=event).order_by("id")]


def written(notice: Notice, now) -> str:
    """The text of a notice that may be told now."""
    notice = Notice.objects.get(pk=notice.pk)
    assert why_not(notice, Facts([notice], None, now)) == ""
    words = words_of(notice, now)
    return words.subject + "\n" + words.text


def broken_at(complaint, now):
    """What the sweep does to the case at `now`."""
    due = complaint.promises.filter(state=Promise.State.OPEN, act_at__lte=now)
    effects.break_due(list(due.values_list("pk", flat=True)), now)


@pytest.fixture
def pair(cast, at):
    """An original that is worked on, and the duplicate of another customer."""
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at + HOUR)
    return original, fresh(duplicate)


class TestJoining:
    def test_the_merge_stands_in_the_originals_history_and_whoever_answers_hears_it(self, cast, at, pair):
        original, duplicate = pair
        assert original.events.get(kind="duplicate_joined").actor == cast.supervisor
        assert people("duplicate_joined") == ["li.min"]
        assert history_is_whole(fresh(original))
        assert history_is_whole(duplicate)

    def test_the_customer_is_told_with_the_reason_and_by_when_and_nothing_of_the_other(self, cast, at, pair):
        original, duplicate = pair
        assert told(duplicate)[-1] == "customer_closed"
        text = written(last(duplicate, "customer_closed"), at + HOUR)
        assert "The same pump on the same day" in text
        assert "Tell you the result: " in text
        assert "call 400-000-0123" in text
        for secret in (original.reference, *SECRETS):
            assert secret not in text, secret

    def test_ones_own_duplicate_is_answered_on_the_original(self, cast, at):
        original, own = at_stage(cast, Status.ASSIGNED, at), logged(cast, at)
        Customer.objects.filter(pk=own.customer_id).update(same_as=original.customer_id)
        join(cast, fresh(own), original, at + HOUR)
        text = written(last(own, "customer_closed"), at + HOUR)
        assert f"in your complaint {original.reference}" in text
        resolve(cast, original, at + 2 * HOUR, words="")
        assert told(own)[-1] == "customer_closed"


class TestResult:
    def test_each_follower_gets_a_text_of_its_own_a_question_and_a_call(self, cast, at, pair):
        original, duplicate = pair
        resolve(cast, original, at + 2 * HOUR)
        assert told(duplicate)[-2:] == ["customer_message", "customer_resolved"]
        assert told(original)[-1] == "customer_resolved"
        text = written(last(duplicate, "customer_message"), at + 2 * HOUR)
        text += written(last(duplicate, "customer_resolved"), at + 2 * HOUR)
        assert TO_OTHERS in text
        for secret in (original.reference, *SECRETS):
            assert secret not in text, secret
        call = duplicate.callbacks.get()
        assert (call.round, call.state, call.promise.state) == (1, "open", "open")
        assert history_is_whole(fresh(duplicate))

    def test_two_followers_are_two_tellings(self, cast, at, pair):
        original, first = pair
        second = neighbour_of(cast, at, name="Sun Li", email="sun@customer.example", language="zh-hans")
        join(cast, second, original, at + HOUR)
        resolve(cast, original, at + 2 * HOUR)
        for follower in (first, second):
            assert told(follower, "customer_resolved") == ["customer_resolved"]
        assert "您的问题" in words_of(last(second, "customer_resolved"), at + 2 * HOUR).text

    def test_who_wishes_no_contact_reads_it_on_the_link_and_is_not_called(self, cast, at):
        original = at_stage(cast, Status.ASSIGNED, at)
        silent = neighbour_of(cast, at, wishes_no_contact=True)
        join(cast, silent, original, at + HOUR)
        resolve(cast, original, at + 2 * HOUR)
        assert told(silent) == []
        assert not silent.callbacks.exists()
        assert silent.messages.get().body == TO_OTHERS

    def test_an_answer_on_the_link_settles_the_call(self, cast, at):
        _original, duplicate = told_of_the_result(cast, at)
        take(duplicate, at + 3 * HOUR, solved=True, rating=5)
        assert duplicate.callbacks.get().state == "done"
        assert not Escalation.objects.filter(complaint=duplicate).exists()

    def test_a_call_that_reaches_them_is_their_feedback(self, cast, at):
        original, duplicate = told_of_the_result(cast, at)
        call = duplicate.callbacks.get()
        staff = Actor.staff(cast.frontline)
        callbacks.record_attempt(call.pk, outcome="reached", solved=True, rating=4, actor=staff, at=at + DAY)
        assert duplicate.feedback.get().channel == "callback"
        assert not original.feedback.exists()

    def test_a_call_that_nobody_made_is_told_to_whoever_answers(self, cast, at):
        _original, duplicate = told_of_the_result(cast, at)
        type(duplicate).objects.filter(pk=duplicate.pk).update(handler=cast.handler)
        due = duplicate.callbacks.get().promise.due_at
        broken_at(duplicate, due + MINUTE)
        notice = Notice.objects.get(complaint=duplicate, event="promise_broken", person=cast.handler)
        assert why_not(notice, Facts([notice], cast.handler, due + MINUTE)) == ""
        assert told(duplicate)[-1] == "customer_promise_broken"

    def test_not_solved_on_the_phone_opens_their_case_with_a_clock_of_its_own(self, cast, at):
        original, duplicate = told_of_the_result(cast, at)
        call = duplicate.callbacks.get()
        callbacks.record_attempt(
            call.pk, outcome="reached", solved=False, rating=1, words="Nothing came.",
            actor=Actor.staff(cast.frontline), at=at + DAY,
        )  # fmt: skip
        assert fresh(duplicate).status == Status.ASSIGNED
        self.goes_on_by_itself(original, duplicate, at + DAY)

    def test_not_solved_on_the_link_tells_the_supervisor_and_starts_a_clock(self, cast, at):
        original, duplicate = told_of_the_result(cast, at)
        take(duplicate, at + 3 * HOUR, solved=False, words="Nothing came.")
        self.goes_on_by_itself(original, duplicate, at + 3 * HOUR)
        assert original.events.filter(kind="duplicate_left").count() == 1

    def goes_on_by_itself(self, original, duplicate, at):
        assert Escalation.objects.get(complaint=duplicate).reason == "unsatisfied"
        owed = duplicate.promises.filter(round=2, state=Promise.State.OPEN)
        assert {promise.kind for promise in owed} == {"first_contact", "resolution"}
        assert "we are sorry" in written(last(duplicate, "customer_reopened"), at)
        assert history_is_whole(fresh(duplicate))
        assert history_is_whole(fresh(original))

    def test_nobody_reached_leaves_no_answer_and_no_call(self, cast, at):
        _original, duplicate = told_of_the_result(cast, at)
        call, staff = duplicate.callbacks.get(), Actor.staff(cast.frontline)
        callbacks.record_attempt(call.pk, outcome="refused", actor=staff, at=at + DAY)
        assert (duplicate.callbacks.get().state, fresh(duplicate).status) == ("done", Status.ARCHIVED)
        assert duplicate.feedback.get().solved is None


class TestMilestones:
    def test_rework_reaches_them_and_the_next_result_asks_again(self, cast, at):
        original, duplicate = told_of_the_result(cast, at)
        take(duplicate, at + 3 * HOUR, solved=True, rating=5)
        lifecycle.perform(original.pk, "record_feedback", actor=CUSTOMER, at=at + 4 * HOUR, data={"solved": False})
        if fresh(original).status == Status.FEEDBACK:
            data = {"reason": "Measure again"}
            lifecycle.perform(original.pk, "rework", actor=Actor.staff(cast.handler), at=at + 5 * HOUR, data=data)
        text = written(last(duplicate, "customer_reopened"), at + 5 * HOUR)
        assert "We work on it again" in text or "we work on it again" in text
        duplicate = fresh(duplicate)
        assert (duplicate.status, duplicate.round) == (Status.ARCHIVED, 2)
        assert duplicate.rounds.get().letter == TO_OTHERS
        assert not followers.awaits_answer(duplicate)
        resolve(cast, original, at + 6 * HOUR, words="It is repaired now, for good.")
        assert followers.awaits_answer(fresh(duplicate))
        assert {call.round for call in duplicate.callbacks.all()} == {1, 2}
        assert told(duplicate, "customer_resolved") == ["customer_resolved"] * 2
        assert history_is_whole(fresh(duplicate))

    def test_a_late_result_is_told_to_each_honestly(self, cast, at, pair):
        original, duplicate = pair
        due = original.promises.get(kind="resolution", state="open").due_at
        broken_at(original, due + MINUTE)
        notice = last(duplicate, "customer_promise_broken")
        text = written(notice, due + MINUTE)
        assert "Tell you the result" in text
        assert "We did not keep this. We are sorry." in text
        assert told(original, "customer_promise_broken") == ["customer_promise_broken"] * len(
            told(original, "customer_promise_broken")
        )
        assert history_is_whole(fresh(original))

    def test_a_moved_result_is_told_as_a_date_without_the_words(self, cast, at, pair):
        original, duplicate = pair
        promise = original.promises.get(kind="resolution", state="open")
        promises.move(
            promise.pk, due_at=promise.due_at + DAY, reason="Mr Wang is on a journey",
            actor=Actor.staff(cast.supervisor), at=at + 2 * HOUR,
            confirmed=frozenset({"sooner_than_policy", "outside_hours", "record"}),
        )  # fmt: skip
        text = written(last(duplicate, "customer_dates_changed"), at + 2 * HOUR)
        assert "the date for both changes" in text
        assert "journey" not in text

    def test_what_was_promised_to_the_originals_customer_alone_is_not_passed_on(self, cast, at, pair):
        original, duplicate = pair
        before = told(duplicate)
        promises.make(
            original.pk, kind="visit", words="We come to Mr Wang", due_at=at + 2 * DAY,
            actor=Actor.staff(cast.supervisor), at=at + 2 * HOUR,
            confirmed=frozenset({"sooner_than_policy", "outside_hours", "record"}),
        )  # fmt: skip
        broken_at(original, at + 2 * DAY + MINUTE)
        assert "visit" not in {row.data.get("kind") for row in Notice.objects.filter(complaint=duplicate)}
        assert told(duplicate)[: len(before)] == before

    @pytest.mark.parametrize("outcome", ["withdrawn", "invalid"])
    def test_an_original_closed_without_a_result_closes_nobody_elses(self, cast, at, pair, outcome):
        original, duplicate = pair
        if outcome == "invalid":
            archive.propose_invalid(original.pk, reason="A joke", actor=Actor.staff(cast.handler), at=at + 2 * HOUR)
        data = {"outcome": outcome, "reason": "You took it back, Mr Wang."}
        lifecycle.perform(original.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at + 3 * HOUR, data=data)
        duplicate = fresh(duplicate)
        assert (duplicate.status, duplicate.duplicate_of) == (Status.ASSIGNED, None)
        text = written(last(duplicate, "customer_reopened"), at + 3 * HOUR)
        assert "From now on we work on it by itself." in text
        for secret in (original.reference, *SECRETS):
            assert secret not in text, secret
        assert duplicate.promises.filter(kind="resolution", state="open").exists()
        assert history_is_whole(duplicate)
        assert history_is_whole(fresh(original))

    def test_an_original_that_becomes_a_duplicate_hands_its_followers_on(self, cast, at, pair):
        middle, follower = pair
        first = at_stage(cast, Status.ASSIGNED, at, name="Qian", phone="136 5555 6666", email="qian@customer.example")
        join(cast, fresh(middle), first, at + 2 * HOUR)
        assert fresh(follower).duplicate_of == first
        resolve(cast, first, at + 3 * HOUR)
        for one in (middle, follower):
            assert followers.awaits_answer(fresh(one))
            assert history_is_whole(fresh(one))
        assert history_is_whole(fresh(first))


class TestUnmarking:
    def test_staff_give_the_case_its_clocks_back_and_the_customer_hears_it(self, cast, at, pair):
        original, duplicate = pair
        data = {"basis": follower_answers.NOT_DUPLICATE, "reason": "It was pump 3"}
        lifecycle.perform(duplicate.pk, "reopen", actor=Actor.staff(cast.supervisor), at=at + 2 * HOUR, data=data)
        owed = duplicate.promises.filter(round=2, state=Promise.State.OPEN)
        assert {promise.kind for promise in owed} == {"first_contact", "resolution"}
        text = written(last(duplicate, "customer_reopened"), at + 2 * HOUR)
        assert "From now on we work on it by itself." in text
        assert "pump 3" not in text
        assert original.events.get(kind="duplicate_left").actor == cast.supervisor
        assert people("duplicate_left") == ["li.min"]
        resolve(cast, original, at + 3 * HOUR, words="")
        assert fresh(duplicate).status == Status.ASSIGNED


class TestTalk:
    def test_whoever_answers_for_the_original_hears_what_a_duplicates_customer_writes(self, cast, at, pair):
        _original, duplicate = pair
        messages.customer_says(duplicate.pk, body="It was 52 litres.", at=at + 2 * HOUR)
        assert people("duplicate_wrote") == ["li.min"]
        assert people("reply_received") == []

    def test_where_they_may_not_read_it_the_duplicates_own_people_hear_it_too(self, cast, at, pair):
        original, duplicate = pair
        Membership.objects.create(person=cast.stranger, team=cast.service, role=Role.HANDLER)
        type(original).objects.filter(pk=original.pk).update(
            team=cast.service, site=None, handler=cast.technician, logged_by=None
        )
        messages.customer_says(duplicate.pk, body="It was 52 litres.", at=at + 2 * HOUR)
        assert people("duplicate_wrote") == ["ma.tech"]
        assert "li.min" in people("reply_received")

    def test_an_answer_in_their_own_case_is_mailed_to_them(self, cast, at, pair):
        _original, duplicate = pair
        messages.customer_says(duplicate.pk, body="It was 52 litres.", at=at + 2 * HOUR)
        messages.say(
            duplicate.pk, kind="public", body="Thank you, noted.", actor=Actor.staff(cast.handler), at=at + 3 * HOUR
        )
        assert told(duplicate)[-1] == "customer_message"
        assert not duplicate.promises.filter(kind="reply", state="open").exists()


@pytest.fixture(autouse=True)
def _later(at):
    with time_machine.travel(at + 10 * DAY, tick=False):
        yield
