"""Handing one e-mail over, with a gate just before the point of no return.

SMTP knows one such point: the message's body. Until the server has taken the recipient nothing has happened
and everything may be tried again; after the body an answer that does not come leaves the outcome unknown. Django's
backend hides this, so its connection is used here step by step. Its other backends (file, console) have no
such point.
"""

import smtplib
from collections.abc import Callable

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from followups.delivery.outcomes import Never, NotNow, OutcomeUnknown


class Mailer:
    """One connection to the mail server, opened with the first message and kept for the next ones."""

    def __init__(self) -> None:
        self._backend = get_connection()

    def send(self, message: EmailMessage, gate: Callable[[], bool]) -> bool:
        """Hand `message` over unless `gate()`, asked at the last moment, says no. Returns whether it was.

        Raises NotNow, Never, OutcomeUnknown, and whatever the gate raises.
        """
        if isinstance(self._backend, EmailBackend):
            return self._by_smtp(message, gate)
        if not gate():
            return False
        try:
            self._backend.send_messages([message])
        except OSError as error:
            raise NotNow(_words(error), server=True) from error
        return True

    def close(self) -> None:
        """Say goodbye to the server; one that does not answer any more is left."""
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _by_smtp(self, message: EmailMessage, gate: Callable[[], bool]) -> bool:
        charset = message.encoding or settings.DEFAULT_CHARSET
        try:
            sender = sanitize_address(message.from_email, charset)
            recipient = sanitize_address(message.to[0], charset)
            content = message.message().as_bytes(linesep="\r\n")
        except (ValueError, UnicodeError) as error:
            raise Never(_words(error)) from error
        server = self._ready_for(sender, recipient)
        if not gate():
            self._start_over()
            return False
        answer: bytes | str
        try:
            code, answer = server.data(content)
        except smtplib.SMTPDataError as error:
            # The server did not want the body; it was not sent.
            code, answer = error.smtp_code, error.smtp_error
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise OutcomeUnknown(_words(error)) from error
        if code != 250:
            self._start_over()
            raise _refusal(code, answer)
        return True

    def _ready_for(self, sender: str, recipient: str) -> smtplib.SMTP:
        """The connection after the server took sender and recipient."""
        try:
            self._backend.open()
            server: smtplib.SMTP = self._backend.connection
            server.ehlo_or_helo_if_needed()
            options = ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
            sender_code, sender_answer = server.mail(sender, options)
            code, answer = server.rcpt(recipient) if sender_code == 250 else (0, b"")
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise NotNow(_words(error), server=True) from error
        if sender_code != 250:
            # Our own address: a setting to put right, no fault of this recipient's.
            self._drop()
            raise NotNow(f"{sender_code} {_text(sender_answer)}", server=True)
        if code not in (250, 251):
            self._start_over()
            raise _refusal(code, answer)
        return server

    def _start_over(self) -> None:
        try:
            self._backend.connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        """Forget a connection that is in an unknown state, without a word to the server."""
        if getattr(self._backend, "connection", None) is not None:
            self._backend.connection.close()
            self._backend.connection = None


def _refusal(code: int, answer: bytes | str) -> Exception:
    kind = Never if 500 <= code < 600 else NotNow
    return kind(f"{code} {_text(answer)}")


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
