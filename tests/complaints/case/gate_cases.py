"""For every item of every gate: what makes it be missing (tests.complaints.case.test_gates_fire)."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.choices import Outcome, Status
from complaints.intake import receiving
from complaints.models import Complaint, Customer
from complaints.steps import archive, facts, lifecycle, options
from tests.cases import (
    archive_data,
    assignment_data,
    at_stage,
    finish_callbacks,
    logged,
    resolution_data,
    verification_data,
)
from tests.complaints.steps import appealed


class Desk:
    """Makes cases and takes steps that are to be refused."""

    def __init__(self, cast, at):
        self.cast, self.at = cast, at
        self.handler, self.supervisor = Actor.staff(cast.handler), Actor.staff(cast.supervisor)

    def case(self, status, **given) -> Complaint:
        return at_stage(self.cast, status, self.at, **given)

    def step(self, complaint, action, actor=None, *, at=None, **data):
        lifecycle.perform(complaint.pk, action, actor=actor or self.handler, at=at or self.at, data=data)

    def correct(self, complaint=None, **data):
        complaint = complaint or self.case(Status.ASSIGNED)
        facts.correct(complaint.pk, actor=self.handler, at=self.at, data=data)

    def verify(self, **other):
        self.step(logged(self.cast, self.at, site=None), "verify", **verification_data(self.at) | other)

    def assign(self, **other):
        self.step(self.case(Status.VERIFIED), "assign", self.supervisor, **assignment_data(self.cast) | other)

    def resolve(self, complaint=None, **other):
        data = resolution_data(self.cast) | other
        self.step(complaint or self.case(Status.ASSIGNED), "resolve", **data)

    def offered(self, *amounts) -> Complaint:
        complaint = self.case(Status.ASSIGNED)
        for amount in amounts:
            options.offer(complaint.pk, words="Money", amount=Decimal(amount), actor=self.handler, at=self.at)
        return complaint

    def answered(self, **answer) -> Complaint:
        complaint = self.case(Status.RESOLVED)
        self.step(complaint, "record_feedback", CUSTOMER, **answer)
        return complaint

    def unanswered(self) -> Complaint:
        """Nobody was reached: neither satisfied nor not."""
        complaint = self.case(Status.RESOLVED)
        finish_callbacks(complaint)
        self.step(complaint, "record_feedback", SYSTEM, no_answer=True)
        return complaint

    def close(self, complaint=None, **data):
        self.step(complaint or self.case(Status.ASSIGNED), "close_early", **{"reason": "It is so"} | data)

    def close_as_customer(self, **data):
        self.step(self.case(Status.RECEIVED), "close_early", CUSTOMER, **{"reason": "It is so"} | data)

    def invalid_proposed_by_the_handler(self) -> Complaint:
        complaint = self.case(Status.RECEIVED)
        archive.propose_invalid(complaint.pk, reason="An advertisement", actor=self.handler, at=self.at)
        return complaint

    def closed_as_duplicate(self) -> Complaint:
        original, complaint = logged(self.cast, self.at), logged(self.cast, self.at)
        self.close(complaint, outcome=Outcome.DUPLICATE, duplicate_of=original)
        return complaint

    def tell_again(self, **other):
        given = {"body": "It drips", "channel": "phone", "phone_key": "+8613900004417"} | other
        receiving.tell_again(logged(self.cast, self.at).pk, actor=self.handler, at=self.at, **given)


def resolved_without_a_word_to_the_others(desk):
    original = desk.case(Status.ASSIGNED)
    desk.close(logged(desk.cast, desk.at), outcome=Outcome.DUPLICATE, duplicate_of=original)
    desk.resolve(original)


def duplicate_of_what_was_withdrawn(desk):
    original = desk.case(Status.ASSIGNED)
    desk.close(original, outcome=Outcome.WITHDRAWN)
    original.refresh_from_db()
    desk.close(logged(desk.cast, desk.at), outcome=Outcome.DUPLICATE, duplicate_of=original)


def closed_team(desk):
    desk.cast.weiyang.active = False
    desk.cast.weiyang.save()
    desk.assign(team=desk.cast.weiyang, handler=None)


def handler_who_is_named(desk):
    complaint = desk.case(Status.VERIFIED)
    complaint.named_people.add(desk.cast.colleague)
    data = assignment_data(desk.cast) | {"handler": desk.cast.colleague}
    desk.step(complaint, "assign", desk.supervisor, **data)


def above_the_limit(desk):
    AuthorityLimit.objects.create(team=desk.cast.company, role=Role.HANDLER, amount=100)
    desk.resolve(desk.offered("480"))


def resolved_without_a_cause(desk):
    complaint = desk.case(Status.ASSIGNED)
    data = resolution_data(desk.cast) | {"cause": None, "override_reason": "He stands at the counter"}
    desk.step(complaint, "resolve", desk.supervisor, **data)
    desk.step(complaint, "record_feedback", CUSTOMER, solved=True)
    desk.step(complaint, "archive", **archive_data(desk.cast))


def reopened_while_it_is_appealed(desk):
    appeal = appealed.made(desk.cast, desk.at)
    desk.step(appeal.complaint, "reopen", reason="It was not witnessed")


def opened_by_an_appeal_that_nobody_upheld(desk):
    appeal = appealed.decided(desk.cast, desk.at)
    data = {"appeal": appeal.pk, "team": desk.cast.hexi, "handler": desk.cast.colleague, "reason": "It is so"}
    desk.step(appeal.complaint, "uphold", SYSTEM, **data)


def given_back_to_whose_finding_fell(desk):
    appeal = appealed.reviewed(desk.cast, desk.at)
    appealed.decide(desk.cast, appeal, desk.at + timedelta(hours=3), 1, handler=desk.cast.handler)


def callback_still_owed(desk):
    complaint = desk.case(Status.FEEDBACK)
    complaint.callbacks.update(state="open")
    desk.step(complaint, "archive", **archive_data(desk.cast))


# (what is refused, the field that the gate names, how it is tried)
CASES = [
    ("log", "narrative", lambda desk: logged(desk.cast, desk.at, narrative=" ")),
    ("log", "channel", lambda desk: logged(desk.cast, desk.at, channel="")),
    ("log", "phone", lambda desk: logged(desk.cast, desk.at, phone="", email="")),
    ("log, same as", "same_as", lambda desk: logged(desk.cast, desk.at, same_as=Customer(name="Wang"))),
    ("verify", "identity_confirmed", lambda desk: desk.verify(identity_confirmed=False)),
    ("verify", "occurred_at", lambda desk: desk.verify(occurred_at=None)),
    ("verify", "place", lambda desk: desk.verify(place="")),
    ("verify", "evidence_asked", lambda desk: desk.verify(evidence_asked=False)),
    ("verify", "tried_already", lambda desk: desk.verify(tried_already="")),
    ("verify", "desired_outcome", lambda desk: desk.verify(desired_outcome="")),
    ("verify", "restatement", lambda desk: desk.verify(restatement="")),
    ("verify", "confirmed_how", lambda desk: desk.verify(confirmed_how="link")),
    ("assign", "category", lambda desk: desk.assign(category=None)),
    (
        "assign",
        "severity",
        lambda desk: desk.step(
            desk.case(Status.VERIFIED, severity=""), "assign", desk.supervisor,
            **assignment_data(desk.cast) | {"severity": ""},
        ),
    ),
    ("assign", "team", lambda desk: desk.assign(team=None)),
    ("assign, fits", "team", closed_team),
    ("assign, fits", "handler", lambda desk: desk.assign(handler=desk.cast.stranger)),
    ("assign, fits", "handler", handler_who_is_named),
    ("take", "handler", lambda desk: desk.step(desk.case(Status.ASSIGNED), "take", Actor.staff(desk.cast.colleague))),
    (
        "reassign",
        "reason",
        lambda desk: desk.step(
            desk.case(Status.ASSIGNED), "reassign", desk.supervisor, handler=desk.cast.colleague, reason=" "
        ),
    ),
    (
        "reassign",
        "handler",
        lambda desk: desk.step(
            desk.case(Status.ASSIGNED), "reassign", desk.supervisor, handler=desk.cast.handler, reason="Ill"
        ),
    ),
    ("resolve", "finding_2", lambda desk: desk.resolve(finding_2=" ")),
    ("resolve", "cause", lambda desk: desk.resolve(cause=None)),
    ("resolve", "solution", lambda desk: desk.resolve(solution=" ")),
    ("resolve", "option", lambda desk: desk.resolve(desk.offered("0", "1"))),
    ("resolve", "option", above_the_limit),
    ("resolve", "told_how", lambda desk: desk.resolve(told_how="")),
    (
        "resolve",
        "told_how",
        lambda desk: desk.resolve(desk.case(Status.ASSIGNED, email=""), told_how="message", reply="Dear Mr Wang"),
    ),
    ("resolve", "told_at", lambda desk: desk.resolve(told_at=desk.at + timedelta(hours=1))),
    ("resolve", "told_note", lambda desk: desk.resolve(told_note=" ")),
    ("resolve", "others_told", resolved_without_a_word_to_the_others),
    ("record_feedback", "solved", lambda desk: desk.step(desk.case(Status.RESOLVED), "record_feedback")),
    (
        "record_feedback",
        "no_answer",
        lambda desk: desk.step(desk.case(Status.RESOLVED), "record_feedback", SYSTEM, no_answer=True),
    ),
    ("rework", "reason", lambda desk: desk.step(desk.answered(solved=True), "rework", reason="Measure again")),
    ("rework", "reason", lambda desk: desk.step(desk.unanswered(), "rework", reason=" ")),
    (
        "archive",
        "exception_reason",
        lambda desk: desk.step(desk.unanswered(), "archive", **archive_data(desk.cast)),
    ),
    (
        "archive",
        "exception_reason",
        lambda desk: desk.step(
            desk.unanswered(), "archive", exception_reason="Wants more", **archive_data(desk.cast)
        ),
    ),
    (
        "archive",
        "exception_reason",
        lambda desk: desk.step(
            desk.answered(solved=False), "archive", exception_reason="Wants more", **archive_data(desk.cast)
        ),
    ),
    (
        "archive",
        "exception_reason",
        lambda desk: desk.step(desk.answered(solved=False), "archive", desk.supervisor, **archive_data(desk.cast)),
    ),
    ("archive", "cause", resolved_without_a_cause),
    ("archive", "responsibility", lambda desk: desk.step(desk.case(Status.FEEDBACK), "archive", lesson="Measure")),
    ("archive", "lesson", lambda desk: desk.step(desk.case(Status.FEEDBACK), "archive", responsibility="Service")),
    ("archive", "callback", callback_still_owed),
    ("close_early", "outcome", lambda desk: desk.close(outcome=Outcome.SOLVED)),
    ("close_early", "outcome", lambda desk: desk.close_as_customer(outcome=Outcome.INVALID)),
    ("close_early", "reason", lambda desk: desk.close(outcome=Outcome.WITHDRAWN, reason=" ")),
    ("close_early", "duplicate_of", lambda desk: desk.close(outcome=Outcome.DUPLICATE)),
    ("close_early", "duplicate_of", duplicate_of_what_was_withdrawn),
    (
        "close_early",
        "others_told",
        lambda desk: desk.close(
            logged(desk.cast, desk.at), outcome=Outcome.DUPLICATE, duplicate_of=desk.case(Status.RESOLVED)
        ),
    ),
    ("close_early", "outcome", lambda desk: desk.close(outcome=Outcome.INVALID)),
    ("close_early", "outcome", lambda desk: desk.close(desk.invalid_proposed_by_the_handler(), outcome="invalid")),
    ("reopen", "reason", lambda desk: desk.step(desk.case(Status.ARCHIVED), "reopen", CUSTOMER, reason=" ")),
    ("reopen", "basis", reopened_while_it_is_appealed),
    ("uphold", "appeal", opened_by_an_appeal_that_nobody_upheld),
    ("uphold", "handler", given_back_to_whose_finding_fell),
    (
        "reopen",
        "basis",
        lambda desk: desk.step(
            desk.case(Status.ARCHIVED), "reopen", at=desk.at + timedelta(days=100), reason="It drips"
        ),
    ),
    ("reopen", "basis", lambda desk: desk.step(desk.closed_as_duplicate(), "reopen", reason="It drips")),
    ("resolve", "adopted", lambda desk: desk.resolve(desk.case(Status.ASSIGNED, kind="suggestion"))),
    ("correct", "phone", lambda desk: desk.correct(phone="", email="")),
    ("correct", "phone", lambda desk: desk.correct(phone="none")),
    ("correct", "email", lambda desk: desk.correct(email="wang.example")),
    ("correct", "title", lambda desk: desk.correct(title="dr")),
    ("correct", "kind", lambda desk: desk.correct(desk.case(Status.RESOLVED), kind="suggestion")),
    ("correct", "occurred_at", lambda desk: desk.correct(occurred_at=desk.at + timedelta(hours=1))),
    ("correct", "site", lambda desk: desk.correct(site=desk.cast.west)),
    ("correct, naming", "named_people", lambda desk: desk.correct(named_people=[desk.cast.handler])),
    (
        "correct, naming",
        "named_people",
        lambda desk: desk.correct(desk.case(Status.ASSIGNED, named_people=[desk.cast.colleague]), named_people=[]),
    ),
    ("reopen", "basis", lambda desk: desk.step(desk.case(Status.ARCHIVED), "reopen", SYSTEM, reason="It drips")),
    ("tell_again", "phone", lambda desk: desk.tell_again(phone_key="+8613811112222")),
    ("tell_again", "named_people", lambda desk: desk.tell_again(named={desk.cast.handler.pk})),
]  # fmt: skip
