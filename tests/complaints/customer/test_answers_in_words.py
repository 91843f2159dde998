from datetime import timedelta

import pytest
import time_machine

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.evidence import filestore
from complaints.models import Message
from complaints.steps import verification
from tests.cases import at_stage, logged
from tests.complaints import samples
from tests.complaints.customer.customer_link import answer, awaiting_confirmation, done, fresh, page, photo
from tests.flat import flat


@pytest.fixture
def at(at):
    """What happened then is looked at an hour later."""
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield at


def test_a_reply_with_files_is_a_message_that_staff_and_customer_see(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    response = answer(visitor, complaint, "reply", body="Here it is", files=[photo(), photo("b.pdf", samples.pdf())])
    assert response.url == done(complaint, "reply")
    said = flat(visitor.get(response.url).text)
    assert "<h1>We have your message</h1>" in said
    assert "Li Min reads it." in said
    message = complaint.messages.get()
    assert (message.kind, message.channel, message.body, message.author) == ("inbound", "link", "Here it is", None)
    assert [(row.label, row.public, row.uploaded_by) for row in message.evidence.all()] == [
        ("photo.jpg", True, None),
        ("b.pdf", True, None),
    ]
    text = page(visitor, complaint).text
    assert "Here it is" in text
    assert "photo.jpg" in text


def test_a_reply_starts_the_clock_that_waited_for_it(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    messages.say(
        complaint.pk, kind=Message.Kind.PUBLIC, body="Which pump?", actor=Actor.staff(cast.handler),
        at=at + timedelta(minutes=9), wait_for_customer=True,
    )  # fmt: skip
    answer(visitor, complaint, "reply", body="Pump 4")
    assert fresh(complaint).waiting_since is None


def test_a_photo_without_a_word_is_a_reply_and_nothing_at_all_is_not(visitor, cast, at):
    complaint = logged(cast, at)
    assert answer(visitor, complaint, "reply", body="", files=[photo()]).status_code == 302
    response = answer(visitor, complaint, "reply", body=" \u200b\n")
    assert response.status_code == 422
    assert "Write something, or add a file." in response.text
    assert complaint.messages.count() == 1


def test_the_same_form_sent_twice_is_one_message_with_its_files(visitor, cast, at):
    complaint = logged(cast, at)
    key = "3f0c8f0e-6b7a-4f4e-9d3e-2a3a0c7c1d55"
    for _click in range(2):
        response = answer(visitor, complaint, "reply", body="Once", files=[photo()], submission_key=key)
        assert response.url == done(complaint, "reply")
    assert complaint.messages.count() == 1
    assert complaint.evidence.count() == 1


def test_other_words_in_the_same_form_after_going_back_are_not_lost(visitor, cast, at):
    complaint = logged(cast, at)
    key = "3f0c8f0e-6b7a-4f4e-9d3e-2a3a0c7c1d55"
    answer(visitor, complaint, "reply", body="First", submission_key=key)
    again = answer(visitor, complaint, "reply", body="Second", files=[photo("till.jpg")], submission_key=key)
    assert again.status_code == 409
    assert "You sent something with this form already, and we have it." in again.text
    assert "Second</textarea>" in again.text
    assert "choose them again. till.jpg" in again.text
    assert list(complaint.messages.values_list("body", flat=True)) == ["First"]
    renewed = str(again.context["forms"]["reply"]["submission_key"].value())
    assert answer(visitor, complaint, "reply", body="Second", submission_key=renewed).status_code == 302
    assert list(complaint.messages.values_list("body", flat=True)) == ["First", "Second"]


def test_other_files_in_the_same_form_do_not_slip_into_what_was_sent(visitor, cast, at):
    complaint = logged(cast, at)
    key = "3f0c8f0e-6b7a-4f4e-9d3e-2a3a0c7c1d55"
    answer(visitor, complaint, "reply", body="See", files=[photo()], submission_key=key)
    other = photo("b.pdf", samples.pdf())
    assert answer(visitor, complaint, "reply", body="See", files=[other], submission_key=key).status_code == 409
    assert complaint.evidence.count() == 1


@pytest.mark.parametrize("key", ["", "nonsense", "x" * 5000, "\0"])
def test_a_broken_key_loses_no_message(visitor, cast, at, key):
    complaint = logged(cast, at)
    assert answer(visitor, complaint, "reply", body="Hello", submission_key=key).status_code == 302


def test_a_refused_file_keeps_what_was_typed_and_says_which(visitor, cast, at):
    complaint = logged(cast, at)
    response = answer(visitor, complaint, "reply", body="My <words>", files=[photo("cv.jpg", samples.archive())])
    assert response.status_code == 422
    assert "“cv.jpg” is not a photo, video, sound or PDF file." in response.text
    assert "My &lt;words&gt;</textarea>" in response.text
    assert "choose them again" in response.text
    assert not complaint.messages.exists()


def test_a_full_disk_keeps_the_text_and_stores_nothing_half(visitor, cast, at, monkeypatch):
    complaint = logged(cast, at)

    def full(chunks):
        raise filestore.CouldNotStore

    monkeypatch.setattr(filestore, "write", full)
    response = answer(visitor, complaint, "reply", body="My words", files=[photo()])
    assert response.status_code == 507
    assert "We could not store the file. Your text is kept" in response.text
    assert "My words</textarea>" in response.text
    assert not complaint.messages.exists()
    assert answer(visitor, complaint, "reply", body="My words").status_code == 302


def test_a_text_that_is_too_long_says_how_long_it_was(visitor, cast, at):
    response = answer(visitor, logged(cast, at), "reply", body="字" * 20_001)
    assert response.status_code == 422
    assert "20001" in response.text.replace(",", "")


def test_a_character_that_cannot_be_stored_is_an_answer_beside_the_field(visitor, cast, at):
    response = answer(visitor, logged(cast, at), "reply", body="a\0b")
    assert response.status_code == 422
    assert "There is a character in it that cannot be stored." in response.text


def test_a_closed_complaint_takes_no_reply_and_gives_the_words_back(visitor, cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    response = answer(visitor, complaint, "reply", body="But I had more to say")
    assert response.status_code == 409
    assert "This complaint is closed." in response.text
    assert "readonly>But I had more to say</textarea>" in flat(response.text)


def test_who_sends_too_much_is_asked_to_wait_and_keeps_the_text(visitor, cast, at):
    complaint = logged(cast, at)
    statuses = [answer(visitor, complaint, "reply", body=f"Words {number}").status_code for number in range(22)]
    assert statuses == [302] * 20 + [429] * 2
    response = answer(visitor, complaint, "reply", body="My last words")
    assert "Wait ten minutes" in response.text
    assert "My last words</textarea>" in response.text


# Confirm


def test_our_words_are_shown_line_by_line_and_confirmed_once(visitor, cast, at):
    complaint = awaiting_confirmation(cast, at)
    response = page(visitor, complaint)
    assert "<h1>Did we understand you?</h1>" in response.text
    assert "<li><span>Pump 4 showed 52.3 L; the tank holds 50 L.</span></li>" in response.text
    seen = response.context["page"].seen
    for _click in range(2):
        assert answer(visitor, complaint, "confirm", seen=seen, words="Exactly").url == done(complaint, "confirm")
    check = fresh(complaint).verification
    assert check.is_confirmed
    assert complaint.events.filter(kind="restatement_confirmed").count() == 1
    assert "Did we understand you?" not in page(visitor, complaint).text


def test_other_words_to_what_is_confirmed_already_are_given_back(visitor, cast, at):
    complaint = awaiting_confirmation(cast, at)
    seen = page(visitor, complaint).context["page"].seen
    answer(visitor, complaint, "confirm", seen=seen, words="Exactly")
    again = answer(visitor, complaint, "confirm", seen=seen, words="And the receipt, too")
    assert again.status_code == 409
    assert "readonly>And the receipt, too</textarea>" in flat(again.text)


def test_a_draft_of_our_words_is_not_shown(visitor, cast, at):
    complaint = logged(cast, at)
    draft = {"restatement": "CANARY draft"}
    verification.save_progress(complaint.pk, actor=Actor.staff(cast.handler), at=at, data=draft)
    assert "CANARY" not in page(visitor, complaint).text
    assert answer(visitor, complaint, "confirm", seen="").status_code == 409


def test_nobody_confirms_words_that_were_changed_meanwhile(visitor, cast, at):
    complaint = awaiting_confirmation(cast, at)
    seen = page(visitor, complaint).context["page"].seen
    verification.save_progress(
        complaint.pk, actor=Actor.staff(cast.handler), at=at, data={"restatement": "The pump was right."}
    )
    response = answer(visitor, complaint, "confirm", seen=seen, words="Yes")
    assert response.status_code == 409
    assert "We changed our words since you opened this page." in response.text
    assert "The pump was right." in response.text
    assert not fresh(complaint).verification.is_confirmed
    again = response.context["page"].seen
    assert f'name="seen" value="{again}"' in response.text
    assert answer(visitor, complaint, "confirm", seen=again).status_code == 302
