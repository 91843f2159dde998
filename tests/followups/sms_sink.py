"""A provider of text messages for tests: verifies what real ones verify by code of its own, and fails as they do."""

import hashlib
import hmac
import json
import re
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, SECRET, SIGN, SIGN_EN = "desk-key", "s3cret/+", "泾禾能源", "Jinghe Energy"
SIGNS = {"zh-hans": SIGN, "en": SIGN_EN}


class SmsSink:
    """Listens on 127.0.0.1:`port`. `provider` says whose signature it asks for; `mode` may be changed while it runs:

    ok; hang_up (closes every connection unheard), drop (takes the message, closes without an answer), half (takes it,
    breaks off within the answer), silent (takes it, answers never), drip (takes it, answers a byte a second),
    garbage (takes it, answers no JSON), or an error of the provider as (status, code, message).
    """

    def __init__(self, provider: str = "json"):
        self.provider, self.mode = provider, "ok"
        self.taken: list[dict] = []
        self.asked = 0
        self.wrong: list[str] = []
        self.retry_after = ""

    def __enter__(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                sink.serve(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    @property
    def account(self) -> dict:
        """What the setting says of it."""
        return {
            "provider": self.provider,
            "host": "127.0.0.1",
            "port": self.port,
            "path": "/send",
            "encrypted": False,
            "key_id": KEY_ID,
            "secret": SECRET,
            "signs": SIGNS,
            "app": "1400000000",
            "region": "ap-guangzhou",
        }

    def serve(self, request: BaseHTTPRequestHandler):
        self.asked += 1
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        request.close_connection = True
        fault = VERIFY[self.provider](request, body)
        if fault:
            self.wrong.append(fault)
            return self.answer(request, 403, *self.refusal("SignatureWrong", fault))
        if isinstance(self.mode, tuple):
            status, code, message = self.mode
            return self.answer(request, status, *self.refusal(code, message))
        if self.mode == "hang_up":
            return None
        self.taken.append(MESSAGE[self.provider](request, body))
        number = len(self.taken)
        said = json.dumps(self.yes(number)).encode()
        if self.mode == "ok":
            return self.answer(request, 200, said)
        return self.fail(request, said)

    def fail(self, request: BaseHTTPRequestHandler, said: bytes):
        if self.mode == "silent":
            self.stopping.wait(60)
        elif self.mode == "garbage":
            self.answer(request, 200, b"<html>it works</html>")
        elif self.mode in ("half", "drip"):
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + said[:3])
            while self.mode == "drip" and not self.stopping.wait(0.05):
                try:
                    request.wfile.write(b" ")
                except OSError:
                    return

    def answer(self, request: BaseHTTPRequestHandler, status: int, said: bytes):
        request.send_response(status)
        if 300 <= status < 400:
            request.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
        if self.retry_after:
            request.send_header("Retry-After", self.retry_after)
        request.send_header("Content-Length", str(len(said)))
        request.end_headers()
        request.wfile.write(said)

    def yes(self, number: int) -> dict:
        if self.provider == "aliyun":
            return {"Code": "OK", "Message": "OK", "BizId": f"biz-{number}", "RequestId": "r"}
        if self.provider == "tencent":
            return {"Response": {"SendStatusSet": [{"SerialNo": f"serial-{number}", "Code": "Ok"}], "RequestId": "r"}}
        return {"id": f"id-{number}"}

    def refusal(self, code: str, message: str) -> tuple[bytes]:
        if not code:
            return (b"",)
        said: dict = {"error": {"code": code, "message": message}}
        if self.provider == "aliyun":
            said = {"Code": code, "Message": message, "RequestId": "r"}
        if self.provider == "tencent":
            said = {"Response": {"SendStatusSet": [{"SerialNo": "", "Code": code, "Message": message}]}}
        return (json.dumps(said).encode(),)


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _verify_json(request, body: bytes) -> str:
    at = request.headers["X-Desk-Timestamp"]
    right = "sha256=" + _mac(SECRET.encode(), f"{at}.".encode() + body).hex()
    if request.headers["X-Desk-Key"] != KEY_ID or request.headers["X-Desk-Signature"] != right:
        return "signature"
    if request.path != "/send" or request.headers["Content-Type"] != "application/json; charset=utf-8":
        return "path or type"
    return ""


def _verify_aliyun(request, body: bytes) -> str:
    """help.aliyun.com, "V3 request structure and signature": the query is sorted, every x-acs-* header signed."""
    found = re.fullmatch(
        r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})",
        request.headers["Authorization"] or "",
    )
    if not found or found[1] != KEY_ID:
        return "authorization"
    names = found[2].split(";")
    present = {name.lower() for name in request.headers if name.lower().startswith("x-acs-")}
    if not present | {"host"} <= set(names) or names != sorted(names):
        return "signed headers"
    if request.headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest():
        return "body hash"
    pairs = sorted(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    lines = [f"{name}:{request.headers[name].strip()}\n" for name in names]
    text = f"POST\n/\n{query}\n{''.join(lines)}\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"
    string = f"ACS3-HMAC-SHA256\n{hashlib.sha256(text.encode()).hexdigest()}"
    return "" if _mac(SECRET.encode(), string.encode()).hex() == found[3] else "signature"


def _verify_tencent(request, body: bytes) -> str:
    at = int(request.headers["X-TC-Timestamp"])
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    if abs(at - time.time()) > 300:
        return "AuthFailure.SignatureExpire"
    lines = f"content-type:{request.headers['Content-Type']}\nhost:{request.headers['Host']}\n"
    digest = hashlib.sha256(body).hexdigest()
    text = f"POST\n/\n\n{lines}\ncontent-type;host\n{digest}"
    string = f"TC3-HMAC-SHA256\n{at}\n{day}/sms/tc3_request\n{hashlib.sha256(text.encode()).hexdigest()}"
    key = _mac(_mac(_mac(f"TC3{SECRET}".encode(), day.encode()), b"sms"), b"tc3_request")
    right = (
        f"TC3-HMAC-SHA256 Credential={KEY_ID}/{day}/sms/tc3_request, SignedHeaders=content-type;host, "
        f"Signature={_mac(key, string.encode()).hex()}"
    )
    if request.headers["Authorization"] != right:
        return "signature"
    headers = {name: request.headers[name] for name in ("X-TC-Action", "X-TC-Version", "X-TC-Region")}
    wanted = {"X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11", "X-TC-Region": "ap-guangzhou"}
    return "" if headers == wanted else "headers"


VERIFY = {"json": _verify_json, "aliyun": _verify_aliyun, "tencent": _verify_tencent}
MESSAGE = {
    "json": lambda request, body: json.loads(body),
    "aliyun": lambda request, body: dict(parse_qsl(urlsplit(request.path).query)),
    "tencent": lambda request, body: json.loads(body),
}


def receipt_headers(body: bytes, at: int) -> dict[str, str]:
    """How the generic provider signs what it reports."""
    return {
        "X-Desk-Timestamp": str(at),
        "X-Desk-Signature": "sha256=" + _mac(SECRET.encode(), f"{at}.".encode() + body).hex(),
    }
