"""Every notice to a customer by text message: what must follow from what becomes of it (SPEC, "Told is evidence")."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints.case.actors import Actor
from complaints.models import Customer
from followups import clock
from followups.delivery import delivery, receipts
from followups.delivery.sms import texter
from followups.delivery.sms.account import Receipt
from followups.models import Escalation, Notice, Telling
from followups.outbox.sms_ready import AT_ONCE
from followups.promises import duties
from followups.telling import saying
from tests.followups.due import history_is_whole
from tests.followups.notices.test_every_notice import (
    CAUSES,
    EMAIL,
    KINDS,
    bounce,
    call_of,
    must_be_called,
    notice_of,
    to_say,
)
from tests.followups.sms_sink import SmsSink

State = Notice.State
MINUTE = timedelta(minutes=1)
PHONE, NUMBER = "139 0000 4417", "+8613900004417"
# What keeps a promise by being told.
KEEPING = {"customer_message", "customer_appeal_decided"}
WRONG_NUMBER = (422, "number_invalid", "")
REACHED = {
    "phone only": {"phone": PHONE, "email": ""},
    "chosen": {"phone": PHONE, "email": EMAIL, "way": "sms"},
}


@pytest.fixture
def sink(settings):
    with SmsSink() as sink:
        settings.SMS, settings.SMS_QUIET_HOURS = sink.account, None
        yield sink


def by_sms(event, cast, now, reached="phone only", **more) -> Notice:
    """The notice of `event`, which goes out by text message; whatever else waited is out of the way."""
    complaint = CAUSES[event](cast, now, **REACHED[reached], **more)
    notice = notice_of(complaint, event)
    assert (notice.channel, notice.state) == ("sms", State.QUEUED)
    others = Notice.objects.filter(state=State.QUEUED).exclude(pk=notice.pk)
    others.update(state=State.SHOWN)
    Notice.objects.filter(pk=notice.pk).update(not_before=clock.now())
    notice.refresh_from_db()
    return notice


def deliver(notice) -> Notice:
    delivery.run(budget_seconds=30)
    return Notice.objects.get(pk=notice.pk)


def reported(notice, delivered) -> bool:
    receipt = Receipt(number=NUMBER[1:], delivered=delivered, why="absent", ref=notice.send_ref)
    return receipts.take(receipt, at=clock.now() + MINUTE)


@pytest.mark.parametrize("event", KINDS)
class TestEveryKind:
    def test_accepted_it_is_told_and_nobody_calls(self, cast, now, sink, event):
        notice = deliver(by_sms(event, cast, now))
        assert notice.state == State.SENT, notice.last_error or notice.dropped_because
        telling = Telling.objects.get(notice=notice)
        assert (telling.way, telling.evidence, telling.at) == ("sms", "accepted", notice.sent_at)
        assert (telling.address, notice.parts, len(sink.taken)) == (NUMBER, sink.taken[0]["parts"], 1)
        assert (to_say(notice.case, event), call_of(notice.case)) == ([], None)
        assert not notice.case.escalations.filter(reason=Escalation.Reason.UNTOLD).exists()
        assert reported(notice, delivered=True)
        assert Telling.objects.get(notice=notice).evidence == "delivered"

    def test_refused_for_good_it_is_a_call_and_a_signature(self, cast, now, sink, event):
        sink.mode = WRONG_NUMBER
        notice = deliver(by_sms(event, cast, now))
        owed = must_be_called(notice.case, event)
        assert (owed.address, owed.data) == (PHONE, notice.data)
        assert notice.case.escalations.get(key=f"untold:{notice.pk}").note == "422 number_invalid"
        assert not Telling.objects.filter(notice=notice).exists()
        assert Customer.objects.get(pk=notice.case.customer_id).sms_failed_at == clock.now()

    def test_who_chose_it_and_has_an_address_gets_a_mail_and_only_then_a_call(self, cast, now, sink, event):
        sink.mode = WRONG_NUMBER
        notice = deliver(by_sms(event, cast, now, "chosen"))
        assert notice.state == State.DEAD
        instead = Notice.objects.get(key=f"{notice.key.removesuffix(':customer')}:call:customer")
        assert (instead.channel, instead.address) == ("email", EMAIL)
        assert to_say(notice.case, event) == []
        # The mail is sent in the same round; it comes back.
        assert instead.state in (State.QUEUED, State.SENT)
        delivery.run(budget_seconds=30)
        instead.refresh_from_db()
        assert instead.state == State.SENT
        bounce(notice.case, instead)
        must_be_called(notice.case, event)

    def test_nobody_knows_it_is_parked_and_its_receipt_settles_it(self, cast, now, sink, event, monkeypatch):
        monkeypatch.setattr(texter, "ANSWER_S", 0.5)
        sink.mode = "drop"
        notice = deliver(by_sms(event, cast, now))
        assert (notice.state, len(sink.taken)) == (State.UNCONFIRMED, 1)
        assert not Telling.objects.filter(notice=notice).exists()
        deliver(notice)
        assert len(sink.taken) == 1
        assert reported(notice, delivered=True)
        assert Telling.objects.get(notice=notice).evidence == "delivered"
        assert history_is_whole(notice.case)

    @pytest.mark.parametrize("was", ["accepted", "unknown"])
    def test_a_failed_receipt_takes_it_back(self, cast, now, sink, event, was, monkeypatch):
        monkeypatch.setattr(texter, "ANSWER_S", 0.5)
        sink.mode = "ok" if was == "accepted" else "drop"
        notice = deliver(by_sms(event, cast, now))
        kept = list(Telling.objects.get(notice=notice).kept.all()) if was == "accepted" else []
        assert bool(kept) is (event in KEEPING and was == "accepted")
        assert reported(notice, delivered=False)
        assert not reported(notice, delivered=True)
        must_be_called(notice.case, event)
        assert Notice.objects.get(pk=notice.pk).state == State.DEAD
        assert not Telling.objects.filter(notice=notice, undone_at=None).exists()
        for promise in kept:
            promise.refresh_from_db()
            assert (promise.state, promise.kept_at) == ("open", None)
        assert duties.audit() == []

    def test_at_night_it_waits_for_the_morning_unless_it_may_not(self, cast, now, settings, event):
        local = now.astimezone(ZoneInfo("Asia/Shanghai"))
        begins = local.hour * 60 + local.minute
        with SmsSink() as sink:
            settings.SMS = sink.account
            settings.SMS_QUIET_HOURS = ((begins - 60) % 1440, (begins + 300) % 1440, False)
            complaint = CAUSES[event](cast, now, **REACHED["phone only"])
            Notice.objects.filter(state=State.QUEUED, channel="email").update(state=State.SHOWN)
            # What was caused a minute from now is due now, but for the night.
            Notice.objects.filter(not_before__lt=now + timedelta(minutes=30)).update(not_before=now)
            delivery.run(budget_seconds=30)
            notice = notice_of(complaint, event)
        if event in AT_ONCE:
            assert notice.state == State.SENT
        else:
            assert (notice.state, notice.attempts) == (State.QUEUED, 0)
            assert timedelta(hours=4) < notice.not_before - now <= timedelta(hours=5)

    def test_said_by_phone_after_all_it_is_told_once(self, cast, now, sink, event):
        sink.mode = WRONG_NUMBER
        notice = deliver(by_sms(event, cast, now))
        owed = must_be_called(notice.case, event)
        actor = Actor.staff(cast.supervisor)
        saying.said(notice.case_id, notice_ids=[owed.pk], way="phone", actor=actor, at=clock.now() + MINUTE)
        assert Telling.objects.get(notice=owed).evidence == "spoken"
        assert call_of(notice.case) is None
