from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from complaints.case.actors import SYSTEM, Actor
from complaints.choices import Kind, Outcome, Status
from complaints.conversation import messages
from complaints.models import Complaint, Evidence, Message
from complaints.steps import lifecycle
from tests.cases import NARRATIVE, at_stage, logged
from tests.complaints.customer.customer_link import ANSWERS, answer, closed_as_duplicate, done, page, token_of


@pytest.fixture
def at(at):
    """What happened then is looked at an hour later."""
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield at


HEADINGS = {
    Status.RECEIVED: "We make sure that we understand you",
    Status.VERIFIED: "We decide who looks after it",
    Status.ASSIGNED: "We are working on a solution",
    Status.RESOLVED: "We think this is solved. Do you?",
    Status.FEEDBACK: "Thank you for your answer",
    Status.ARCHIVED: "This is finished",
}


@pytest.mark.parametrize("status", HEADINGS)
def test_the_stage_is_said_in_words(visitor, cast, at, status):
    complaint = at_stage(cast, status, at)
    response = page(visitor, complaint)
    assert response.status_code == 200
    assert f"<h1>{HEADINGS[status]}</h1>" in response.text
    assert complaint.reference in response.text
    assert response.text.count("is-done") == list(Status).index(status) + 1


def test_who_looks_after_it_is_named_by_name_and_never_by_sign_in(visitor, cast, at):
    received = page(visitor, logged(cast, at)).text
    assert "Hexi Road station looks after your complaint." in received
    text = page(visitor, at_stage(cast, Status.ASSIGNED, at)).text
    assert "Li Min looks after your complaint about Hexi Road station." in text
    assert "li.min" not in text


def test_a_handler_without_a_name_is_shown_as_the_team(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    cast.handler.name = cast.handler.name_zh = ""
    cast.handler.save(update_fields=["name", "name_zh"])
    text = page(visitor, complaint).text
    assert "Hexi Road station looks after your complaint." in text


def test_the_next_promise_is_told_with_its_day_and_hour(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    text = page(visitor, complaint).text
    assert "What happens next" in text
    assert "What we promised you" in text


def test_the_conversation_is_what_was_written_to_and_by_the_customer(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    staff = Actor.staff(cast.handler)
    messages.say(complaint.pk, kind=Message.Kind.PUBLIC, body="We measure\non Thursday.", actor=staff, at=at)
    messages.customer_says(complaint.pk, body="Nobody <b>called</b>.", at=at)
    text = page(visitor, complaint).text
    assert "We measure<br>on Thursday." in text
    assert "Nobody &lt;b&gt;called&lt;/b&gt;." in text
    assert "<b>Li Min</b>" in text
    assert "<b>You</b>" in text


def test_nothing_internal_and_nobody_else_is_on_any_page_of_any_stage(visitor, cast, at):
    """A canary in everything that the customer must not read; the pages of all stages hold none."""
    cast.handler.username, cast.handler.email = "CANARY-login", "CANARY-mail@desk.example"
    cast.handler.save(update_fields=["username", "email"])
    for status in Status:
        complaint = at_stage(
            cast, status, at, name="CANARY-customer", phone="139 0000 4417", email="canary@customer.example"
        )
        Complaint.objects.filter(pk=complaint.pk).update(
            responsibility="CANARY-responsible", lesson="CANARY-lesson", closing_reason="CANARY-reason"
        )
        complaint.named_people.add(cast.colleague)
        note = Message.objects.create(
            complaint=complaint, kind=Message.Kind.INTERNAL, body="CANARY-note", author=cast.supervisor, at=at
        )
        for public, message in ((False, None), (True, note)):
            Evidence.objects.create(
                complaint=complaint, message=message, type="pdf", content_type="application/pdf", public=public,
                label="CANARY-file.pdf", file="aa/bb", size=1, sha256="0" * 64, at=at, uploaded_by=cast.supervisor,
            )  # fmt: skip
        texts = [page(visitor, complaint).text]
        texts += [visitor.get(done(complaint, name)).text for name in ANSWERS]
        for text in texts:
            assert complaint.reference in text
            assert "canary" not in text.lower()
            for secret in ("4417", "13900004417", "Sun Yue", "Chen Jing", "Zhou Kai", "Metering", "Region West"):
                assert secret not in text, secret


def test_a_latent_complaint_does_not_show_what_we_wrote_about_it(visitor, cast, at):
    assert NARRATIVE in page(visitor, logged(cast, at)).text
    assert NARRATIVE not in page(visitor, logged(cast, at, kind=Kind.LATENT)).text


def test_the_result_is_told_with_who_how_and_when(visitor, cast, at):
    assert "told you the result by phone on" in page(visitor, at_stage(cast, Status.RESOLVED, at)).text


def test_waiting_for_the_customer_says_so(visitor, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    messages.say(
        complaint.pk, kind=Message.Kind.PUBLIC, body="Which pump?", actor=Actor.staff(cast.handler), at=at,
        wait_for_customer=True,
    )  # fmt: skip
    text = page(visitor, complaint).text
    assert "<h1>We need an answer from you</h1>" in text
    assert "You answer our question." in text


def test_a_duplicate_is_handled_with_another_complaint_that_is_not_revealed(visitor, cast, at):
    complaint, original = closed_as_duplicate(cast, at)
    text = page(visitor, complaint).text
    assert "<h1>This is handled together with another complaint</h1>" in text
    for secret in (original.reference, "Somebody Else", "2222", token_of(original)):
        assert secret not in text
    assert "the same visit" in text
    assert "Still a problem?" not in text
    assert "We put it together with another complaint" in text
    assert "Finished" not in text
    assert page(visitor, original).status_code == 200


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [(Outcome.WITHDRAWN, "You took this complaint back"), (Outcome.INVALID, "We have closed this")],
)
def test_an_early_end_is_said_kindly_and_its_reason_stays_inside(visitor, cast, at, outcome, heading):
    complaint = logged(cast, at)
    Complaint.objects.filter(pk=complaint.pk).update(
        status=Status.ARCHIVED, outcome=outcome, closing_reason="CANARY", closed_at=at
    )
    text = page(visitor, complaint).text
    assert f"<h1>{heading}</h1>" in text
    assert "CANARY" not in text
    assert text.count("is-done") == 2


# The case with its parts, its promises with what was told, the organisation.
PAGE_QUERIES = 3


@pytest.mark.parametrize("status", HEADINGS)
def test_the_page_costs_the_same_with_three_messages_and_with_thirty(
    visitor, cast, at, status, django_assert_num_queries
):
    complaint = at_stage(cast, status, at)
    for count in (3, 27):
        for number in range(count):
            if status != Status.ARCHIVED:
                messages.customer_says(complaint.pk, body=f"More {number}", at=at)
        with django_assert_num_queries(PAGE_QUERIES):
            page(visitor, complaint)


def test_callback_attempts_used_up_are_not_called_an_answer(visitor, cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    Complaint.objects.filter(pk=complaint.pk).update(wishes_no_contact=True)
    lifecycle.perform(complaint.pk, "record_feedback", actor=SYSTEM, at=at, data={"no_answer": True})
    text = page(visitor, complaint).text
    assert "<h1>We are finishing this</h1>" in text
    assert "We asked you whether it is solved" in text


def test_a_page_of_thanks_for_nothing_known_is_404(visitor, cast, at):
    assert page(visitor, logged(cast, at), "public_done", "nonsense").status_code == 404


# Language


def test_the_language_is_the_complaints_whatever_the_browser_guesses(visitor, cast, at):
    response = page(visitor, logged(cast, at, language="zh-hans"), "public_status", **{"Accept-Language": "en"})
    assert 'lang="zh-Hans"' in response.text
    assert response["Content-Language"] == "zh-hans"
    response = page(visitor, logged(cast, at, language="en"), "public_status", **{"Accept-Language": "zh-CN"})
    assert 'lang="en"' in response.text


def test_the_visitors_choice_beats_the_complaints_language(visitor, cast, at):
    complaint = logged(cast, at, language="zh-hans")
    path = reverse("complaints:public_status", args=[token_of(complaint)])
    response = visitor.post(reverse("accounts:set_language"), {"language": "en", "next": path})
    assert response.url == path
    assert 'lang="en"' in visitor.get(path).text
    assert 'lang="en"' in answer(visitor, complaint, "reply", body="").text
