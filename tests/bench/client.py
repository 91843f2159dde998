"""One client that keeps its connection and its cookies, as a browser does."""

import http.client
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    """What came back, and after how many milliseconds the last byte was there."""

    status: int
    body: bytes
    ms: float
    location: str = ""


@dataclass
class Browser:
    """A client of the server on `port` of this machine."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self._server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def move(self, number: int):
        """Go on from another address of this machine, for what is counted by address; connected before it is timed."""
        self.close()
        source = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
        self._server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=source)
        self._server.connect()

    def ask(self, path: str, data: dict | None = None) -> Answer:
        """GET `path`, or POST `data` to it as a form; redirects are not followed."""
        # Compressed, as browsers ask for it: that takes time too.
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if data is not None:
            headers |= {"Content-Type": FORM}
            body = urlencode(data)
        began = time.perf_counter()
        self._server.request("GET" if data is None else "POST", path, body, headers)
        answer = self._server.getresponse()
        text = answer.read()
        taken = (time.perf_counter() - began) * 1000
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _sign, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value
        return Answer(answer.status, text, taken, answer.headers.get("Location") or "")

    def close(self):
        self._server.close()
