"""Who follows whom, what may still be said in a duplicate, and what its customer says of the result."""

from datetime import timedelta

import pytest

from complaints.case import followers
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.errors import GateRefused, NotAllowedNow
from complaints.models import Complaint, Customer, Message
from complaints.steps import follower_answers, lifecycle
from complaints.writing.reply_templates import Unfilled
from tests.cases import at_stage, logged, resolution_data
from tests.cast import Cast
from tests.complaints.customer.customer_link import fresh

HOUR = timedelta(hours=1)
TO_OTHERS = "The pump measured too much. It is repaired, and who paid too much gets it back at the till."


def neighbour_of(cast: Cast, at, **given) -> Complaint:
    """The complaint of somebody else about the same thing."""
    other = {"name": "Zhao Xin", "phone": "138 1111 2222", "email": "zhao@customer.example"}
    return logged(cast, at, **other | given)


def join(cast: Cast, duplicate, original, at, **more) -> Complaint:
    data = {"outcome": "duplicate", "reason": "The same pump on the same day", "duplicate_of": original} | more
    return lifecycle.perform(duplicate.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)


def resolve(cast: Cast, original, at, words=TO_OTHERS) -> Complaint:
    data = resolution_data(cast) | {"others_told": words}
    return lifecycle.perform(original.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=data)


def told_of_the_result(cast: Cast, at) -> tuple[Complaint, Complaint]:
    """An original with its result, and the duplicate of another customer."""
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at + HOUR / 2)
    return resolve(cast, original, at + 2 * HOUR), fresh(duplicate)


def take(complaint, at, **answer):
    data = {"solved": None, "rating": None, "words": ""} | answer
    follower_answers.take(followers.lock(complaint.pk), data=data, actor=CUSTOMER, at=at)


def test_duplicates_of_other_customers_follow_and_those_of_the_same_person_do_not(cast, at):
    original, other, own = logged(cast, at), neighbour_of(cast, at), logged(cast, at)
    Customer.objects.filter(pk=own.customer_id).update(same_as=original.customer_id)
    for duplicate in (other, own):
        join(cast, fresh(duplicate), original, at)
    assert followers.of(fresh(original)) == [other]
    assert set(followers.duplicates_of([original.pk])) == {other, own}
    assert [followers.follows(fresh(one)) for one in (other, own, original)] == [True, False, False]


def test_one_number_does_not_make_two_customers_one(cast, at):
    """A family shares it: each hears on a link of their own."""
    original, relative = logged(cast, at), logged(cast, at)
    assert original.customer.phone_key == relative.customer.phone_key
    join(cast, relative, original, at)
    assert followers.of(fresh(original)) == [relative]


def test_a_duplicate_is_written_in_while_its_original_is_worked_on_and_not_longer(cast, at):
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at + HOUR)
    staff = Actor.staff(cast.handler)
    messages.customer_says(duplicate.pk, body="It was 52 litres.", at=at + HOUR)
    messages.say(duplicate.pk, kind=Message.Kind.PUBLIC, body="Thank you.", actor=staff, at=at + HOUR)
    with pytest.raises(NotAllowedNow):
        messages.say(
            duplicate.pk, kind=Message.Kind.PUBLIC, body="Which pump?", actor=staff, at=at + HOUR,
            wait_for_customer=True,
        )  # fmt: skip
    Complaint.objects.filter(pk=original.pk).update(status=Status.ARCHIVED)
    with pytest.raises(NotAllowedNow):
        messages.customer_says(duplicate.pk, body="And more.", at=at + HOUR)
    with pytest.raises(NotAllowedNow):
        messages.say(duplicate.pk, kind=Message.Kind.PUBLIC, body="Yes.", actor=staff, at=at + HOUR)
    assert [message.body for message in duplicate.messages.all()] == ["It was 52 litres.", "Thank you."]


def test_the_others_words_are_asked_for_at_once_and_have_no_holes(cast, at):
    original = at_stage(cast, Status.ASSIGNED, at)
    join(cast, neighbour_of(cast, at), original, at)
    with pytest.raises(GateRefused) as refused:
        resolve(cast, original, at + HOUR, words="")
    assert [item.field for item in refused.value.missing] == ["others_told"]
    with pytest.raises(Unfilled):
        resolve(cast, original, at + HOUR, words="You get it by {promised}.")
    assert fresh(original).status == Status.ASSIGNED


def test_without_duplicates_of_others_nothing_is_asked(cast, at):
    original, own = at_stage(cast, Status.ASSIGNED, at), logged(cast, at)
    Customer.objects.filter(pk=own.customer_id).update(same_as=original.customer_id)
    join(cast, fresh(own), original, at)
    assert resolve(cast, original, at + HOUR, words="").status == Status.RESOLVED


def test_satisfied_is_the_feedback_of_their_own_case(cast, at):
    original, duplicate = told_of_the_result(cast, at)
    take(duplicate, at + 3 * HOUR, solved=True, rating=5)
    duplicate = fresh(duplicate)
    assert (duplicate.status, duplicate.outcome) == (Status.ARCHIVED, "duplicate")
    assert duplicate.feedback.get().is_satisfied
    assert not original.feedback.exists()
    with pytest.raises(NotAllowedNow):
        take(duplicate, at + 4 * HOUR, solved=False)


def test_not_solved_is_no_duplicate_any_more_and_the_words_are_a_point(cast, at):
    original, duplicate = told_of_the_result(cast, at)
    take(duplicate, at + 3 * HOUR, solved=False, rating=1, words="I got nothing back.")
    duplicate = fresh(duplicate)
    assert (duplicate.status, duplicate.duplicate_of, duplicate.round) == (Status.ASSIGNED, None, 2)
    kept = duplicate.rounds.get()
    assert (kept.solved, kept.words, kept.letter, kept.outcome) == (
        False,
        "I got nothing back.",
        TO_OTHERS,
        "duplicate",
    )
    assert duplicate.points.get().text == "I got nothing back."
    assert fresh(original).status == Status.RESOLVED


def test_before_the_result_nothing_is_answered(cast, at):
    original, duplicate = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at)
    join(cast, duplicate, original, at)
    with pytest.raises(NotAllowedNow):
        take(duplicate, at + HOUR, solved=True)


def test_a_duplicate_that_comes_after_the_result_is_told_it_in_words_of_its_own(cast, at):
    original, duplicate = at_stage(cast, Status.RESOLVED, at), neighbour_of(cast, at)
    with pytest.raises(GateRefused) as refused:
        join(cast, duplicate, original, at + HOUR)
    assert [item.field for item in refused.value.missing] == ["others_told"]
    join(cast, duplicate, original, at + HOUR, others_told=TO_OTHERS)
    assert fresh(duplicate).messages.get().body == TO_OTHERS
    assert followers.awaits_answer(fresh(duplicate))


def test_the_next_one_is_told_what_the_others_were_told(cast, at):
    original, _first = told_of_the_result(cast, at)
    late = neighbour_of(cast, at, name="Sun Li", phone="137 3333 4444", email="sun@customer.example")
    join(cast, late, original, at + 3 * HOUR)
    assert fresh(late).messages.get().body == TO_OTHERS


def test_a_chain_points_at_the_first_original(cast, at):
    first, second, third = at_stage(cast, Status.ASSIGNED, at), neighbour_of(cast, at), logged(cast, at)
    join(cast, third, second, at)
    join(cast, second, first, at + HOUR)
    assert {one.duplicate_of for one in (fresh(second), fresh(third))} == {first}
    assert set(followers.of(fresh(first))) == {second, third}
    assert fresh(third).events.filter(kind="handed_on").count() == 1
