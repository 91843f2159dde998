"""The last moment: what changes after the words and before the body is not sent, is written down and passed on."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import Person
from complaints.conversation import messages
from complaints.models import Complaint
from followups.models import Notice
from followups.notices import kinds, mails
from followups.notices.facts import Rule
from tests.cases import at_stage
from tests.followups.due import history_is_whole
from tests.followups.posted import deliver, switch_off
from tests.followups.smtp_sink import SmtpSink

HOUR = timedelta(hours=1)


@pytest.fixture
def complaint(cast, at) -> Complaint:
    """The customer wrote; the handler's mail has not left yet."""
    complaint = at_stage(cast, "assigned", at)
    Notice.objects.all().delete()
    messages.customer_says(complaint.pk, body="Well?", at=at + HOUR)
    Notice.objects.exclude(event="reply_received").delete()
    return complaint


class TestTheLastMoment:
    """What changes after the message was written and before its body is sent."""

    @pytest.fixture
    def meanwhile(self, monkeypatch, complaint):
        """Let something happen between the words and the body of the next message."""
        compose, happened = mails.compose, []

        def let(happen):
            def compose_and_change(notice, **given):
                message = compose(notice, **given)
                if not happened:
                    happened.append(happen())
                return message

            monkeypatch.setattr(mails, "compose", compose_and_change)

        return let

    def test_somebody_switched_off_gets_nothing(self, cast, meanwhile):
        meanwhile(lambda: switch_off(cast.handler))
        assert deliver() == {"dropped": 1, "sent": 1}
        assert [message.to for message in mail.outbox] == [[cast.supervisor.email]]

    def test_a_new_address_is_taken(self, cast, meanwhile):
        meanwhile(lambda: Person.objects.filter(pk=cast.handler.pk).update(email="new@desk.example"))
        assert deliver() == {"skipped": 1, "sent": 1}
        assert [message.to for message in mail.outbox] == [["new@desk.example"]]
        assert Notice.objects.get().attempts == 1

    def test_one_that_cannot_be_judged_is_put_off_and_does_not_go_out(self, cast, meanwhile, monkeypatch, caplog):
        monkeypatch.setitem(kinds._kinds, "reply_received", kinds.NoticeKind(Rule(is_so=lambda *_facts: 1 / 0)))
        assert deliver() == {"put off": 1}
        assert mail.outbox == []
        assert "cannot be judged" in caplog.text


def test_the_history_says_what_was_not_sent_to_whom_and_why(cast, complaint):
    switch_off(cast.handler)
    deliver()
    event = complaint.events.get(kind="notice_dropped")
    assert event.data["why"] == "inactive"
    assert event.data["to"] == cast.handler.pk
    assert not event.public
    assert history_is_whole(complaint)


def test_a_closed_gate_leaves_the_connection_usable_for_the_next(cast, complaint, settings):
    """By SMTP: the recipient was named, the body is not sent, the next message is."""
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        switch_off(cast.handler)
        assert deliver() == {"dropped": 1, "sent": 1}
        assert [message["To"] for message in sink.messages] == [cast.supervisor.email]
        assert sink.sessions == 1
