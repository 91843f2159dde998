"""A mail server for tests: takes mail, or fails in the ways that real ones do."""

import asyncio
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class SmtpSink:
    """Listens on 127.0.0.1:`port` in a thread of its own. `mode` may be changed while it runs:

    ok; refuse (closes every connection), no_recipient (550 to RCPT), rejected (554 to the body), busy (451 to
    RCPT), drop (takes the body, then closes without an answer), silent (takes the body, answers never).
    """

    def __init__(self):
        self.mode = "ok"
        self.bodies: list[bytes] = []
        self.sessions = 0

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exception):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, in order, also what was never answered."""
        return [message_from_bytes(body, policy=policy.default) for body in self.bodies]

    async def _listen(self):
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _close(self):
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.sessions += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The sender is gone, or the sink is being closed.
            pass
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        async def say(line):
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        if self.mode == "refuse":
            return
        await say("220 sink")
        while line := await reader.readline():
            command = line[:4].upper()
            if command == b"QUIT":
                await say("221 bye")
                return
            if command == b"RCPT" and self.mode == "no_recipient":
                await say("550 no such person")
            elif command == b"RCPT" and self.mode == "busy":
                await say("451 try later")
            elif command == b"DATA":
                await say("354 go on")
                body = await self._body(reader)
                if self.mode == "rejected":
                    await say("554 we do not like this")
                    continue
                self.bodies.append(body)
                if self.mode == "silent":
                    await asyncio.sleep(3600)
                if self.mode == "drop":
                    return
                await say("250 taken")
            else:
                await say("250 ok")

    async def _body(self, reader) -> bytes:
        """The message up to its final dot; a sender that dies before it has sent nothing."""
        lines = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise ConnectionResetError
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)
