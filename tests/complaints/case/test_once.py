"""The same key with the same content is one thing; with other content it is refused, by the verb."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.case.actors import Actor
from complaints.case.once import SentBefore, digest_of
from complaints.choices import Severity, Status
from complaints.conversation import messages, undo_send
from complaints.evidence import attaching
from complaints.intake import receiving
from complaints.models import Complaint, Message, WaitingReply
from complaints.steps import options
from tests.cases import NARRATIVE, at_stage, logged
from tests.complaints import samples

HOUR = timedelta(hours=1)


def file(content=None) -> attaching.Incoming:
    return attaching.examine(SimpleUploadedFile("a.pdf", content or samples.pdf()))


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ASSIGNED, at)


def test_the_same_content_has_the_same_digest_in_whatever_order_sets_stand(cast, at):
    one = digest_of("log", cast.handler, {3, 1, 2}, {"b": at, "a": None}, [file()])
    assert one == digest_of("log", cast.handler, {2, 3, 1}, {"a": None, "b": at}, [file()])
    assert len(one) == 64


@pytest.mark.parametrize("other", [{"narrative": "Another"}, {"severity": Severity.DANGER}, {"named_people": []}])
def test_a_logged_complaint_is_not_what_other_content_with_its_key_returns(cast, at, other):
    first = logged(cast, at, submission_key="k", named_people=[cast.colleague])
    assert logged(cast, at + HOUR, submission_key="k", named_people=[cast.colleague]) == first
    with pytest.raises(SentBefore) as refused:
        logged(cast, at + HOUR, **{"submission_key": "k", "named_people": [cast.colleague]} | other)
    assert (refused.value.first, refused.value.status) == (first, 409)
    assert Complaint.objects.count() == 1


def test_a_key_that_was_used_before_digests_were_kept_counts_alone(cast, at):
    first = logged(cast, at, submission_key="k")
    Complaint.objects.update(submission_digest="")
    assert logged(cast, at, submission_key="k", narrative="Another") == first


@pytest.mark.parametrize(
    "other",
    [{"body": "Other"}, {"kind": "inbound"}, {"channel": "letter"}, {"files": True}, {"actor": "colleague"}],
)
def test_a_note_is_not_what_other_content_with_its_key_returns(cast, at, complaint, other):
    def say(kind="internal", body="Seal intact", channel="", files=False, actor="handler"):
        given = {"kind": kind, "body": body, "channel": channel, "files": [file()] if files else []}
        who = Actor.staff(getattr(cast, actor))
        return messages.say(complaint.pk, actor=who, at=at + HOUR, submission_key="k", **given)

    assert say() == say()
    with pytest.raises(SentBefore):
        say(**other)
    assert complaint.messages.count() == 1
    assert not complaint.evidence.exists()


@pytest.mark.parametrize("other", [{"body": "Other"}, {"wait_for_customer": True}, {"files": True}])
def test_a_waiting_reply_and_the_sent_one_refuse_other_content_with_its_key(cast, at, complaint, other):
    def reply(body="We measure", wait_for_customer=False, files=False):
        given = {"body": body, "wait_for_customer": wait_for_customer, "files": [file()] if files else []}
        return undo_send.reply(
            complaint.pk, actor=Actor.staff(cast.handler), at=at + HOUR, submission_key="k", **given
        )

    assert isinstance(reply(), WaitingReply)
    with pytest.raises(SentBefore):
        reply(**other)
    undo_send.send_due(at + 2 * HOUR)
    assert reply() == Message.objects.get()
    with pytest.raises(SentBefore):
        reply(**other)


def test_a_note_with_the_key_of_a_reply_that_waits_does_not_take_its_place(cast, at, complaint):
    """Send, go back, switch to "internal": the reply was thrown away when its time came."""
    handler = Actor.staff(cast.handler)
    undo_send.reply(complaint.pk, body="We measure", actor=handler, at=at + HOUR, submission_key="k")
    with pytest.raises(SentBefore):
        messages.say(complaint.pk, kind="internal", body="Note", actor=handler, at=at + HOUR, submission_key="k")
    undo_send.send_due(at + 2 * HOUR)
    assert Message.objects.get().body == "We measure"


def test_what_is_told_again_is_not_what_other_content_with_its_key_returns(cast, at, complaint):
    def tell(body="Still broken", is_danger=False):
        return receiving.tell_again(
            complaint.pk, body=body, channel="phone", phone_key=complaint.customer.phone_key, is_danger=is_danger,
            submission_key="k", actor=Actor.staff(cast.frontline), at=at + HOUR,
        )  # fmt: skip

    assert tell() == tell()
    for other in ({"body": "Other"}, {"is_danger": True}):
        with pytest.raises(SentBefore):
            tell(**other)
    assert Complaint.objects.get().severity != Severity.DANGER


def test_the_customers_words_are_not_what_other_content_with_their_key_returns(at, complaint):
    def write(body="Hello", files=()):
        return messages.customer_says(complaint.pk, body=body, files=files, at=at + HOUR, submission_key="k")

    assert write(files=[file()]) == write(files=[file()])
    assert complaint.evidence.count() == 1
    for other in ({"body": "Other", "files": [file()]}, {}):
        with pytest.raises(SentBefore):
            write(**other)


def test_the_same_offer_sent_twice_is_one(cast, at, complaint):
    def offer(words="A free wash"):
        return options.offer(complaint.pk, words=words, amount=10, actor=Actor.staff(cast.handler), at=at + HOUR)

    assert offer() == offer()
    assert offer("Two free washes") != offer()
    options.withdraw(offer().pk, actor=Actor.staff(cast.handler), at=at + HOUR)
    offer()
    assert complaint.options.count() == 3


def test_files_of_a_complaint_that_is_not_logged_are_not_left_on_the_disk(cast, at, settings, monkeypatch):
    given = receiving.Intake(narrative=NARRATIVE, channel="phone", team=cast.hexi, phone="139")
    monkeypatch.setattr("complaints.case.events.record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receiving.log(given, actor=Actor.staff(cast.frontline), at=at, files=[file()])
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
