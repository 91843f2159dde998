from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import AuthorityLimit, Membership, Role
from complaints.case.actors import Actor
from complaints.errors import NotPermitted
from complaints.steps import lifecycle, options as solutions
from followups.engine import sweep
from followups.escalation import escalations
from followups.models import Escalation, Notice
from tests.cases import at_stage, resolution_data
from tests.cast import person
from tests.followups.due import leave_unsigned

HOUR = timedelta(hours=1)


@pytest.fixture
def complaint(cast, at):
    for role, team, amount in (
        (Role.HANDLER, cast.company, 100),
        (Role.SUPERVISOR, cast.west, 1000),
        (Role.SUPERVISOR, cast.company, 10_000),
    ):
        AuthorityLimit.objects.create(team=team, role=role, amount=Decimal(amount))
    return at_stage(cast, "assigned", at)


def offered(complaint, who, amount, at):
    return solutions.offer(complaint.pk, words="Pay it back", amount=Decimal(amount), actor=Actor.staff(who), at=at)


def told() -> list[str]:
    return list(Notice.objects.filter(event="escalated").order_by("id").values_list("address", flat=True))


@pytest.mark.parametrize(("amount", "who"), [(480, "supervisor"), (5000, "director"), (50_000, "director")])
def test_what_is_above_the_limit_goes_to_the_nearest_who_may_grant_it_and_else_to_the_top(
    cast, complaint, at, amount, who
):
    option = offered(complaint, cast.handler, amount, at)
    escalation = Escalation.objects.get()
    assert (escalation.key, escalation.reason) == (f"authority:{option.pk}", "authority")
    assert (escalation.raised_by, escalation.note) == (cast.handler, f"¥{amount:,} · Pay it back")
    assert told() == [getattr(cast, who).email]


def test_within_the_limit_nobody_is_asked(cast, complaint, at):
    offered(complaint, cast.handler, 100, at)
    assert not Escalation.objects.exists()


class TestASupervisorsOwnRequest:
    def test_goes_past_them(self, cast, complaint, at):
        offered(complaint, cast.supervisor, 5000, at)
        assert told() == [cast.director.email]

    def test_is_not_theirs_to_sign(self, cast, complaint, at):
        offered(complaint, cast.director, 50_000, at)
        escalation = Escalation.objects.get()
        assert told() == [cast.supervisor.email]
        with pytest.raises(NotPermitted):
            escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.director), at=at)

    def test_does_not_climb_to_them(self, cast, complaint, at):
        second = person("vice.director", (Role.SUPERVISOR, cast.company))
        Membership.objects.filter(person=cast.supervisor).delete()
        offered(complaint, cast.director, 50_000, at)
        leave_unsigned(Escalation.objects.get())
        sweep.climb_batch()
        assert told() == [second.email, second.email]


class TestDeciding:
    @pytest.mark.parametrize("approve", [True, False])
    def test_is_the_signature(self, cast, complaint, at, approve):
        option = offered(complaint, cast.handler, 480, at)
        actor = Actor.staff(cast.supervisor)
        solutions.decide(option.pk, approve=approve, reason="Too much", actor=actor, at=at + HOUR)
        escalation = Escalation.objects.get()
        assert (escalation.signed_by, escalation.signed_at) == (cast.supervisor, at + HOUR)
        assert complaint.events.filter(kind="escalation_signed").count() == 1

    def test_after_somebody_signed_changes_nothing(self, cast, complaint, at):
        option = offered(complaint, cast.handler, 480, at)
        escalation = Escalation.objects.get()
        escalations.sign(escalation.pk, note="I look", actor=Actor.staff(cast.supervisor), at=at)
        solutions.decide(option.pk, approve=True, actor=Actor.staff(cast.director), at=at + HOUR)
        escalation.refresh_from_db()
        assert (escalation.signed_by, escalation.signed_note) == (cast.supervisor, "I look")

    def test_leaves_other_solutions_and_other_escalations_alone(self, cast, complaint, at):
        options = [offered(complaint, cast.handler, amount, at) for amount in (480, 490)]
        complaint.refresh_from_db()
        escalations.escalate(complaint, reason="manual", key="other", at=at)
        solutions.decide(options[0].pk, approve=True, actor=Actor.staff(cast.supervisor), at=at)
        unsigned = Escalation.objects.filter(signed_at=None).values_list("key", flat=True)
        assert set(unsigned) == {f"authority:{options[1].pk}", "other"}


class TestNothingIsLeftToApprove:
    def ended(self, complaint):
        escalation = Escalation.objects.get()
        event = complaint.events.get(kind="escalation_closed")
        return escalation.signed_at is not None, escalation.signed_by, event.data["because"]

    def test_when_it_is_taken_back(self, cast, complaint, at):
        option = offered(complaint, cast.handler, 480, at)
        solutions.withdraw(option.pk, actor=Actor.staff(cast.handler), at=at)
        assert self.ended(complaint) == (True, None, "approval")

    def test_when_the_result_is_told_without_it(self, cast, complaint, at):
        offered(complaint, cast.handler, 480, at)
        better = offered(complaint, cast.handler, 50, at)
        solutions.choose(better.pk, actor=Actor.staff(cast.handler), at=at)
        lifecycle.perform(
            complaint.pk,
            "resolve",
            actor=Actor.staff(cast.handler),
            at=at + HOUR,
            data=resolution_data(cast) | {"told_at": at + HOUR},
        )
        assert self.ended(complaint) == (True, None, "approval")
