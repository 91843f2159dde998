from datetime import timedelta

import pytest

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Complaint, Message
from complaints.steps import lifecycle
from complaints.writing.reply_templates import Unfilled
from followups.models import Notice
from tests.cases import at_stage, logged, resolution_data
from tests.complaints.customer.customer_link import token_of


def kinds(complaint):
    return [event.kind for event in complaint.events.order_by("number") if event.actor_kind != "system"]


def test_what_is_said_to_the_customer_is_public_and_a_note_is_not(cast, at):
    complaint, handler = logged(cast, at), Actor.staff(cast.handler)
    messages.say(complaint.pk, kind="public", body="We measure on Thursday at 10:00.", actor=handler, at=at)
    messages.say(complaint.pk, kind="internal", body="Third time at this pump", actor=handler, at=at)
    assert [m.is_public for m in complaint.messages.all()] == [True, False]
    shown = {event.kind: event.public for event in complaint.events.all()}
    assert (shown["message_sent"], shown["note_added"]) == (True, False)


def test_waiting_for_the_customer_ends_with_their_answer_on_any_channel(cast, at):
    complaint, handler = logged(cast, at), Actor.staff(cast.handler)
    for answer in (
        lambda: messages.customer_says(complaint.pk, body="The photo", at=at + timedelta(hours=1)),
        lambda: messages.say(
            complaint.pk, kind="inbound", body="Called: photo comes", channel="phone", actor=handler, at=at
        ),
    ):
        messages.say(
            complaint.pk, kind="public", body="Please send a photo", actor=handler, at=at, wait_for_customer=True
        )
        assert Complaint.objects.get().waiting_since == at
        answer()
        assert Complaint.objects.get().waiting_since is None
    assert kinds(complaint).count("waiting_began") == kinds(complaint).count("waiting_ended") == 2


def test_the_same_form_sent_twice_is_one_message(cast, at):
    complaint, handler = logged(cast, at), Actor.staff(cast.handler)
    for _ in range(2):
        messages.say(complaint.pk, kind="public", body="Hello", actor=handler, at=at, submission_key="a")
        messages.customer_says(complaint.pk, body="Hello?", at=at, submission_key="b")
    assert Message.objects.count() == 2


def test_readers_without_a_working_role_cannot_write(cast, at):
    complaint = logged(cast, at)
    for somebody in (cast.auditor, cast.stranger, cast.administrator):
        with pytest.raises(NotPermitted):
            messages.say(complaint.pk, kind="internal", body="x", actor=Actor.staff(somebody), at=at)


def test_an_archived_complaint_takes_notes_only(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    handler = Actor.staff(cast.handler)
    with pytest.raises(NotAllowedNow):
        messages.say(complaint.pk, kind="public", body="x", actor=handler, at=at)
    with pytest.raises(NotAllowedNow):
        messages.customer_says(complaint.pk, body="x", at=at)
    messages.say(complaint.pk, kind="internal", body="Found the receipt", actor=handler, at=at)


def test_who_wishes_no_contact_is_not_written_to(cast, at):
    complaint = logged(cast, at, wishes_no_contact=True)
    with pytest.raises(NotAllowedNow):
        messages.say(complaint.pk, kind="public", body="x", actor=Actor.staff(cast.handler), at=at)


def test_who_complained_on_the_form_reads_it_on_the_link_and_is_sent_nothing(cast, at, visitor):
    complaint = logged(cast, at, wishes_no_contact=True, channel="web", phone="", email="", name="")
    messages.say(complaint.pk, kind="public", body="We look at it", actor=Actor.staff(cast.handler), at=at)
    assert not Notice.objects.filter(complaint=complaint, to_customer=True).exists()
    assert "We look at it" in visitor.get(f"/c/{token_of(complaint)}/").content.decode()


def test_markup_is_stored_as_it_was_typed(cast, at):
    complaint = logged(cast, at)
    body = "{{7*7}} <script>alert(1)</script> [x](javascript:alert(1))"
    assert messages.customer_says(complaint.pk, body=body, at=at).body == body


def test_no_hole_of_a_template_reaches_the_customer(cast, at):
    complaint, handler = logged(cast, at), Actor.staff(cast.handler)
    with pytest.raises(Unfilled) as refused:
        messages.say(complaint.pk, kind="public", body="{salutation}, by {promised}.", actor=handler, at=at)
    assert str(refused.value) == "Write words for {salutation}, {promised}"
    assert not complaint.messages.exists()


def test_nor_does_one_in_the_reply_that_a_step_sends(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    data = resolution_data(cast) | {"told_how": "message", "reply": "We call you by {promised}."}
    with pytest.raises(Unfilled):
        lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=data)
    assert Complaint.objects.get().status == Status.ASSIGNED


def test_notes_and_customers_may_write_what_looks_like_one(cast, at):
    complaint, handler = logged(cast, at), Actor.staff(cast.handler)
    messages.say(complaint.pk, kind="internal", body="The template says {promised}", actor=handler, at=at)
    messages.say(complaint.pk, kind="inbound", body="“{promised}”?", channel="phone", actor=handler, at=at)
    messages.customer_says(complaint.pk, body="You wrote {promised}?", at=at)
    assert complaint.messages.count() == 3


def test_who_writes_again_without_an_answer_reminds_us_and_two_messages_in_a_row_are_one(cast, at):
    complaint, handler = logged(cast, at), Actor.staff(cast.handler)

    def writes(hours, **channel):
        if channel:
            said = {"kind": "inbound", "actor": handler, "channel": channel["channel"]}
            messages.say(complaint.pk, body="Well?", at=at + timedelta(hours=hours), **said)
        else:
            messages.customer_says(complaint.pk, body="Well?", at=at + timedelta(hours=hours))
        return Complaint.objects.get().reminders

    assert writes(0.5) == 0, "they add something to what they have just told us"
    assert writes(2) == 1
    assert writes(2.2) == 1
    messages.say(complaint.pk, kind="internal", body="Waits", actor=handler, at=at + timedelta(hours=3))
    assert writes(5, channel="phone") == 2, "a note inside is no answer, and the channel does not matter"
    messages.say(complaint.pk, kind="public", body="We measure.", actor=handler, at=at + timedelta(hours=6))
    assert writes(9) == 2
    assert writes(11) == 3
    assert [event.data.get("reminder") for event in complaint.events.filter(kind="customer_replied")] == [
        None, 1, None, 2, None, 3
    ]  # fmt: skip
