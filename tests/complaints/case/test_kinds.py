"""Suggestions and latent complaints: what their steps ask, what the customer is told, and what they are not."""

from datetime import timedelta

import pytest

from complaints.case.actors import SYSTEM, Actor
from complaints.choices import Kind, Status
from complaints.conversation import messages
from complaints.errors import GateRefused
from complaints.models import Complaint, SavedView
from complaints.steps import facts, lifecycle
from complaints.writing.reply_templates import Unfilled
from followups.delivery import delivery
from followups.models import Notice, Promise
from followups.notices import mails
from tests.cases import at_stage, logged, resolution_data
from tests.complaints.customer.customer_link import token_of
from tests.complaints.intake.log_form import refusals, sent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
UNKNOWN = {"name": "", "phone": "", "email": ""}


def step(cast, complaint, action, at, who="handler", **data) -> Complaint:
    return lifecycle.perform(complaint.pk, action, actor=Actor.staff(getattr(cast, who)), at=at, data=data)


def asked(cast, complaint, action, at, **data) -> set[str]:
    with pytest.raises(GateRefused) as refused:
        step(cast, complaint, action, at, **data)
    return {missing.field for missing in refused.value.missing}


def assigned(cast, at, kind, **given) -> Complaint:
    """A case of the kind that was verified with the least that is asked, and given to the handler."""
    complaint = logged(cast, at, kind=kind, **given)
    data = {"place": "Shop", "restatement": "A ramp at the door"}
    if kind == Kind.SUGGESTION:
        data |= {"identity_confirmed": True, "confirmed_how": "phone"}
    step(cast, complaint, "verify", at, **data)
    given = {"category": cast.metering, "team": cast.hexi, "handler": cast.handler}
    return step(cast, complaint, "assign", at, "supervisor", **given)


TOLD = {"told_how": "phone", "told_note": "Told her"}


def test_a_suggestion_is_asked_less_than_a_complaint(cast, at):
    complaint = logged(cast, at, kind=Kind.SUGGESTION, site=None)
    assert asked(cast, complaint, "verify", at) == {"identity_confirmed", "place", "restatement", "confirmed_how"}
    complaint = assigned(cast, at, Kind.SUGGESTION)
    assert asked(cast, complaint, "resolve", at) == {"adopted", "solution", "told_how"}
    step(cast, complaint, "resolve", at, adopted=False, solution="The door is too narrow", **TOLD)
    step(cast, complaint, "record_feedback", at, solved=True)
    complaint.callbacks.update(state="done")
    assert step(cast, complaint, "archive", at).status == Status.ARCHIVED


@pytest.mark.parametrize(
    ("adopted", "words"),
    [(True, "We adopt your suggestion."), (False, "We do not adopt your suggestion.")],
)
def test_the_customer_reads_whether_a_suggestion_is_adopted_and_why(client, cast, now, adopted, words):
    complaint = assigned(cast, now, Kind.SUGGESTION)
    step(cast, complaint, "resolve", now, adopted=adopted, solution="The door is 60 cm wide", **TOLD)
    mail = mails.compose(Notice.objects.get(event="customer_resolved"), now=now)
    page = client.get(f"/c/{token_of(complaint)}/").content.decode()
    for text in (mail.body, page):
        assert words in text
        assert "The door is 60 cm wide" in text
    assert mail.subject == f"Our answer to your suggestion {complaint.reference}"
    assert "complaint" not in mail.body


def test_why_a_suggestion_is_not_adopted_goes_out_without_holes(cast, at):
    complaint = assigned(cast, at, Kind.SUGGESTION)
    with pytest.raises(Unfilled):
        step(cast, complaint, "resolve", at, adopted=False, solution="Until {promised} we cannot", **TOLD)


def test_a_suggestion_is_acknowledged_with_thanks_and_nothing_to_be_sorry_for(cast, at):
    logged(cast, at, kind=Kind.SUGGESTION)
    mail = mails.compose(Notice.objects.get(event="customer_acknowledged"), now=at)
    assert "Thank you for your suggestion" in mail.body
    assert "Thank you for your suggestion" in mail.subject
    assert "sorry" not in mail.body
    assert "complaint" not in mail.body


def test_a_complaint_has_nothing_to_adopt(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    assert step(cast, complaint, "resolve", at, **resolution_data(cast)).status == Status.RESOLVED


def test_a_latent_complaint_needs_no_customer_and_goes_its_short_way(cast, at):
    complaint = logged(cast, at, kind=Kind.LATENT, site=None, **UNKNOWN)
    kinds = complaint.promises.values_list("kind", flat=True)
    assert list(kinds) == ["resolution"]
    assert not complaint.promises.get().to_customer
    assert asked(cast, complaint, "verify", at) == {"place", "restatement"}
    complaint = assigned(cast, at, Kind.LATENT, **UNKNOWN)
    assert asked(cast, complaint, "resolve", at) == {"cause", "solution"}
    step(cast, complaint, "resolve", at, cause=cast.drift, solution="A second till")
    assert not complaint.callbacks.exists()
    step(cast, complaint, "record_feedback", at)
    archived = step(cast, complaint, "archive", at, responsibility="Shop", lesson="Count the queue")
    assert (archived.status, archived.outcome) == (Status.ARCHIVED, "solved")
    assert {promise.state for promise in complaint.promises.all()} == {Promise.State.KEPT}


def test_nobody_is_offered_to_write_to_where_nobody_is(client, cast, now):
    complaint = logged(cast, now, kind=Kind.LATENT, **UNKNOWN)
    client.force_login(cast.handler)
    form = client.get(f"/complaints/{complaint.reference}/").context["composer"]
    assert [value for value, _label in form.fields["kind"].choices] == ["internal", "inbound"]


def test_nothing_is_told_by_itself_to_a_customer_who_knows_nothing_of_it(cast, now, mailoutbox):
    complaint = assigned(cast, now, Kind.LATENT)
    step(cast, complaint, "resolve", now, cause=cast.drift, solution="A second till")
    assert not Notice.objects.filter(to_customer=True).exists()
    assert not complaint.callbacks.exists()
    delivery.run(budget_seconds=20)
    assert "wang@customer.example" not in {address for mail in mailoutbox for address in mail.to}


def test_whoever_was_written_to_knows_of_it_and_is_told_the_result(cast, at):
    complaint = assigned(cast, at, Kind.LATENT)
    actor = Actor.staff(cast.handler)
    messages.say(complaint.pk, kind="public", body="We heard that you waited", actor=actor, at=at)
    assert asked(cast, complaint, "resolve", at) == {"cause", "solution", "told_how"}
    step(cast, complaint, "resolve", at, cause=cast.drift, solution="A second till", **TOLD)
    assert complaint.callbacks.get().state == "open"
    assert Notice.objects.filter(event="customer_resolved").exists()


def test_an_apology_of_the_desk_is_not_mailed_about_what_the_customer_does_not_know(cast, now, mailoutbox):
    complaint = logged(cast, now - HOUR)
    assert Notice.objects.filter(event="customer_acknowledged").exists()
    Notice.objects.update(not_before=now - HOUR)
    facts.correct(complaint.pk, actor=Actor.staff(cast.handler), at=now, data={"kind": Kind.LATENT})
    delivery.run(budget_seconds=20)
    assert Notice.objects.get(event="customer_acknowledged").dropped_because == Notice.Dropped.NO_CONTACT


def test_a_latent_complaint_that_becomes_one_is_acknowledged_and_promised_to(cast, at):
    complaint = logged(cast, at, kind=Kind.LATENT, **UNKNOWN)
    data = {"kind": Kind.COMPLAINT, "phone": "029 0000 5512", "email": "chen@customer.example"}
    facts.correct(complaint.pk, actor=Actor.staff(cast.handler), at=at, data=data)
    assert set(complaint.promises.values_list("kind", flat=True)) == {"resolution", "first_contact", "verification"}
    assert Notice.objects.filter(event="customer_acknowledged", address="chen@customer.example").exists()


def test_the_desk_goes_on_with_a_latent_case_by_itself_too(cast, at):
    complaint = assigned(cast, at, Kind.LATENT, **UNKNOWN)
    step(cast, complaint, "resolve", at, cause=cast.drift, solution="A second till")
    lifecycle.perform(complaint.pk, "record_feedback", actor=SYSTEM, at=at, data={"no_answer": True})
    assert Complaint.objects.get(pk=complaint.pk).status == Status.FEEDBACK


def test_the_kind_is_chosen_while_logging(client, cast, now):
    assert sent(client, cast, kind="suggestion").status_code == 302
    assert Complaint.objects.get().kind == Kind.SUGGESTION


def test_a_latent_complaint_is_logged_without_a_way_to_answer_and_others_are_not(client, cast, now):
    assert refusals(sent(client, cast, kind="suggestion", phone="")).keys() == {"phone"}
    answer = sent(client, cast, kind="latent", phone="")
    assert answer.status_code == 302
    assert "Tell the customer" not in client.get(answer.url).content.decode()
    assert Complaint.objects.get().customer is None


def test_without_a_kind_it_is_a_complaint(client, cast, now):
    assert sent(client, cast).status_code == 302
    assert Complaint.objects.get().kind == Kind.COMPLAINT


def test_the_queue_shows_and_filters_kinds(client, cast, now):
    one, other = logged(cast, now, kind=Kind.SUGGESTION), logged(cast, now)
    client.force_login(cast.handler)
    page = client.get("/queue/?view=all&kind=suggestion").content.decode()
    assert one.reference in page
    assert other.reference not in page
    assert '<span class="tag tag--accent">Suggestion</span>' in page
    assert '<span class="tag tag--accent">' not in client.get("/queue/?view=all&kind=complaint").content.decode()
    assert (
        '<span class="tag tag--accent">Suggestion</span>'
        in client.get(f"/complaints/{one.reference}/").content.decode()
    )


def test_a_view_of_one_kind_can_be_saved(client, cast, now):
    client.force_login(cast.handler)
    sent = {"name": "Advice", "query": "?view=all&kind=suggestion", "shared_with": ""}
    assert client.post("/queue/views/", sent).status_code == 302
    assert "kind=suggestion" in SavedView.objects.get().query


def test_the_caller_asks_what_fits_a_suggestion(client, cast, now):
    complaint = assigned(cast, now, Kind.SUGGESTION)
    step(cast, complaint, "resolve", now, adopted=True, solution="The ramp is built in May", **TOLD)
    client.force_login(cast.handler)
    page = client.get(f"/callbacks/{complaint.callbacks.get().pk}/").content.decode()
    assert "Does our answer settle it for you?" in page
    assert "our answer to your suggestion" in page
    assert "Is the problem solved?" not in page


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("kind", [Kind.SUGGESTION, Kind.LATENT])
def test_the_page_of_every_kind_shows_the_step_with_what_it_asks(client, cast, now, kind, status):
    complaint = at_stage(cast, Status.RECEIVED, now - HOUR, kind=kind)
    if status != Status.RECEIVED:
        complaint = assigned(cast, now, kind)
    client.force_login(cast.handler)
    page = client.get(f"/complaints/{complaint.reference}/").content.decode()
    assert ("verify_tried_already" in page, "resolve_finding_1" in page) == (False, False)
    if status != Status.RECEIVED:
        assert ("resolve_adopted_0" in page) == (kind == Kind.SUGGESTION)
