"""The mail server of the harness: remembers which copy of which message was taken, and who heard the answer."""

import asyncio
import re
import time
from collections import defaultdict
from dataclasses import dataclass

from tests.followups.smtp_sink import SmtpSink

MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s*(<[^>]+>)")
# A sender that speaks again only after so long was frozen: its lease had ended meanwhile.
FROZEN_S = 30


@dataclass
class Taken:
    """A message that was taken. `heard_at`: when its sender went on, which it does once it has noted the answer."""

    message_id: str
    at: float
    heard_at: float | None = None

    @property
    def was_heard(self) -> bool:
        return self.heard_at is not None and self.heard_at - self.at < FROZEN_S


class Ear:
    """The reader of one session, which notes when the sender goes on after a message."""

    def __init__(self, reader: asyncio.StreamReader):
        self.reader = reader
        self.last: Taken | None = None

    async def readline(self) -> bytes:
        line = await self.reader.readline()
        if line and self.last is not None:
            self.last.heard_at, self.last = time.monotonic(), None
        return line


class Sink(SmtpSink):
    """The sink of the tests, with a log."""

    def __init__(self):
        super().__init__()
        self.log: list[Taken] = []

    def turn(self, mode: str):
        """Change the mode between two messages."""
        self._loop.call_soon_threadsafe(setattr, self, "mode", mode)

    def copies(self) -> dict[str, list[Taken]]:
        """Everything taken, by Message-ID, in order."""
        found = defaultdict(list)
        for taken in self.log:
            found[taken.message_id].append(taken)
        return found

    async def _talk(self, reader, writer):
        await super()._talk(Ear(reader), writer)

    async def _body(self, reader) -> bytes:
        body = await super()._body(reader)
        reader.last = Taken(MESSAGE_ID.search(body)[1].decode(), time.monotonic())
        self.log.append(reader.last)
        return body
