"""Delivery receipts, from providers of each kind: what they prove, what they undo, and who may say so."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import Customer
from followups import clock
from followups.delivery import delivery, retrying
from followups.delivery.sms import texter
from followups.models import Notice, Promise, SmsTemplate, Telling
from tests.cases import logged
from tests.followups.due import history_is_whole
from tests.followups.sms_sink import SmsSink, receipt_headers

State = Notice.State
KEY = "receipts-key-0123456789"
THANKS = {"json": {"ok": True}, "aliyun": {"code": 0, "msg": "OK"}, "tencent": {"result": 0, "errmsg": "OK"}}


@pytest.fixture(params=["json", "aliyun", "tencent"])
def sink(request, settings, db):
    with SmsSink(request.param) as sink:
        settings.SMS, settings.SMS_QUIET_HOURS, settings.SMS_RECEIPTS_KEY = sink.account, None, KEY
        for event in ("customer_acknowledged", "customer_message"):
            SmsTemplate.objects.create(event=event, language="en", template_id="1", text="See ${reference}: ${code}")
        yield sink


@pytest.fixture
def notice(cast, now, sink) -> Notice:
    """A message that keeps a promise, taken by the provider."""
    complaint = logged(cast, now, email="")
    Notice.objects.all().delete()
    messages.say(complaint.pk, kind="public", body="On Thursday", actor=Actor.staff(cast.handler), at=now)
    Notice.objects.filter(to_customer=False).delete()
    delivery.run(budget_seconds=30)
    notice = Notice.objects.get()
    assert notice.state == State.SENT
    return notice


@pytest.fixture
def flying(cast, now, sink) -> Notice:
    """A message of which the provider has every byte, and whose answer this worker has not noted yet."""
    logged(cast, now, email="")
    Notice.objects.filter(to_customer=False).delete()
    (row,) = delivery._claim("sms")
    Notice.objects.filter(pk=row.pk).update(state=State.SENDING, send_ref="r" * 32)
    row.refresh_from_db()
    return row


def row_of(sink, notice, delivered=True, **changed) -> dict:
    if sink.provider == "json":
        row = {
            "ref": notice.send_ref,
            "id": notice.provider_id,
            "to": notice.address,
            "status": "delivered" if delivered else "failed",
            "error": "" if delivered else "UNDELIVERABLE",
        }
    elif sink.provider == "aliyun":
        row = {
            "phone_number": notice.address[3:],
            "success": delivered,
            "err_code": "DELIVERED" if delivered else "UNDELIVERABLE",
            "biz_id": notice.provider_id,
            "out_id": notice.send_ref,
            "sms_size": "1",
        }
    else:
        row = {
            "nationcode": "86",
            "mobile": notice.address[3:],
            "report_status": "SUCCESS" if delivered else "FAIL",
            "errmsg": "DELIVRD" if delivered else "UNDELIVERABLE",
            "sid": notice.provider_id,
        }
    return row | changed


def post(visitor, rows, key=KEY, headers=None):
    body = json.dumps(rows).encode()
    signed = receipt_headers(body, int(clock.now().timestamp())) if headers is None else headers
    return visitor.post(
        reverse("followups:sms_receipts", args=[key]), body, content_type="application/json", headers=signed
    )


def report(visitor, sink, notice, delivered=True, **changed) -> Notice:
    answer = post(visitor, [row_of(sink, notice, delivered, **changed)])
    assert (answer.status_code, answer.json()) == (200, THANKS[sink.provider])
    return Notice.objects.get(pk=notice.pk)


class TestArrived:
    def test_the_telling_says_so_and_nothing_else_changes(self, visitor, sink, notice):
        kept = list(Promise.objects.filter(state="kept").values_list("pk", flat=True))
        assert kept
        assert report(visitor, sink, notice).receipt == "delivered"
        assert Telling.objects.get(notice=notice).evidence == "delivered"
        assert list(Promise.objects.filter(state="kept").values_list("pk", flat=True)) == kept
        assert history_is_whole(notice.case)

    def test_the_last_word_is_the_first_that_came(self, visitor, sink, notice):
        report(visitor, sink, notice)
        for _time in range(2):
            after = report(visitor, sink, notice, delivered=False)
            assert (after.receipt, after.state) == ("delivered", State.SENT)
        assert Telling.objects.get(notice=notice).undone_at is None

    def test_one_whose_outcome_nobody_knew_is_told(self, visitor, sink, cast, now, monkeypatch):
        monkeypatch.setattr(texter, "ANSWER_S", 0.5)
        sink.mode = "drop"
        logged(cast, now, email="")
        Notice.objects.filter(to_customer=False).delete()
        assert dict(delivery.run(budget_seconds=30)) == {"unconfirmed": 1}
        parked = Notice.objects.get()
        names = {"json": {"id": "id-9"}, "aliyun": {"biz_id": "biz-9"}, "tencent": {"sid": "serial-9"}}
        settled = report(visitor, sink, parked, **names[sink.provider])
        assert (settled.state, settled.receipt) == (State.SENT, "delivered")
        assert settled.provider_id.endswith("-9")
        assert Telling.objects.get().evidence == "delivered"
        assert dict(delivery.run(budget_seconds=30)) == {}

    def test_one_that_comes_before_the_answer_is_noted_counts(self, visitor, sink, flying):
        report(visitor, sink, flying, **({"sid": "serial-9"} if sink.provider == "tencent" else {}))
        delivery._confirm(flying, {"provider_id": "from the answer"})
        after = Notice.objects.get(pk=flying.pk)
        assert (after.state, after.receipt, after.provider_id) == (State.SENT, "delivered", "from the answer")
        assert Telling.objects.get().evidence == "delivered"


class TestDidNotArrive:
    def test_the_telling_is_taken_back_somebody_calls_and_a_supervisor_signs(self, visitor, sink, notice):
        kept = list(Promise.objects.filter(state="kept"))
        after = report(visitor, sink, notice, delivered=False)
        assert (after.state, after.receipt, after.last_error) == (State.DEAD, "failed", "UNDELIVERABLE")
        telling = Telling.objects.get(notice=notice)
        assert (telling.undone_because, telling.kept.count()) == ("UNDELIVERABLE", 0)
        assert all(Promise.objects.get(pk=promise.pk).state == "open" for promise in kept)
        assert Notice.objects.get(state=State.TO_SAY).event == "customer_message"
        assert notice.case.escalations.filter(reason="untold").count() == 1
        assert Customer.objects.get().sms_failed_at == clock.now()
        assert history_is_whole(notice.case)

    def test_twice_is_once_and_it_does_not_arrive_after_all(self, visitor, sink, notice):
        report(visitor, sink, notice, delivered=False)
        report(visitor, sink, notice, delivered=False)
        after = report(visitor, sink, notice)
        assert (after.state, after.receipt) == (State.DEAD, "failed")
        assert Notice.objects.filter(state=State.TO_SAY).count() == 1
        assert notice.case.escalations.filter(reason="untold").count() == 1

    def test_before_the_answer_is_noted_it_stays_undelivered(self, visitor, sink, flying):
        names = {"sid": "serial-9"} if sink.provider == "tencent" else {}
        report(visitor, sink, flying, delivered=False, **names)
        delivery._confirm(flying, {"provider_id": "x"})
        assert Notice.objects.get(pk=flying.pk).state == State.DEAD
        assert not Telling.objects.exists()
        assert Notice.objects.get(state=State.TO_SAY).event == flying.event

    def test_who_has_an_address_gets_a_mail_instead(self, visitor, sink, notice):
        Customer.objects.update(email="wang@customer.example", way="sms")
        report(visitor, sink, notice, delivered=False)
        instead = Notice.objects.exclude(pk=notice.pk).get(to_customer=True)
        assert (instead.channel, instead.state, instead.address) == ("email", State.QUEUED, "wang@customer.example")


class TestWhoMaySaySo:
    def test_the_number_must_fit(self, visitor, sink, notice):
        other = {"json": {"to": "+8613811112222"}, "aliyun": {"phone_number": "13811112222"}}
        report(visitor, sink, notice, **other.get(sink.provider, {"mobile": "13811112222"}))
        none = {"json": {"to": ""}, "aliyun": {"phone_number": ""}}
        report(visitor, sink, notice, **none.get(sink.provider, {"mobile": "", "nationcode": ""}))
        assert Notice.objects.get(pk=notice.pk).receipt == ""

    def test_of_what_is_not_ours_nothing_is_noted(self, visitor, sink, notice):
        strange = {"json": {"ref": "x" * 32, "id": "y"}, "aliyun": {"out_id": "x", "biz_id": "y"}}
        report(visitor, sink, notice, **strange.get(sink.provider, {"sid": "y"}))
        assert Notice.objects.get(pk=notice.pk).receipt == ""

    @pytest.mark.parametrize("key", ["wrong", KEY + "x", "ключ"])
    def test_the_secret_is_a_part_of_the_address(self, visitor, sink, notice, key):
        assert post(visitor, [row_of(sink, notice)], key=key).status_code == 404
        assert Notice.objects.get(pk=notice.pk).receipt == ""

    def test_without_a_secret_or_a_provider_there_is_no_such_address(self, visitor, sink, notice, settings):
        settings.SMS_RECEIPTS_KEY = ""
        assert post(visitor, [row_of(sink, notice)], key="x").status_code == 404
        settings.SMS, settings.SMS_RECEIPTS_KEY = {}, KEY
        assert post(visitor, [row_of(sink, notice)]).status_code == 404

    def test_a_get_is_no_receipt(self, visitor, sink):
        assert visitor.get(reverse("followups:sms_receipts", args=[KEY])).status_code == 405

    @pytest.mark.parametrize(
        "said", [{}, 5, None, [5], [{}], [{"status": "gone"}], "text", [{"success": "yes"}], [[[]]]]
    )
    def test_what_cannot_be_read_is_said_so(self, visitor, sink, notice, said):
        assert post(visitor, said).status_code == 400
        assert Notice.objects.get(pk=notice.pk).receipt == ""

    def test_characters_that_nothing_can_store_are_refused(self, visitor, sink, notice):
        named = {"json": "ref", "aliyun": "out_id", "tencent": "sid"}[sink.provider]
        for odd in ("\0", "\ud800"):
            answer = post(visitor, [row_of(sink, notice, **{named: odd})])
            assert answer.status_code in (200, 400)
        assert Notice.objects.get(pk=notice.pk).receipt == ""

    def test_no_log_line_holds_the_key_or_the_number(self, visitor, sink, notice, caplog):
        caplog.set_level("DEBUG")
        report(visitor, sink, notice)
        report(visitor, sink, notice)
        assert notice.address[3:] not in caplog.text


class TestTheGenericSignature:
    @pytest.fixture
    def sink(self, settings, db):
        with SmsSink("json") as sink:
            settings.SMS, settings.SMS_QUIET_HOURS, settings.SMS_RECEIPTS_KEY = sink.account, None, KEY
            yield sink

    def test_a_wrong_or_an_old_one_is_refused(self, visitor, sink, notice):
        rows = [row_of(sink, notice)]
        body, now = json.dumps(rows).encode(), int(clock.now().timestamp())
        other = receipt_headers(body + b" ", now)
        for headers in ({}, other, receipt_headers(body, now - 301), receipt_headers(body, now + 301)):
            assert post(visitor, rows, headers=headers).status_code == 403
        assert Notice.objects.get(pk=notice.pk).receipt == ""
        assert post(visitor, rows, headers=receipt_headers(body, now - 299)).status_code == 200

    def test_one_may_come_by_itself(self, visitor, sink, notice):
        assert post(visitor, row_of(sink, notice)).status_code == 200
        assert Notice.objects.get(pk=notice.pk).receipt == "delivered"

    def test_more_than_a_provider_reports_at_once_is_refused(self, visitor, sink, notice):
        assert post(visitor, [row_of(sink, notice)] * 1001).status_code == 400


def test_what_is_reported_for_a_message_that_was_tried_again_is_not_its_own(visitor, sink, notice, cast):
    report(visitor, sink, notice, delivered=False)
    retrying.retry(notice.pk, actor=Actor.staff(cast.supervisor), at=clock.now() + timedelta(minutes=1))
    again = Notice.objects.get(pk=notice.pk)
    assert (again.receipt, again.send_ref, again.provider_id) == ("", "", "")
    report(visitor, sink, notice)
    assert Notice.objects.get(pk=notice.pk).state == State.QUEUED
