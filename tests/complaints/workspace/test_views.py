"""The complaint page: who sees what, which buttons, what it costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuthorityLimit, Person
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.models import Complaint, ComplaintEvent, Evidence, Message, ReplyTemplate
from complaints.steps import archive, lifecycle, options
from followups.escalation import escalations
from followups.models import Callback
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.flat import flat

# Session and person included.
BUDGET = 12


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person: Person, complaint: Complaint, name: str = "case"):
    return signed_in(person).get(reverse(f"complaints:{name}", args=[complaint.reference]))


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("who", ["frontline", "handler", "supervisor", "auditor"])
def test_everybody_who_may_see_a_complaint_gets_its_page_at_every_stage(cast, at, who, status):
    complaint = at_stage(cast, status, at)
    response = page(getattr(cast, who), complaint)
    assert response.status_code == 200
    html = response.content.decode()
    assert complaint.reference in html
    assert "My tank holds 50." in html


@pytest.mark.parametrize("who", ["stranger", "neighbour", "administrator"])
@pytest.mark.parametrize("name", ["case", "history"])
def test_whoever_may_not_see_it_gets_the_answer_of_a_complaint_that_does_not_exist(cast, at, who, name):
    complaint = logged(cast, at)
    client = signed_in(getattr(cast, who))
    hidden = client.get(reverse(f"complaints:{name}", args=[complaint.reference]))
    missing = client.get(reverse(f"complaints:{name}", args=["C-2026-999999"]))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert complaint.subject not in hidden.content.decode()


def test_an_employee_named_in_a_complaint_cannot_open_it(cast, at):
    complaint = logged(cast, at, named_people=[cast.colleague])
    assert page(cast.handler, complaint).status_code == 200
    assert page(cast.colleague, complaint).status_code == 404


def test_a_reader_without_a_working_role_sees_no_form_and_not_the_customers_link(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    html = page(cast.auditor, complaint).content.decode()
    assert "works on a solution" in html
    assert reverse("complaints:say", args=[complaint.reference]) not in html
    assert reverse("complaints:step", args=[complaint.reference, "resolve"]) not in html
    assert "/c/" not in html
    assert "/c/" in page(cast.handler, complaint).content.decode()


@pytest.mark.parametrize(
    ("status", "who", "action"),
    [
        (Status.RECEIVED, "frontline", "verify"),
        (Status.VERIFIED, "supervisor", "assign"),
        (Status.ASSIGNED, "handler", "resolve"),
        (Status.RESOLVED, "frontline", "record_feedback"),
        (Status.FEEDBACK, "handler", "archive"),
    ],
)
def test_the_one_card_holds_the_natural_next_step(cast, at, status, who, action):
    complaint = at_stage(cast, status, at)
    step = page(getattr(cast, who), complaint).context["step"]
    assert step.transition.action == action
    assert step.form is not None


def test_who_cannot_take_the_next_step_reads_who_can(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    response = page(cast.handler, complaint)
    assert response.context["step"].form is None
    assert "A supervisor of Hexi Road station" in response.content.decode()


def test_a_complaint_in_a_queue_offers_to_be_taken_first(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    data = {"category": cast.metering, "severity": "urgent", "team": cast.hexi, "handler": None}
    lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at, data=data)
    assert page(cast.handler, complaint).context["step"].transition.action == "take"


def test_an_unsatisfied_customer_is_worked_for_again_and_the_next_step_is_a_new_result(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at, data={"solved": False, "rating": 1})
    response = page(cast.handler, complaint)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.round) == (Status.ASSIGNED, 2)
    assert response.context["step"].transition.action == "resolve"
    assert "archive" in [t.action for t in response.context["more"]]


def test_what_is_done_is_folded_away_and_counted(cast, at):
    complaint = logged(cast, at, desired_outcome="Measure the pump", place="Pump 4")
    step = page(cast.frontline, complaint).context["step"]
    assert (step.done_count, step.total) == (2, 8)
    assert {field.name for field in step.done} == {"place", "site", "desired_outcome"}
    assert step.front[0].name == "identity_confirmed"


def test_only_the_actions_that_the_table_allows_are_offered(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    assert [t.action for t in page(cast.handler, complaint).context["more"]] == ["close_early"]
    assert [t.action for t in page(cast.supervisor, complaint).context["more"]] == ["reassign", "close_early"]
    assert [t.action for t in page(cast.auditor, complaint).context["more"]] == []


def test_what_people_wrote_is_shown_as_they_wrote_it_and_never_as_markup(cast, at):
    complaint = logged(cast, at, narrative="<script>alert(1)</script> {{ 7|add:7 }}\nhttp://evil.example/")
    messages.say(
        complaint.pk, kind="internal", body="<img src=x onerror=alert(1)>", actor=Actor.staff(cast.handler), at=at
    )
    html = page(cast.handler, complaint).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}<br>http://evil.example/" in html
    assert 'href="http://evil.example/"' not in html


def test_public_internal_and_inbound_entries_differ_in_shape_and_words(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    staff = Actor.staff(cast.handler)
    messages.say(complaint.pk, kind="public", body="We measure on Thursday.", actor=staff, at=at)
    messages.say(complaint.pk, kind="internal", body="Seal intact.", actor=staff, at=at)
    messages.customer_says(complaint.pk, body="Nobody called.", at=at)
    entries = [(e.look, e.message.body) for e in page(cast.handler, complaint).context["entries"] if e.message]
    assert sorted(entries) == [
        ("in", "Nobody called."),
        ("note", "Seal intact."),
        ("out", "We measure on Thursday."),
    ]


def test_a_long_conversation_shows_its_end_and_a_way_to_the_rest(cast, at):
    complaint = logged(cast, at)
    for number in range(33):
        messages.customer_says(complaint.pk, body=f"Reminder {number}.", at=at + timedelta(minutes=number))
    html = page(cast.handler, complaint).content.decode()
    assert "Reminder 32." in html
    assert "Reminder 2." not in html
    everything = signed_in(cast.handler).get(reverse("complaints:case", args=[complaint.reference]) + "?talk=all")
    assert "Reminder 2." in everything.content.decode()


def test_other_complaints_of_the_customer_are_linked_where_they_may_be_seen(cast, at):
    first = logged(cast, at, narrative="Pump 4 once before.")
    elsewhere = logged(cast, at, narrative="At another site.", team=cast.qujiang, site=cast.qujiang)
    Complaint.objects.filter(pk=elsewhere.pk).update(logged_by=None)
    second = logged(cast, at)
    html = page(cast.handler, second).content.decode()
    assert first.reference in html
    assert elsewhere.reference not in html


def test_a_proposal_that_it_is_no_complaint_is_for_somebody_else_to_close(cast, at):
    complaint = logged(cast, at)
    archive.propose_invalid(complaint.pk, reason="A joke", actor=Actor.staff(cast.handler), at=at)
    close = reverse("complaints:step", args=[complaint.reference, "close_early"]) + '">Close it'
    assert close not in flat(page(cast.handler, complaint).content.decode())
    html = flat(page(cast.colleague, complaint).content.decode())
    assert "Li Min proposes that this is not a complaint: A joke" in html
    assert close in html


def test_responsibility_is_not_shown_to_the_frontline(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    assert "Equipment service" in page(cast.supervisor, complaint).content.decode()
    html = page(cast.frontline, complaint).content.decode()
    assert "Measure after every seal change" in html
    assert "Equipment service" not in html


def test_a_link_that_cannot_be_unsealed_does_not_break_the_page(cast, at, settings):
    complaint = logged(cast, at)
    settings.TOKEN_KEY = "another key"
    assert page(cast.handler, complaint).status_code == 200


def test_history_tells_every_event_and_that_the_chain_is_whole(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)
    response = page(cast.auditor, complaint, "history")
    assert len(response.context["lines"]) == ComplaintEvent.objects.filter(complaint=complaint).count()
    assert response.context["faults"] == []
    assert "The history is unbroken" in response.content.decode()


def test_history_says_when_its_end_was_cut_off(cast, at):
    complaint = at_stage(cast, Status.VERIFIED, at)
    Complaint.objects.filter(pk=complaint.pk).update(event_count=7)
    response = page(cast.supervisor, complaint, "history")
    assert "changed from outside" in response.content.decode()


# What it costs -----------------------------------------------------------------------------------


def full_case(cast, status: str, at) -> Complaint:
    """A case at `status` that has one of everything its page can show there, and templates to reply with."""
    AuthorityLimit.objects.create(team=cast.company, role="handler", amount=Decimal(1000))
    ReplyTemplate.objects.create(name="First reply", body="{salutation}", body_zh="{salutation}")
    logged(cast, at, narrative="Pump 4 once before.")
    complaint = at_stage(cast, status, at)
    staff = Actor.staff(cast.handler)
    files = {"type": "image", "content_type": "image/png", "file": "ab/cd", "size": 9, "sha256": "0" * 64}
    for label in ("receipt.png", "pump.png"):
        Evidence.objects.create(complaint=complaint, label=label, at=at, **files)
    if status == Status.ASSIGNED:
        for words in ("186 yuan back", "A voucher"):
            options.offer(complaint.pk, words=words, amount=Decimal(1860), actor=staff, at=at)
    if status in (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED):
        archive.propose_invalid(complaint.pk, reason="A joke", actor=staff, at=at)
    if status != Status.ARCHIVED:
        due_at = at + timedelta(days=1)
        promises.make(complaint.pk, kind="visit", words="We come", due_at=due_at, actor=staff, at=at)
        for tried in ("Called", "Wrote"):
            escalations.escalate_by_hand(
                complaint.pk, note="Help", tried=tried, actor=Actor.staff(cast.frontline), at=at
            )
    return complaint


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("who", ["frontline", "handler", "supervisor"])
def test_the_whole_page_costs_the_same_with_3_messages_and_with_50(cast, at, who, status):
    complaint = full_case(cast, status, at)
    Callback.objects.filter(complaint=complaint).update(state="open")
    client = signed_in(getattr(cast, who))
    address = reverse("complaints:case", args=[complaint.reference])
    spent = []
    for total in (3, 50):
        missing = total - complaint.messages.count()
        texts = [Message(complaint=complaint, kind="internal", body="A note.", author=cast.handler, at=at)] * missing
        Message.objects.bulk_create(texts)
        with CaptureQueriesContext(connection) as queries:
            html = client.get(address + "?talk=all").content.decode()
        assert html.count("A note.") >= missing
        spent.append(len(queries))
    assert spent[0] == spent[1] <= BUDGET
