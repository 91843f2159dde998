"""A text that is too long is refused by the verb too: pages, tasks, imports and the API call it alike."""

from datetime import timedelta
from decimal import Decimal

import pytest

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages, undo_send
from complaints.intake import receiving
from complaints.models import Complaint, ComplaintEvent, Message, Option, WaitingReply
from complaints.steps import archive, assignment, lifecycle, options, resolution, verification
from complaints.steps.forms import FORMS
from complaints.texts import TooLong
from complaints.writing.limits import LIMITS, OTHERWISE
from followups.callbacks import callbacks
from followups.escalation import escalations
from followups.models import CallbackAttempt, Escalation, Promise
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import awaiting_confirmation
from tests.followups.board.at_the_board import asked

LONG = "x" * 20_001


def rows() -> dict:
    models = (Complaint, ComplaintEvent, Message, Option, WaitingReply, CallbackAttempt, Escalation, Promise)
    return {model.__name__: model.objects.count() for model in models}


def on_link(cast, at, who):
    messages.customer_says(logged(cast, at).pk, body=LONG, at=at)


def said(cast, at, who):
    messages.say(logged(cast, at).pk, kind="internal", body=LONG, actor=who, at=at)


def replied(cast, at, who):
    undo_send.reply(logged(cast, at).pk, body=LONG, actor=who, at=at)


def verified(cast, at, who):
    lifecycle.perform(logged(cast, at).pk, "verify", actor=who, at=at, data={"tried_already": "x" * 1_001})


def verification_saved(cast, at, who):
    verification.save_progress(logged(cast, at).pk, actor=who, at=at, data={"restatement": LONG})


def confirmed(cast, at, who):
    verification.confirm_restatement(awaiting_confirmation(cast, at).pk, at=at, words=LONG)


def result_saved(cast, at, who):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    resolution.save_progress(complaint.pk, actor=who, at=at, data={"finding_1": LONG})


def rated(cast, at, who):
    complaint = at_stage(cast, Status.RESOLVED, at)
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at, data={"solved": True, "words": LONG})


def proposed(cast, at, who):
    archive.propose_invalid(logged(cast, at).pk, reason=LONG, actor=who, at=at)


def severity_changed(cast, at, who):
    assignment.change_severity(logged(cast, at).pk, severity="urgent", reason=LONG, actor=who, at=at)


def category_changed(cast, at, who):
    assignment.change_category(logged(cast, at).pk, category=cast.metering, reason=LONG, actor=who, at=at)


def offered(cast, at, who):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    options.offer(complaint.pk, words="x" * 501, amount=Decimal(0), actor=who, at=at)


def promised(cast, at, who):
    due_at = at + timedelta(days=1)
    promises.make(logged(cast, at).pk, kind="reply", words="x" * 301, due_at=due_at, actor=who, at=at)


def escalated(cast, at, who):
    escalations.escalate_by_hand(logged(cast, at).pk, note="x" * 501, tried="x", actor=who, at=at)


def signed(cast, at, who):
    escalation = asked(cast, at_stage(cast, Status.ASSIGNED, at), at)
    escalations.sign(escalation.pk, note="x" * 501, actor=Actor.staff(cast.supervisor), at=at)


def called(cast, at, who):
    callback = at_stage(cast, Status.RESOLVED, at).callbacks.get()
    callbacks.record_attempt(callback.pk, outcome="reached", solved=True, words=LONG, actor=who, at=at)


VERBS = [
    on_link,
    said,
    replied,
    verified,
    verification_saved,
    confirmed,
    result_saved,
    rated,
    proposed,
    severity_changed,
    category_changed,
    offered,
    promised,
    escalated,
    signed,
    called,
]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_verb_refuses_a_text_that_is_too_long_and_stores_nothing(cast, at, verb, monkeypatch):
    before: list[dict] = []
    refuse = TooLong.__init__

    def noticed(self, *args):
        before.append(rows())
        refuse(self, *args)

    monkeypatch.setattr(TooLong, "__init__", noticed)
    with pytest.raises(TooLong):
        verb(cast, at, Actor.staff(cast.handler))
    assert [rows()] == before


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("narrative", 20_000),
        ("desired_outcome", 500),
        ("place", 200),
        ("name", 120),
        ("phone", 40),
        ("email", 254),
        ("call_hours", 120),
    ],
)
def test_so_does_logging(cast, at, field, limit):
    with pytest.raises(TooLong):
        logged(cast, at, **{field: "1" * (limit + 1)})
    assert not Complaint.objects.exists()


def test_no_form_takes_what_its_verb_refuses(cast, at):
    for action, form in FORMS.items():
        for name, field in form.base_fields.items():
            limit = getattr(field, "limit", 0)
            assert limit <= LIMITS.get(name, OTHERWISE), (action, name)


def test_a_supervisor_s_reason_for_the_override_has_its_limit(cast, at):
    data = {"override_reason": "x" * 501}
    with pytest.raises(TooLong):
        lifecycle.perform(logged(cast, at).pk, "verify", actor=Actor.staff(cast.supervisor), at=at, data=data)


def test_what_fits_is_taken(cast, at):
    given = receiving.Intake(narrative="漏" * 20_000, channel="phone", team=cast.hexi, phone="139 0000 4417")
    assert len(receiving.log(given, actor=Actor.staff(cast.frontline), at=at).narrative) == 20_000
