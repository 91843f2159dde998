"""How each channel is written, addressed and handed over; what the outbox does with it stands in delivery.py."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.db import InterfaceError, OperationalError

from accounts.models import Person
from complaints.models import Customer
from followups.delivery.outcomes import Never, NotNow
from followups.delivery.outgoing import Mailer
from followups.delivery.sms.texter import Texter
from followups.models import Notice
from followups.notices import mails, texts, truth
from followups.notices.kinds import rule_of
from followups.outbox import sms_ready

log = logging.getLogger(__name__)
Channel = Notice.Channel


class Message(Protocol):
    """What is handed over; which columns its notice keeps of it when it leaves, and once it was taken."""

    kept: dict[str, Any]

    @property
    def after(self) -> dict[str, str]: ...


class Sender(Protocol):
    """Hands messages over. send() raises NotNow, Never, OutcomeUnknown, and whatever the gate raises."""

    def send(self, message: Any, gate: Callable[[], bool], /) -> bool: ...

    def close(self) -> None: ...


# In the order in which they are delivered: mail does not wait for a slow provider of text messages.
SENDERS: dict[str, type[Mailer] | type[Texter]] = {Channel.EMAIL: Mailer, Channel.SMS: Texter}


def address_today(notice: Notice, reader: Person | Customer | None) -> str:
    """Where a notice to `reader` goes today; "" where nothing is known, or nothing sent there arrives."""
    if isinstance(reader, Customer):
        if notice.channel == Channel.SMS:
            return reader.sms_number if reader.sms_works else ""
        return reader.email if reader.email_works else ""
    return reader.email if reader is not None else ""


def compose(notice: Notice, now: datetime) -> tuple[Message, bool]:
    """The message, and whether it holds words of the case. One that cannot be put into words is put off.

    Raises NotNow, and Never for a text message that the provider would not take.
    """
    try:
        if notice.channel == Channel.SMS:
            return _text(notice, now), True
        words = not rule_of(notice.event).bare or truth.in_words(notice, truth.fresh_facts(notice, now))
        return mails.compose(notice, now=now, words=words), words
    except (OperationalError, InterfaceError, Never):
        raise
    except Exception as error:
        log.exception("Notice %s cannot be put into words", notice.pk)
        raise NotNow(f"{type(error).__name__}: {error}") from error


def _text(notice: Notice, now: datetime) -> texts.Text:
    if not sms_ready.can_say(notice.event, notice.language):
        raise Never("its text is not registered with the provider", blames_address=False)
    try:
        return texts.compose(notice, now=now)
    except texts.NothingToFillIn as error:
        raise Never(f"nothing to fill in for: {error}", blames_address=False) from error
