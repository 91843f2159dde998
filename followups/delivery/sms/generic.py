"""The generic provider: JSON signed with HMAC, a contract of our own (docs/sms.md)."""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from followups.delivery.outcomes import Never, NotNow, OutcomeUnknown
from followups.delivery.sms.account import Account, Answer, Receipt, Request
from followups.delivery.sms.reading import digits, read_json
from followups.delivery.sms.signing import json_signature
from followups.notices.texts import Text

# What the number is to blame for; every other refusal is ours to put right.
NUMBERS_FAULT = {"number_invalid", "number_blocked"}
TOLERANCE_S = 300
THANKS = {"ok": True}


def request(account: Account, text: Text, now: datetime) -> Request:
    template = text.template
    said: dict[str, Any] = {
        "ref": text.ref,
        "to": text.number,
        "sign": text.sign,
        "text": text.words,
        "language": text.language,
        "parts": text.parts,
        "template": {"id": template.template_id, "params": text.filled} if template is not None else None,
    }
    body = json.dumps(said, ensure_ascii=False).encode()
    at = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": f'"{text.ref}"',
        "X-Desk-Key": account.key_id,
        "X-Desk-Timestamp": at,
        "X-Desk-Signature": json_signature(account.secret, at, body),
    }
    return Request(account.path, headers, body)


def judge(answer: Answer) -> str:
    """The provider's name for the message it took. Raises NotNow, Never or OutcomeUnknown."""
    said = read_json(answer.body)
    if 200 <= answer.status < 300:
        if isinstance(said, dict) and isinstance(said.get("id"), str) and said["id"]:
            return str(said["id"])
        raise OutcomeUnknown(f"{answer.status} without an id")
    error = said.get("error") if isinstance(said, dict) else None
    code = str(error.get("code") or "") if isinstance(error, dict) else ""
    words = f"{answer.status} {code}".strip()
    if answer.status in (429, 503):
        wait = timedelta(seconds=answer.retry_after_s) if answer.retry_after_s is not None else None
        raise NotNow(words, server=answer.status == 503, wait=wait)
    if 300 <= answer.status < 500 and answer.status != 408:
        raise Never(words, blames_address=code in NUMBERS_FAULT)
    # Somebody between us and the provider may have said this after it was taken.
    raise OutcomeUnknown(words)


def receipts(account: Account, body: bytes, headers: Mapping[str, str], now: datetime) -> list[Receipt]:
    """What is reported. Raises PermissionError for a wrong signature, ValueError for what cannot be read."""
    at = headers.get("X-Desk-Timestamp", "")
    right = json_signature(account.secret, at, body)
    if not hmac.compare_digest(right.encode(), headers.get("X-Desk-Signature", "").encode()):
        raise PermissionError("wrong signature")
    if not (at.isascii() and at.isdigit()) or abs(int(at[:12]) - now.timestamp()) > TOLERANCE_S:
        raise PermissionError("too old")
    said = read_json(body)
    rows = said if isinstance(said, list) else [said]
    return [_receipt(row) for row in rows]


def _receipt(row: Any) -> Receipt:
    if not isinstance(row, dict) or row.get("status") not in ("delivered", "failed"):
        raise ValueError("not a receipt")
    return Receipt(
        number=digits(row.get("to")),
        delivered=row["status"] == "delivered",
        why=str(row.get("error") or ""),
        ref=str(row.get("ref") or ""),
        provider_id=str(row.get("id") or ""),
    )
