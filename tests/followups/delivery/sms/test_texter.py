"""A text message to providers of each kind: what they ask for, and every way in which they fail."""

import json
import logging
import ssl
import subprocess
import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection

from complaints.case.actors import Actor
from complaints.models import Customer
from followups import clock
from followups.delivery import delivery, retrying
from followups.delivery.sms import generic, texter
from followups.delivery.sms.account import account
from followups.models import Notice, SmsTemplate, Telling
from followups.notices import texts
from followups.outbox import notices
from tests.cases import logged
from tests.followups.sms_sink import SIGN_EN, SmsSink

State = Notice.State
NUMBER = "+8613900004417"
REFUSED_NUMBER = {
    "json": (422, "number_invalid", ""),
    "aliyun": (400, "isv.MOBILE_NUMBER_ILLEGAL", "号码错误"),
    "tencent": (200, "InvalidParameterValue.IncorrectPhoneNumber", "wrong"),
}
REFUSED_OURS = {
    "json": (403, "sign_unknown", ""),
    "aliyun": (400, "isv.SMS_SIGNATURE_ILLEGAL", ""),
    "tencent": (200, "FailedOperation.InsufficientBalanceInSmsPackage", ""),
}
LATER = {
    "json": (503, "busy", ""),
    "aliyun": (500, "isp.SYSTEM_ERROR", ""),
    "tencent": (200, "InternalError.Timeout", ""),
}
IN_AN_HOUR = {
    "json": (429, "rate_limited", ""),
    "aliyun": (400, "isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5"),
    "tencent": (200, "LimitExceeded.PhoneNumberOneHourLimit", ""),
}


def deliver() -> dict:
    return dict(delivery.run(budget_seconds=30))


def look(notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


class TestTaken:
    def test_the_provider_gets_what_its_contract_says_and_the_notice_keeps_it(self, sink, notice):
        assert deliver() == {"sent": 1}
        assert deliver() == {}
        assert sink.wrong == []
        (message,), sent = sink.taken, look(notice)
        assert (sent.state, sent.channel, sent.address, sent.lease_token) == (State.SENT, "sms", NUMBER, None)
        assert sent.send_ref
        reference = notice.case.reference
        if sink.provider == "json":
            assert (message["to"], message["sign"], message["ref"]) == (NUMBER, SIGN_EN, sent.send_ref)
            assert message["text"].startswith(f"{SIGN_EN}: we have your complaint {reference}.")
            assert (message["template"], message["parts"], sent.provider_id) == (None, sent.parts, "id-1")
            assert sent.words == message["text"].replace(message["text"].split("/")[-2], "…")
        if sink.provider == "aliyun":
            assert (message["PhoneNumbers"], message["SignName"]) == ("13900004417", SIGN_EN)
            assert (message["TemplateCode"], message["OutId"]) == ("SMS_7", sent.send_ref)
            assert json.loads(message["TemplateParam"])["reference"] == reference
            assert sent.provider_id == "biz-1"
        if sink.provider == "tencent":
            assert message["PhoneNumberSet"] == [NUMBER]
            assert (message["SmsSdkAppId"], message["TemplateId"]) == ("1400000000", "SMS_7")
            assert message["TemplateParamSet"][:2] == [reference, notice.case.team.label]
            assert (message["SessionContext"], sent.provider_id) == (sent.send_ref, "serial-1")

    def test_it_is_told_by_text_message_and_nobody_calls(self, sink, notice):
        deliver()
        telling = Telling.objects.get(notice=notice)
        assert (telling.way, telling.evidence, telling.address) == ("sms", "accepted", NUMBER)
        assert telling.words.endswith("/c/…/")
        assert not Notice.objects.filter(state=State.TO_SAY).exists()

    def test_a_chinese_text_arrives_whole(self, cast, now, sink):
        if sink.provider != "json":
            SmsTemplate.objects.create(
                event="customer_acknowledged", language="zh-hans", template_id="SMS_8", text="投诉${reference}已收到"
            )
        logged(cast, now, email="", language="zh-hans")
        Notice.objects.filter(to_customer=False).delete()
        assert deliver() == {"sent": 1}
        assert "【泾禾能源】" in Notice.objects.get().words

    def test_abroad_the_number_has_its_country(self, cast, now, sink):
        logged(cast, now, email="", phone="+852 9123 4567")
        Notice.objects.filter(to_customer=False).delete()
        assert deliver() == {"sent": 1}
        (message,) = sink.taken
        assert "85291234567" in str(message)
        assert Notice.objects.get(channel="sms").parts == 1


class TestFailing:
    @pytest.mark.parametrize("case", ["hang_up", "later"])
    def test_what_was_not_handed_over_is_tried_again(self, sink, notice, case, settings):
        if case == "hang_up":
            settings.SMS = sink.account | {"port": 1}
        else:
            sink.mode = LATER[sink.provider]
        for attempt in (1, 2):
            assert deliver() == {"put off": 1}
            row = look(notice)
            assert (row.state, row.attempts) == (State.QUEUED, attempt)
            Notice.objects.filter(pk=notice.pk).update(not_before=clock.now())
        assert NUMBER not in row.last_error
        ref = row.send_ref
        settings.SMS, sink.mode = sink.account, "ok"
        assert deliver() == {"sent": 1}
        assert len(sink.taken) == 1
        if case == "later":
            assert look(notice).send_ref == ref, "the provider can tell that it is the same"

    def test_a_limit_for_the_number_is_waited_for(self, sink, notice):
        sink.mode, sink.retry_after = IN_AN_HOUR[sink.provider], "3600"
        assert deliver() == {"put off": 1}
        assert look(notice).not_before - clock.now() >= timedelta(minutes=59)

    def test_a_wrong_number_gets_no_text_again_and_somebody_calls(self, sink, notice):
        sink.mode = REFUSED_NUMBER[sink.provider]
        assert deliver() == {"dead": 1}
        assert Customer.objects.get().sms_failed_at == clock.now()
        owed = Notice.objects.get(state=State.TO_SAY)
        assert (owed.event, owed.channel) == ("customer_acknowledged", "call")
        assert notice.case.escalations.filter(reason="untold").count() == 1

    def test_what_is_our_fault_is_not_the_numbers(self, sink, notice, caplog):
        sink.mode = REFUSED_OURS[sink.provider]
        assert deliver() == {"dead": 1}
        assert Customer.objects.get().sms_failed_at is None
        assert Notice.objects.get(state=State.TO_SAY).channel == "call"
        assert sink.mode[1] in look(notice).last_error
        (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert NUMBER[3:] not in line.getMessage()

    def test_a_redirect_is_not_followed(self, sink, notice):
        sink.mode = (302, "", "")
        assert deliver() == {"dead": 1}
        assert (sink.asked, sink.taken) == (1, [])

    def test_a_wrong_secret_is_found_out(self, sink, notice, settings):
        settings.SMS = sink.account | {"secret": "another"}
        assert deliver() == {"dead": 1}
        assert len(sink.wrong) == 1

    def test_no_log_line_holds_a_number_or_a_text(self, sink, notice, caplog):
        for mode in ("drop", LATER[sink.provider], REFUSED_OURS[sink.provider], REFUSED_NUMBER[sink.provider]):
            sink.mode = mode
            deliver()
            Notice.objects.filter(pk=notice.pk).update(state=State.QUEUED, not_before=clock.now())
        for secret in (NUMBER[3:], "139 0000", "/c/", "s3cret"):
            assert secret not in caplog.text


class TestUnknownOutcome:
    @pytest.mark.parametrize(
        "mode", ["hang_up", "drop", "half", "garbage", "silent", "drip", (502, "", ""), (500, "", "")]
    )
    def test_it_is_parked_and_not_doubled(self, sink, notice, mode, monkeypatch, cast, now):
        monkeypatch.setattr(texter, "ANSWER_S", 0.5)
        sink.mode = mode
        assert deliver() == {"unconfirmed": 1}
        asked, parked = sink.asked, look(notice)
        assert (parked.state, parked.attempts, bool(parked.send_ref)) == (State.UNCONFIRMED, 1, True)
        sink.mode = "ok"
        assert deliver() == {}
        assert sink.asked == asked
        assert not Telling.objects.exists()
        # A person who found out sends it again: it is another message.
        retrying.retry(notice.pk, actor=Actor.staff(cast.supervisor), at=clock.now())
        assert deliver() == {"sent": 1}
        assert look(notice).send_ref != parked.send_ref

    def test_a_worker_that_died_while_it_sent_leaves_it_parked(self, sink, notice):
        (row,) = delivery._claim("sms")
        gone = clock.now() - timedelta(seconds=1)
        Notice.objects.filter(pk=row.pk).update(state=State.SENDING, lease_until=gone)
        assert deliver() == {}
        assert (look(notice).state, sink.asked) == (State.UNCONFIRMED, 0)

    def test_a_worker_that_died_before_leaves_it_to_another(self, sink, notice):
        (row,) = delivery._claim("sms")
        Notice.objects.filter(pk=row.pk).update(lease_until=clock.now() - timedelta(seconds=1))
        assert deliver() == {"sent": 1}

    def test_while_another_worker_texts_this_one_sends_mail(self, sink, notice, cast):
        delivery._claim("sms")
        notices.tell_person(cast.handler, "reply_received", complaint=notice.case, key="x", data={}, at=clock.now())
        Notice.objects.filter(key__startswith="x").update(not_before=clock.now())
        later = Notice.objects.create(
            key="later:customer", complaint=notice.case, to_customer=True, channel="sms", event=notice.event,
            language="en", created_at=clock.now(), not_before=clock.now(),
        )  # fmt: skip
        done = deliver()
        assert sink.asked == 0
        assert done.get("sent", 0) + done.get("dropped", 0) == 1
        assert look(later).state == State.QUEUED


class TestTheGate:
    def test_another_number_meanwhile_is_taken(self, sink, notice, monkeypatch):
        connected = texter._connected

        def moved(ours):
            if not sink.asked and Customer.objects.get().sms_number == NUMBER:
                Customer.objects.update(phone="138 1111 2222", phone_key="+8613811112222")
            return connected(ours)

        monkeypatch.setattr(texter, "_connected", moved)
        assert deliver() == {"skipped": 1, "sent": 1}
        assert look(notice).address == "+8613811112222"
        assert len(sink.taken) == 1

    def test_who_wants_no_contact_any_more_gets_none(self, sink, notice):
        notice.case.wishes_no_contact = True
        notice.case.save(update_fields=["wishes_no_contact"])
        assert deliver() == {"dropped": 1}
        assert sink.taken == []

    def test_what_is_tried_again_at_night_waits_for_the_morning(self, sink, notice, settings):
        local = clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
        minute = local.hour * 60 + local.minute
        settings.SMS_QUIET_HOURS = (minute, (minute + 60) % 1440, True)
        assert deliver() == {"waits": 1}
        row = look(notice)
        assert (row.state, row.attempts) == (State.QUEUED, 0)
        assert timedelta(0) < row.not_before - clock.now() <= timedelta(hours=1)

    def test_a_desk_that_sends_no_texts_any_more_calls(self, sink, notice, settings):
        settings.SMS = {}
        assert deliver() == {"dead": 1}
        assert Notice.objects.get(state=State.TO_SAY).channel == "call"
        assert Customer.objects.get().sms_failed_at is None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestForReal:
    def test_several_workers_send_every_text_once(self, sink, notice, cast, now):
        for _number in range(8):
            logged(cast, now, email="")
        Notice.objects.filter(to_customer=False).delete()
        sent = []

        def work():
            for _round in range(20):
                sent.append(delivery.run(budget_seconds=30)["sent"])
            connection.close()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(sink.taken) == sum(sent) == 9
        assert set(Notice.objects.values_list("state", flat=True)) == {State.SENT}

    def test_a_database_session_lost_between_answer_and_note_does_not_send_it_twice(self, sink, notice, monkeypatch):
        end, lost = delivery._end, []

        def lose_once(row, state, error, **said):
            if not lost:
                lost.append(True)
                raise OperationalError("server closed the connection unexpectedly")
            end(row, state, error, **said)

        monkeypatch.setattr(delivery, "_end", lose_once)
        assert deliver() == {"sent": 1}
        assert deliver() == {}
        assert len(sink.taken) == 1
        assert look(notice).provider_id

    def test_a_worker_killed_between_answer_and_note_leaves_it_parked(self, sink, notice, monkeypatch):
        def killed(*_args, **_said):
            raise SystemExit

        monkeypatch.setattr(delivery, "_end", killed)
        with pytest.raises(SystemExit):
            deliver()
        monkeypatch.undo()
        assert (look(notice).state, len(sink.taken)) == (State.SENDING, 1)
        Notice.objects.update(lease_until=clock.now() - timedelta(seconds=1))
        assert deliver() == {}
        assert (look(notice).state, len(sink.taken)) == (State.UNCONFIRMED, 1)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, cast, now, settings):
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout k.pem -out c.pem"
    subprocess.run(
        [*make.split(), "-addext", "subjectAltName=IP:127.0.0.1"], cwd=tmp_path, check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    with SmsSink() as sink:
        sink.server.socket = context.wrap_socket(sink.server.socket, server_side=True)
        settings.SMS, settings.SMS_QUIET_HOURS = sink.account | {"encrypted": True}, None
        logged(cast, now, email="")
        assert deliver()["put off"] == 1
        assert "CERTIFICATE_VERIFY_FAILED" in Notice.objects.get(channel="sms").last_error
        assert sink.asked == 0
        # The same server, once its certificate is trusted.
        context = ssl.create_default_context(cafile=str(tmp_path / "c.pem"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ssl, "create_default_context", lambda: context)
            Notice.objects.update(not_before=clock.now())
            assert deliver()["sent"] == 1


def test_the_documented_contract_is_the_one_that_is_kept(cast, now, settings):
    """docs/sms.md shows a request and an answer: the same fields leave this desk, and the same answer is a yes."""
    page = (settings.BASE_DIR / "docs" / "sms.md").read_text(encoding="utf-8")
    shown = page.partition("POST /send\n")[2].partition("```")[0]
    headers, _gap, body = shown.partition("\n\n")
    with SmsSink() as sink:
        settings.SMS, settings.SMS_QUIET_HOURS = sink.account, None
        logged(cast, now, email="")
        deliver()
        text = texts.compose(Notice.objects.get(channel="sms"), now=now)
        sent = generic.request(account(), text, now)
    assert set(json.loads(body)) == set(sink.taken[0])
    assert {line.partition(":")[0] for line in headers.splitlines()} == set(sent.headers)
