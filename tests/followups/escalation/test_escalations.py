from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Calendar, CalendarSpan, Membership, Role, Team
from complaints.case.actors import Actor
from complaints.errors import GateRefused, NotAllowedNow, NotPermitted
from followups.engine import sweep
from followups.escalation import escalations
from followups.models import Escalation, Notice
from tests.cases import at_stage, logged
from tests.cast import person
from tests.followups.due import history_is_whole, leave_unsigned

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, "assigned", at)


def raised(complaint, at, key="test", **given) -> Escalation:
    return escalations.escalate(complaint, reason="manual", key=key, at=at, **given)


def told() -> list[str]:
    return list(Notice.objects.filter(event="escalated").order_by("id").values_list("address", flat=True))


def told_that_somebody_is_missing() -> list[str]:
    return list(Notice.objects.filter(event="nobody_there").order_by("id").values_list("address", flat=True))


def let_climb(escalation) -> Escalation:
    leave_unsigned(escalation)
    assert sweep.climb_batch() == 1
    escalation.refresh_from_db()
    return escalation


class TestWhoSigns:
    def test_the_nearest_supervisor_above_the_team(self, cast, complaint, at):
        escalation = raised(complaint, at)
        assert (escalation.team, escalation.at_top) == (cast.west, False)
        assert told() == [cast.supervisor.email]
        assert complaint.events.get(kind="escalated").data["escalation"] == escalation.pk

    def test_the_same_key_again_is_the_same_escalation(self, cast, complaint, at):
        assert raised(complaint, at) == raised(complaint, at + HOUR)
        assert len(told()) == 1

    def test_nobody_who_is_named_in_the_complaint(self, cast, at):
        complaint = logged(cast, at, named_people=[cast.supervisor])
        escalation = raised(complaint, at)
        assert (escalation.team, escalation.at_top) == (cast.company, True)
        assert told() == [cast.director.email]

    def test_nobody_who_left(self, cast, complaint, at):
        cast.supervisor.is_active = False
        cast.supervisor.save(update_fields=["is_active"])
        assert raised(complaint, at).team == cast.company

    def test_without_any_supervisor_the_administrators_who_can_appoint_one(self, cast, complaint, at):
        Membership.objects.filter(role=Role.SUPERVISOR).delete()
        escalation = raised(complaint, at)
        assert (escalation.team, escalation.at_top) == (cast.company, True)
        assert told() == []
        assert told_that_somebody_is_missing() == [cast.administrator.email]

    def test_without_anybody_the_row_stays_and_the_log_says_so(self, cast, complaint, at, caplog):
        Membership.objects.filter(role__in=[Role.SUPERVISOR, Role.ADMINISTRATOR]).delete()
        escalation = raised(complaint, at)
        assert escalation.at_top
        assert told() == []
        assert "reach nobody" in caplog.text
        root = person("root.root", is_superuser=True)
        let_climb(escalation)
        assert told_that_somebody_is_missing() == [root.email]


class TestByWhen:
    @pytest.fixture
    def stations(self, cast):
        calendar = Calendar.objects.create(name="Stations", chinese_holidays=False)
        for weekday in range(5):
            CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(18))
        Team.objects.filter(pk=cast.company.pk).update(calendar=calendar)

    def test_in_working_hours_because_nobody_signs_at_night(self, cast, complaint, stations):
        friday_17_30 = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
        assert raised(complaint, friday_17_30).sign_by == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)

    def test_danger_does_not_wait_for_the_morning(self, cast, at, stations):
        complaint = logged(cast, at, severity="danger")
        friday_night = datetime(2026, 11, 20, 20, tzinfo=UTC)
        assert raised(complaint, friday_night).sign_by == friday_night + HOUR


class TestClimbing:
    def test_unsigned_it_goes_to_the_team_above_and_its_supervisors_are_told(self, cast, complaint, at):
        escalation = let_climb(raised(complaint, at))
        assert (escalation.team, escalation.level, escalation.at_top) == (cast.company, 1, True)
        assert told() == [cast.supervisor.email, cast.director.email]
        assert complaint.events.filter(kind="escalation_climbed").count() == 1

    def test_at_the_top_it_stays_loud(self, cast, complaint, at):
        escalation = let_climb(raised(complaint, at))
        for number in (1, 2):
            escalation = let_climb(escalation)
            assert (escalation.team, escalation.level, escalation.reminders) == (cast.company, 1, number)
        assert told() == [cast.supervisor.email, *[cast.director.email] * 3]
        assert complaint.events.filter(kind="escalation_climbed").count() == 1

    def test_signed_it_climbs_no_more(self, cast, complaint, at):
        escalation = raised(complaint, at)
        escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.supervisor), at=at)
        leave_unsigned(escalation)
        assert sweep.climb_batch() == 0

    def test_in_time_nothing_climbs(self, cast, complaint, at):
        escalation = raised(complaint, at)
        Escalation.objects.filter(pk=escalation.pk).update(sign_by=datetime.now(UTC) + HOUR)
        assert sweep.climb_batch() == 0

    def test_two_of_one_complaint_climb_together_and_the_history_stays_whole(self, cast, complaint, at):
        both = [raised(complaint, at, key="a"), raised(complaint, at, key="b")]
        leave_unsigned(*both)
        assert sweep.climb_batch() == 2
        assert history_is_whole(complaint)


class TestSigning:
    def test_a_supervisor_signs_with_a_note(self, cast, complaint, at):
        escalation = raised(complaint, at)
        signed = escalations.sign(
            escalation.pk, note="I drive there", actor=Actor.staff(cast.supervisor), at=at + HOUR
        )
        assert (signed.signed_by, signed.signed_at, signed.signed_note) == (
            cast.supervisor,
            at + HOUR,
            "I drive there",
        )
        assert complaint.events.get(kind="escalation_signed").data["signed_note"] == "I drive there"

    def test_signing_twice_is_once_and_after_somebody_else_an_error(self, cast, complaint, at):
        escalation = raised(complaint, at)
        for hours in (1, 2):
            escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.supervisor), at=at + hours * HOUR)
        escalation.refresh_from_db()
        assert escalation.signed_at == at + HOUR
        with pytest.raises(NotAllowedNow):
            escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.director), at=at + 3 * HOUR)
        assert complaint.events.filter(kind="escalation_signed").count() == 1

    def test_another_note_after_signing_is_refused_and_not_said_to_be_stored(self, cast, complaint, at):
        escalation, actor = raised(complaint, at), Actor.staff(cast.supervisor)
        for _twice in range(2):
            escalations.sign(escalation.pk, note="I drive there", actor=actor, at=at)
        with pytest.raises(NotAllowedNow):
            escalations.sign(escalation.pk, note="I call them", actor=actor, at=at)

    def test_who_does_not_supervise_the_case_cannot_sign(self, cast, complaint, at):
        escalation = raised(complaint, at)
        for other in (cast.handler, cast.auditor, cast.administrator, cast.stranger):
            with pytest.raises(NotPermitted):
                escalations.sign(escalation.pk, note="", actor=Actor.staff(other), at=at)


class TestByHand:
    def ask(self, complaint, actor, at, **given):
        fields = {"note": "The customer shouts", "tried": "Talked twice", "actor": Actor.staff(actor), "at": at}
        return escalations.escalate_by_hand(complaint.pk, **fields | given)

    def test_staff_say_why_and_what_they_tried(self, cast, complaint, at):
        escalation = self.ask(complaint, cast.handler, at + HOUR)
        assert (escalation.raised_by, escalation.tried) == (cast.handler, "Talked twice")
        with pytest.raises(GateRefused) as refused:
            self.ask(complaint, cast.handler, at + HOUR, note=" ", tried="", reason="overdue")
        assert [missing.field for missing in refused.value.missing] == ["note", "tried", "reason"]

    def test_the_same_form_twice_escalates_once(self, cast, complaint, at):
        assert self.ask(complaint, cast.handler, at + HOUR) == self.ask(complaint, cast.handler, at + HOUR)
        assert self.ask(complaint, cast.handler, at + 2 * HOUR, note="And now a lawyer").pk
        assert Escalation.objects.count() == 2

    def test_not_by_strangers_and_not_on_archived_cases(self, cast, complaint, at):
        with pytest.raises(NotPermitted):
            self.ask(complaint, cast.stranger, at + HOUR)
        with pytest.raises(NotAllowedNow):
            self.ask(at_stage(cast, "archived", at), cast.handler, at + HOUR)
