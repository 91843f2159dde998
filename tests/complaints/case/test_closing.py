"""Nothing that was offered, asked or proposed stands open on a case that is not worked on any more."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.errors import GateRefused, NotAllowedNow
from complaints.models import Complaint
from complaints.steps import archive, lifecycle, options as solutions, verification
from followups.callbacks import callbacks
from followups.models import Promise
from tests.cases import at_stage, logged, resolution_data, verification_data
from tests.complaints.customer.customer_link import page

HOUR = timedelta(hours=1)
# What the page of a case says of things that wait for somebody.
STILL_OPEN = ("customer can choose it", "waits for approval", "has not confirmed it on the link yet", "proposes that")


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(days=1), tick=False):
        yield


def offer(complaint, cast, at, words="A free wash", amount=0, **more):
    handler = Actor.staff(cast.handler)
    return solutions.offer(complaint.pk, words=words, amount=Decimal(amount), actor=handler, at=at, **more)


def close(complaint, cast, at, outcome="withdrawn", **more) -> Complaint:
    data = {"outcome": outcome, "reason": "It is so"} | more
    supervisor = Actor.staff(cast.supervisor)
    return lifecycle.perform(complaint.pk, "close_early", actor=supervisor, at=at, data=data)


def resolve(complaint, cast, at) -> Complaint:
    return lifecycle.perform(
        complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=resolution_data(cast)
    )


def seen(cast, complaint, path="") -> str:
    client = Client()
    client.force_login(cast.handler)
    return client.get(f"/complaints/{complaint.reference}/{path}").content.decode()


@pytest.fixture
def everything_open(cast, at) -> Complaint:
    """Offers (one above the limit), a question, a promise, a signature and a proposal, none of them answered."""
    AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=100)
    complaint, handler = at_stage(cast, Status.ASSIGNED, at), Actor.staff(cast.handler)
    offer(complaint, cast, at)
    offer(complaint, cast, at, "480 yuan", 480)
    archive.propose_invalid(complaint.pk, reason="An advertisement", actor=handler, at=at)
    said = {"kind": "public", "body": "Which pump was it?", "wait_for_customer": True}
    messages.say(complaint.pk, actor=handler, at=at, **said)
    return complaint


def test_closing_early_ends_all_that_stood_open_and_says_what_became_of_it(cast, at, everything_open):
    html = seen(cast, everything_open)
    assert all(words in html for words in STILL_OPEN if "link" not in words)
    done = close(everything_open, cast, at + HOUR)
    assert set(done.options.values_list("ended_at", flat=True)) == {at + HOUR}
    assert done.events.filter(kind="option_ended").count() == 2
    done.refresh_from_db()
    assert (done.waiting_since, done.invalid_proposed_by, done.invalid_reason) == (None, None, "")
    assert not done.escalations.filter(signed_at=None).exists()
    assert not done.promises.filter(state=Promise.State.OPEN).exists()
    for path in ("", "print/"):
        html = seen(cast, done, path)
        assert not [words for words in STILL_OPEN if words in html]
        assert "Not chosen. The offer ended" in html
        assert "without approval" in html
    history = seen(cast, done, "history/")
    assert "Offer ended, nobody chose it: A free wash" in history
    assert "Nobody agreed that it is not a complaint" in history
    assert "An advertisement" in history


def test_a_case_closed_before_our_words_were_confirmed_does_not_wait_for_that(cast, at, visitor):
    complaint = logged(cast, at)
    data = verification_data(at) | {"confirmed_how": "link"}
    verification.save_progress(complaint.pk, actor=Actor.staff(cast.handler), at=at, data=data)
    assert "has not confirmed it on the link yet" in seen(cast, complaint)
    close(complaint, cast, at + HOUR)
    assert "The customer did not confirm it on the link" in seen(cast, complaint)
    assert "Did we understand you?" not in page(visitor, complaint).content.decode()
    with pytest.raises(NotAllowedNow):
        verification.confirm_restatement(complaint.pk, at=at + HOUR)


def test_our_words_are_not_confirmed_any_more_once_work_began(cast, at):
    complaint = logged(cast, at)
    data = verification_data(at) | {"confirmed_how": "link", "override_reason": "He cannot be reached"}
    for action, more in (("verify", data), ("assign", {"severity": "urgent", "team": cast.hexi})):
        more = more | {"category": cast.metering, "override_reason": "He cannot be reached"}
        lifecycle.perform(complaint.pk, action, actor=Actor.staff(cast.supervisor), at=at, data=more)
    with pytest.raises(NotAllowedNow):
        verification.confirm_restatement(complaint.pk, at=at + HOUR)
    assert "The customer did not confirm it on the link" in seen(cast, complaint)


def test_the_result_ends_what_was_not_chosen_and_leaves_the_choice(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    chosen, other = offer(complaint, cast, at, "Money back"), offer(complaint, cast, at)
    solutions.choose(chosen.pk, actor=CUSTOMER, at=at)
    resolve(complaint, cast, at + HOUR)
    chosen.refresh_from_db()
    other.refresh_from_db()
    assert (chosen.ended_at, other.ended_at) == (None, at + HOUR)
    html = seen(cast, complaint)
    assert "Chosen by the customer" in html
    assert "Not chosen. The offer ended" in html


def test_the_gate_still_sees_what_stands(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    options = [offer(complaint, cast, at, words) for words in ("Money back", "A free wash")]
    with pytest.raises(GateRefused):
        resolve(complaint, cast, at + HOUR)
    for option in options:
        option.refresh_from_db()
        assert option.ended_at is None


def test_nobody_approves_what_ended(cast, at):
    AuthorityLimit.objects.create(team=cast.company, role=Role.SUPERVISOR, amount=1000)
    complaint = at_stage(cast, Status.ASSIGNED, at)
    option = offer(complaint, cast, at, "480 yuan", 480)
    close(complaint, cast, at + HOUR)
    with pytest.raises(NotAllowedNow):
        solutions.decide(option.pk, approve=True, actor=Actor.staff(cast.supervisor), at=at + 2 * HOUR)


def test_an_offer_whose_time_is_over_cannot_be_chosen_on_the_page_either(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    offer(complaint, cast, at, expires_at=at + HOUR)
    html = seen(cast, complaint)
    assert "Not chosen. The offer ended" in html
    assert "customer can choose it" not in html
    assert "Note the customer’s choice" not in html


def test_a_proposal_of_the_first_round_does_not_close_the_second(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    archive.propose_invalid(complaint.pk, reason="An advertisement", actor=Actor.staff(cast.handler), at=at)
    resolve(complaint, cast, at + HOUR)
    assert "proposes that" not in seen(cast, complaint)
    again = lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR, data={"solved": False})
    again.refresh_from_db()
    assert (again.status, again.round) == (Status.ASSIGNED, 2)
    with pytest.raises(GateRefused):
        close(complaint, cast, at + HOUR, outcome="invalid")


def test_a_call_of_the_first_round_is_not_owed_in_the_second(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    said = {"solved": False, "channel": "callback"}
    lifecycle.perform(complaint.pk, "record_feedback", actor=Actor.staff(cast.handler), at=at + HOUR, data=said)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.round) == (Status.ASSIGNED, 2)
    assert not complaint.callbacks.filter(state="open").exists()
    assert not callbacks.due_list(cast.handler).exists()


def test_what_was_closed_by_an_earlier_version_is_tidied_up(cast, at, everything_open):
    archived = at_stage(cast, Status.ARCHIVED, at)
    Complaint.objects.filter(pk=archived.pk).update(invalid_proposed_by=cast.handler, invalid_reason="Old")
    import_module("complaints.migrations.0013_rounds_of_the_past").drop_old_proposals(apps, None)
    assert list(Complaint.objects.exclude(invalid_proposed_by=None)) == [everything_open]
