from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from complaints.choices import Kind, Severity, Status
from complaints.customer import decisions
from complaints.errors import NotAllowedNow
from complaints.models import Complaint, WaitingReply
from followups.delivery import delivery
from followups.models import Escalation, Notice
from followups.notices import mails
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import closed_as_duplicate, done, fresh, page, token_of
from tests.flat import flat

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EMAIL = "wang@customer.example"


def send(visitor, complaint, what, **data):
    return visitor.post(reverse("complaints:public_decide", args=[token_of(complaint), what]), data)


def asked(visitor, complaint, what):
    return page(visitor, complaint, "public_decide", what)


def offered(visitor, complaint) -> list[str]:
    return [what for what in ("hours", "language", "supervisor", "take-back", "stop", "contact")
            if f"/decide/{what}/" in page(visitor, complaint).text]  # fmt: skip


# What is offered, and to whom


@pytest.mark.parametrize(
    ("status", "rows"),
    [
        (Status.RECEIVED, ["hours", "language", "supervisor", "take-back", "stop"]),
        (Status.ASSIGNED, ["hours", "language", "supervisor", "take-back", "stop"]),
        (Status.RESOLVED, ["hours", "language", "supervisor", "stop"]),
        (Status.ARCHIVED, ["hours", "language", "stop"]),
    ],
)
def test_each_stage_offers_what_can_be_decided(visitor, cast, now, status, rows):
    assert offered(visitor, at_stage(cast, status, now)) == rows


def test_what_cannot_be_decided_is_not_offered_and_leads_back(visitor, cast, now):
    nobody = logged(cast, now, phone="", email="", wishes_no_contact=True)
    assert offered(visitor, nobody) == ["language", "supervisor", "take-back"]
    danger = logged(cast, now, severity=Severity.DANGER)
    assert offered(visitor, danger) == ["hours", "language", "supervisor", "stop"]
    for complaint, what in ((nobody, "hours"), (nobody, "stop"), (nobody, "contact"), (danger, "take-back")):
        assert asked(visitor, complaint, what).url == reverse("complaints:public_status", args=[token_of(complaint)])
    assert asked(visitor, danger, "nonsense").status_code == 404


def test_the_page_says_what_holds_now(visitor, cast, now):
    complaint = logged(cast, now, call_hours="after 17:00")
    text = flat(page(visitor, complaint).text)
    assert '<b>When to call me</b><span class="second">after 17:00</span>' in text
    assert 'value="after 17:00"' in asked(visitor, complaint, "hours").text


# Each does what it says, once


def test_when_to_call(visitor, cast, now):
    complaint = logged(cast, now)
    for _click in range(2):
        assert send(visitor, complaint, "hours", call_hours=" after 17:00 ").url == done(complaint, "hours")
    assert fresh(complaint).customer.call_hours == "after 17:00"
    event = complaint.events.get(kind="facts_corrected")
    assert event.actor_kind == "customer"
    assert event.data == {"changes": {"call_hours": {"old": "", "new": "after 17:00"}}}
    assert "You said: after 17:00" in visitor.get(done(complaint, "hours")).text
    assert send(visitor, complaint, "hours", call_hours="x" * 121).status_code == 422


def test_the_language_of_page_and_messages(visitor, cast, now):
    complaint = logged(cast, now, language="en", email=EMAIL)
    # What the browser chose before does not stand in the way of what they chose now.
    visitor.cookies["django_language"] = "en"
    for _click in range(2):
        assert send(visitor, complaint, "language", language="zh-hans").status_code == 302
    assert 'lang="zh-Hans"' in page(visitor, complaint).text
    renewed = fresh(complaint)
    assert (renewed.language, renewed.customer.language) == ("zh-hans", "zh-hans")
    waiting = Notice.objects.get(complaint=complaint, event="customer_acknowledged")
    assert waiting.language == "zh-hans"
    assert complaint.events.filter(kind="facts_corrected").count() == 1
    assert send(visitor, complaint, "language", language="fr").status_code == 422


def test_a_supervisor_signs_and_an_answer_has_a_date(visitor, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    for _click in range(2):
        assert send(visitor, complaint, "supervisor", words="Twice promised").url == done(complaint, "supervisor")
    escalation = complaint.escalations.get(reason=Escalation.Reason.CUSTOMER)
    assert (escalation.note, escalation.signed_at) == ("Twice promised", None)
    assert complaint.promises.filter(kind="reply", state="open", to_customer=True).count() == 1
    assert Notice.objects.filter(complaint=complaint, event="escalated", person=cast.supervisor).count() == 1
    assert complaint.events.get(kind="supervisor_asked").data == {"words": "Twice promised"}
    assert "A supervisor has been told" in visitor.get(done(complaint, "supervisor")).text


def test_other_words_to_a_supervisor_wait_a_day_and_are_not_lost(visitor, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    send(visitor, complaint, "supervisor", words="")
    refused = send(visitor, complaint, "supervisor", words="And the receipt")
    assert refused.status_code == 409
    assert "And the receipt" in refused.text
    with time_machine.travel(now + DAY + HOUR, tick=False):
        assert send(visitor, complaint, "supervisor", words="And the receipt").status_code == 302
    assert complaint.escalations.filter(reason=Escalation.Reason.CUSTOMER).count() == 2


def test_taken_back_it_is_closed_and_whoever_handles_it_hears_of_it(visitor, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now, email=EMAIL)
    for _click in range(2):
        assert send(visitor, complaint, "take-back", words="It is settled").url == done(complaint, "take-back")
    closed = fresh(complaint)
    assert (closed.status, closed.outcome, closed.closing_reason) == ("archived", "withdrawn", "It is settled")
    assert complaint.events.filter(kind="closed_early").count() == 1
    assert not complaint.promises.filter(state="open").exists()
    told = Notice.objects.get(complaint=complaint, event="withdrawn")
    assert told.person == cast.handler
    assert "It is settled" in mails.words_of(told, now).text
    text = page(visitor, complaint).text
    assert "<h1>You took this complaint back</h1>" in text
    # What they wrote themselves is no news to them; and the way back is there.
    assert "Why we closed it" not in text
    assert "Still a problem?" in text


def test_without_words_the_history_says_so(visitor, cast, now):
    complaint = logged(cast, now)
    send(visitor, complaint, "take-back", words="")
    assert fresh(complaint).closing_reason == "The customer gave no reason."


def test_a_reply_that_waits_leaves_before_the_case_is_closed(visitor, client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    client.force_login(cast.handler)
    client.post(f"/complaints/{complaint.reference}/say/", {"kind": "public", "body": "We come on Thursday"})
    assert WaitingReply.objects.filter(complaint=complaint).exists()
    send(visitor, complaint, "take-back", words="")
    assert not WaitingReply.objects.filter(complaint=complaint).exists()
    assert complaint.messages.filter(body="We come on Thursday").exists()
    assert fresh(complaint).status == Status.ARCHIVED


def test_what_is_told_or_dangerous_cannot_be_taken_back(visitor, cast, now):
    for complaint in (at_stage(cast, Status.RESOLVED, now), logged(cast, now, severity=Severity.DANGER)):
        response = send(visitor, complaint, "take-back", words="Let it be")
        assert response.status_code == 409
        assert "Let it be" in response.text
        assert fresh(complaint).status != Status.ARCHIVED
    assert send(visitor, closed_as_duplicate(cast, now)[0], "supervisor").status_code == 409


def test_no_contact_stops_messages_and_calls_and_nothing_else(visitor, cast, now):
    complaint = at_stage(cast, Status.RESOLVED, now, email=EMAIL)
    assert complaint.callbacks.filter(state="open").exists()
    text = flat(asked(visitor, complaint, "stop").text)
    assert "What stops" in text
    assert "where people are in danger, somebody may call you" in text
    for _click in range(2):
        assert send(visitor, complaint, "stop").url == done(complaint, "stop")
    assert fresh(complaint).wishes_no_contact
    assert not complaint.callbacks.filter(state="open").exists()
    assert complaint.events.filter(kind="facts_corrected").count() == 1
    Notice.objects.filter(to_customer=True).update(not_before=now)
    delivery.run(budget_seconds=10)
    assert not Notice.objects.filter(complaint=complaint, to_customer=True, state="sent").exists()
    assert offered(visitor, complaint) == ["hours", "language", "supervisor", "contact"]
    assert send(visitor, complaint, "contact").url == done(complaint, "contact")
    assert not fresh(complaint).wishes_no_contact
    assert complaint.callbacks.filter(state="open").count() == 1


def test_the_promise_of_a_result_stays_when_contact_stops(visitor, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    send(visitor, complaint, "stop")
    assert complaint.promises.filter(kind="resolution", state="open").exists()


def test_too_much_at_once_is_refused_in_words(visitor, cast, now):
    complaint = logged(cast, now)
    codes = [send(visitor, complaint, "hours", call_hours=f"after {n}:00").status_code for n in range(22)]
    assert codes[-1] == 429
    assert codes[0] == 302


def test_a_customer_closes_nothing_in_another_way(cast, now):
    """The gate holds for whoever calls the verb."""
    complaint = logged(cast, now, kind=Kind.SUGGESTION)
    Complaint.objects.filter(pk=complaint.pk).update(severity=Severity.DANGER)
    with pytest.raises(NotAllowedNow):
        decisions.take_back(complaint.pk, {"words": ""}, at=now)
