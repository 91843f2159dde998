import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.customer import links
from followups.escalation import escalations
from followups.models import Notice, Promise
from followups.notices import mails
from followups.outbox import notices
from followups.promises import dates_told, promises
from tests.cases import at_stage, logged
from tests.every_row import everything

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENTS = sorted(
    folder.name
    for folder in (Path(settings.BASE_DIR) / "templates" / "emails").iterdir()
    # The summary repeats what happened to many cases: test_digests.
    if folder.is_dir() and folder.name != "digest"
)


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, "assigned", at)


@pytest.fixture
def facts(cast, complaint, at) -> dict:
    """Everything that any event's data may hold."""
    actor = Actor.staff(cast.handler)
    promise = promises.make(
        complaint.pk, kind="visit", words="The technician comes", due_at=at + DAY, actor=actor, at=at + HOUR
    )
    escalation = escalations.escalate_by_hand(complaint.pk, note="Shouts", tried="Talked", actor=actor, at=at + HOUR)
    message = messages.say(
        complaint.pk, kind="public", body="We found it & fixed it: <100 %>", actor=actor, at=at + HOUR
    )
    Notice.objects.all().delete()
    return promise.said() | {
        "reason": "The part is late",
        "proposed_by": cast.colleague.pk,
        "done_at": None,
        "message": message.pk,
        "escalation": escalation.pk,
        "level": 0,
        "reminders": 0,
        "because": "severity",
        "changes": [dates_told.Change(promise, promise.due_at, promise.due_at + DAY).said()],
        "outcome": "withdrawn",
        "ended": [dates_told.Change(promise, promise.due_at, None).said()],
        "missing": "sign",
        "left": cast.colleague.pk,
        "cases": [complaint.pk],
        "count": 1,
        "undone": 2,
        "begins_at": at.isoformat(),
        "ends_at": (at + DAY).isoformat(),
    }


def notice_for(event, complaint, cast, at, data) -> Notice:
    if event.startswith("customer_"):
        notices.tell_customer(complaint, event, key=event, data=data, at=at)
    else:
        notices.tell_person(cast.handler, event, complaint=complaint, key=event, data=data, at=at)
    return Notice.objects.get(event=event)


def mail(event, complaint, cast, at, data):
    return mails.compose(notice_for(event, complaint, cast, at, data), now=at + 2 * HOUR)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_a_subject_of_one_line_and_a_text_with_the_link(event, language, cast, complaint, facts, at):
    notice = notice_for(event, complaint, cast, at, facts)
    notice.language = language
    written = mails.compose(notice, now=at + 2 * HOUR)
    assert complaint.reference in written.subject + written.body
    assert "\n" not in written.subject
    link = links.public_url(complaint) if notice.to_customer else f"/complaints/{complaint.reference}/"
    assert link in written.body or event == "nobody_there"
    assert "{" not in written.body
    assert "\n\n\n" not in written.body
    assert written.to == [notice.address]
    assert written.message()["Subject"]


# What mail programs and virus scanners do with an address before anybody reads the mail.
PREFETCHING = {"Sec-Purpose": "prefetch", "Purpose": "prefetch", "X-Moz": "prefetch"}
ADDRESS = re.compile(r"https?://[^\s\"<>]+")


@pytest.mark.parametrize("event", EVENTS)
def test_no_address_in_any_message_changes_anything_when_it_is_only_opened(
    event, cast, complaint, facts, at, visitor, client
):
    """In text and HTML, by GET, HEAD and as mail programs prefetch; people of the desk are signed in."""
    written = mail(event, complaint, cast, at, facts)
    html = written.alternatives[0].content
    found = {address.rstrip(".,)") for address in ADDRESS.findall(f"{written.body}\n{unescape(html)}")}
    ours = {address.removeprefix(settings.BASE_URL) for address in found if address.startswith(settings.BASE_URL)}
    assert ours or event == "nobody_there"
    assert {address for address in found if not address.startswith(settings.BASE_URL)} == set()
    browser = visitor
    if not event.startswith("customer_"):
        client.force_login(cast.handler)
        browser = client
    before = everything()
    for address in ours:
        for send, headers in ((browser.get, {}), (browser.head, {}), (browser.get, PREFETCHING)):
            assert send(address, headers=headers).status_code in (200, 302, 403)
    assert everything() == before


def test_all_events_that_have_words_are_told_somewhere():
    """Everywhere but where only their words stand."""
    words_only = {"truth.py", "bell_words.py", "bell.py", "tellings.py", "sentences.py"}
    sources = "".join(
        file.read_text()
        for file in (Path(settings.BASE_DIR) / "followups").rglob("*.py")
        if file.name not in words_only and "migrations" not in file.parts
    )
    assert {name for name in EVENTS if f'"{name}"' not in sources} == set()


def test_the_acknowledgement_says_what_by_when_and_by_whom(cast, at):
    complaint = logged(cast, at, title="mr")
    written = mails.compose(Notice.objects.get(event="customer_acknowledged"), now=at)
    assert written.subject == f"We have your complaint: {complaint.reference}"
    assert written.body.startswith("Dear Mr Wang Jianguo,\n\nThank you for telling us.")
    assert "Get in touch with you: Today, Wednesday 18 November, by 11:00" in written.body
    assert "Tell you the result: Wednesday 25 November, by 10:00" in written.body
    assert "Hexi Road station looks after it." in written.body


def test_a_broken_promise_is_admitted_with_what_comes_next(cast, complaint, facts, at):
    written = mail("customer_promise_broken", complaint, cast, at, facts)
    assert "The technician comes, by Thu 19 Nov, 10:00. We did not keep this. We are sorry." in written.body
    assert "Tell you the result: Thursday 19 November, by 10:00" in written.body
    assert "Li Min looks after it." in written.body


def test_what_was_done_late_is_said_with_its_moment_and_nothing_else_is_promised(cast, complaint, facts, at):
    Promise.objects.filter(pk=facts["promise"]).update(kept_at=at + DAY)
    written = mail("customer_promise_broken", complaint, cast, at, facts)
    assert "We did it late: Thu 19 Nov, 10:00." in written.body
    assert "What happens next" not in written.body


def test_texts_are_plain_and_never_read_as_a_template(cast, complaint, facts, at):
    facts["reason"] = "<b>{{ handler }} & {% now %}</b>"
    written = mail("customer_promise_moved", complaint, cast, at, facts)
    assert "<b>{{ handler }} & {% now %}</b>" in written.body
    assert "We found it & fixed it: <100 %>" in mail("customer_message", complaint, cast, at, facts).body


def test_a_line_break_in_a_subject_cannot_add_a_header(cast, complaint, facts, at):
    complaint.subject = "Pump 4\r\nBcc: everybody@example.com"
    complaint.save(update_fields=["subject"])
    written = mail("assigned", complaint, cast, at, facts).message()
    assert written["Subject"].endswith("Pump 4 Bcc: everybody@example.com")
    assert written["Bcc"] is None


def test_customers_never_read_notes_or_the_names_of_people_named(cast, at, facts):
    complaint = logged(cast, at, named_people=[cast.technician])
    actor = Actor.staff(cast.frontline)
    messages.say(complaint.pk, kind="internal", body="SECRET NOTE", actor=actor, at=at + HOUR)
    escalations.escalate_by_hand(complaint.pk, note="SECRET WHY", tried="SECRET TRY", actor=actor, at=at + HOUR)
    for event in [name for name in EVENTS if name.startswith("customer_")]:
        Notice.objects.filter(event=event).delete()
        body = mail(event, complaint, cast, at, facts).body
        assert "SECRET" not in body
        assert cast.technician.name not in body


def test_the_same_notice_always_has_the_same_message_id_and_another_has_another(cast, complaint, facts, at):
    notice = notice_for("assigned", complaint, cast, at, facts)
    other = notice_for("taken_away", complaint, cast, at, facts)
    first = mails.compose(notice, now=at).message()["Message-ID"]
    assert mails.compose(notice, now=at + DAY).message()["Message-ID"] == first
    assert first.endswith("@127.0.0.1>")
    assert mails.message_id(other) != first


def test_dates_are_in_the_recipients_time_zone(cast, complaint, facts, at):
    cast.handler.time_zone = "Europe/Berlin"
    cast.handler.save(update_fields=["time_zone"])
    assert "due Thu 19 Nov, 03:00" in mail("promise_warned", complaint, cast, at, facts).body


def test_the_supervisor_reads_why_what_was_tried_and_by_when(cast, complaint, facts, at):
    body = mail("escalated", complaint, cast, at, facts).body
    assert "Please sign for this:\nAsked for by staff\nAsked for by Li Min\nWhy: Shouts\nTried already: Talked" in body
    assert "Sign for it by Wed 18 Nov, 12:00." in body
    climbed = mails.compose(
        Notice(
            key="x",
            complaint=complaint,
            person=cast.director,
            language="en",
            event="escalated",
            data=facts | {"level": 1},
        ),
        now=at,
    )
    assert "so it comes to you" in climbed.body
