"""Signatures of requests to providers. Pure: the moment and the nonce go in."""

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def query_of(values: dict[str, str]) -> str:
    """Names and values percent-encoded and sorted, as they are signed and sent."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in values.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def canonical(method: str, query: str, headers: dict[str, str], body_hash: str) -> tuple[str, str]:
    """The canonical request to the path / and the names of the signed headers: what ACS3 and TC3 both sign."""
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    names = ";".join(sorted(headers))
    return "\n".join([method, "/", query, lines, names, body_hash]), names


def acs3(key_id: str, secret: str, *, query: str, headers: dict[str, str]) -> str:
    """The Authorization header of Aliyun's V3 signature over a POST; `headers` by lower-case name, all signed."""
    text, names = canonical("POST", query, headers, headers["x-acs-content-sha256"])
    signature = _hmac(secret.encode(), f"ACS3-HMAC-SHA256\n{sha256(text.encode())}").hex()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def tc3(key_id: str, secret: str, *, service: str, headers: dict[str, str], body: bytes, second: int) -> str:
    """The Authorization header of Tencent's V3 signature over a POST at `second` (Unix); `headers` are signed."""
    text, names = canonical("POST", "", headers, sha256(body))
    scope = f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}/{service}/tc3_request"
    key = f"TC3{secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, f"TC3-HMAC-SHA256\n{second}\n{scope}\n{sha256(text.encode())}").hex()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def json_signature(secret: str, second: str, body: bytes) -> str:
    """The signature of the generic contract (docs/sms.md): over the moment in Unix seconds, a dot, and the body."""
    return "sha256=" + hmac.new(secret.encode(), second.encode() + b"." + body, hashlib.sha256).hexdigest()
