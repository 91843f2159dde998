"""Handing one text message over by HTTPS, with a gate just before the point of no return.

That point is the request: once the first byte of it is out, an answer that does not come leaves the outcome unknown.
The host is the one of the setting; no redirect is followed, no proxy asked, a certificate is always verified. One
connection a message: on one that was kept a server that hung up meanwhile would look like an unknown outcome.
"""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from types import ModuleType

from followups import clock
from followups.delivery.outcomes import NotNow, OutcomeUnknown
from followups.delivery.sms import aliyun, generic, tencent
from followups.delivery.sms.account import Account, Answer, Request, account
from followups.notices.texts import Text

CONNECT_S, ANSWER_S = 5.0, 12.0
MOST_BYTES = 64 * 1024
LONGEST_WAIT_S = 3600
PROVIDERS: dict[str, ModuleType] = {"json": generic, "aliyun": aliyun, "tencent": tencent}


class Texter:
    """Sends text messages as the channel's rules say; the account is read when the first one goes out."""

    def send(self, text: Text, gate: Callable[[], bool]) -> bool:
        """Hand `text` over unless `gate()`, asked at the last moment, says no. Returns whether it was.

        Raises NotNow, Never, OutcomeUnknown, and whatever the gate raises. Notes in `text` what the provider calls it.
        """
        ours = account()
        provider = PROVIDERS[ours.provider]
        request: Request = provider.request(ours, text, clock.now())
        connection = _connected(ours)
        try:
            if not gate():
                return False
            answer = _ask(connection, request, ours)
        finally:
            connection.close()
        text.provider_id = provider.judge(answer)[:64]
        return True

    def close(self) -> None:
        """Nothing stays open."""


def _connected(ours: Account) -> http.client.HTTPConnection:
    """A connection that is there; nothing was said on it yet."""
    try:
        connection = (
            http.client.HTTPSConnection(ours.host, ours.port, timeout=CONNECT_S, context=ssl.create_default_context())
            if ours.encrypted
            else http.client.HTTPConnection(ours.host, ours.port, timeout=CONNECT_S)
        )
        connection.connect()
    except (OSError, http.client.HTTPException) as error:
        raise NotNow(_words(error), server=True) from error
    return connection


def _ask(connection: http.client.HTTPConnection, request: Request, ours: Account) -> Answer:
    """Send the request and read what comes, for ANSWER_S altogether, however slowly it comes."""
    sock: socket.socket = connection.sock
    sock.settimeout(ANSWER_S)
    patience = threading.Timer(ANSWER_S, _hang_up, [sock])
    patience.start()
    try:
        connection.request("POST", request.path, request.body, request.headers | {"Host": ours.authority})
        response = connection.getresponse()
        body = response.read(MOST_BYTES)
        after = response.getheader("Retry-After", "")
    except (OSError, http.client.HTTPException) as error:
        raise OutcomeUnknown(_words(error)) from error
    finally:
        patience.cancel()
    wait = min(int(after), LONGEST_WAIT_S) if after.isascii() and after.isdigit() and len(after) < 7 else None
    return Answer(response.status, body, wait)


def _hang_up(sock: socket.socket) -> None:
    # It may be closed already.
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    """What went wrong, without an address: it stands where people read it."""
    return f"{type(error).__name__}: {error}"
