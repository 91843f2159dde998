"""Aliyun SendSms (Dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256. Registered texts only."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from followups.delivery.outcomes import Never, NotNow, OutcomeUnknown
from followups.delivery.sms import signing
from followups.delivery.sms.account import Account, Answer, Receipt, Request
from followups.delivery.sms.reading import digits, read_json
from followups.notices.texts import Text

NUMBERS_FAULT = {"isv.MOBILE_NUMBER_ILLEGAL"}
# The limit for one number: its message names the window. That of a day is too long to wait for.
PER_NUMBER = "isv.BUSINESS_LIMIT_CONTROL"
WINDOWS = {"分钟级": timedelta(minutes=1), "小时级": timedelta(hours=1)}
LATER = {"Throttling", "Throttling.User", "Throttling.Api", "ServiceUnavailable", "InternalError"}
THANKS = {"code": 0, "msg": "OK"}


def request(account: Account, text: Text, now: datetime) -> Request:
    """Everything stands in the query, which is signed; the body is empty."""
    assert text.template is not None
    query = signing.query_of(
        {
            "PhoneNumbers": _number(text.number),
            "SignName": text.sign,
            "TemplateCode": text.template.template_id,
            "TemplateParam": json.dumps(text.filled, ensure_ascii=False, separators=(",", ":")),
            "OutId": text.ref,
        }
    )
    headers = {
        "host": account.authority,
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": signing.sha256(b""),
        "x-acs-date": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": "2017-05-25",
    }
    headers["Authorization"] = signing.acs3(account.key_id, account.secret, query=query, headers=dict(headers))
    del headers["host"]
    return Request(f"/?{query}", headers, b"")


def _number(number: str) -> str:
    """Numbers of mainland China without their country, others with it; never a plus."""
    return number.removeprefix("+86") if number.startswith("+86") else number.removeprefix("+")


def judge(answer: Answer) -> str:
    """The BizId of what was taken. Raises NotNow, Never or OutcomeUnknown."""
    said = read_json(answer.body)
    code = str(said.get("Code") or "") if isinstance(said, dict) else ""
    if code == "OK":
        return str(said.get("BizId") or "")
    if not code:
        if answer.status in (429, 503):
            raise NotNow(str(answer.status), server=True)
        if 300 <= answer.status < 500:
            raise Never(str(answer.status), blames_address=False)
        raise OutcomeUnknown(f"{answer.status} without a code")
    if code == PER_NUMBER:
        wait = next((wait for name, wait in WINDOWS.items() if name in str(said.get("Message"))), None)
        if wait is not None:
            raise NotNow(code, wait=wait)
        raise Never(code, blames_address=False)
    if code.startswith("isp.SYSTEM") or code in LATER:
        raise NotNow(code, server=True)
    raise Never(code, blames_address=code in NUMBERS_FAULT)


def receipts(_account: Account, body: bytes, _headers: Mapping[str, str], _now: datetime) -> list[Receipt]:
    """What SmsReport pushes; unsigned. Raises ValueError for what cannot be read."""
    rows = read_json(body)
    if not isinstance(rows, list):
        raise ValueError("not a list")
    return [_receipt(row) for row in rows]


def _receipt(row: Any) -> Receipt:
    if not isinstance(row, dict) or not isinstance(row.get("success"), bool):
        raise ValueError("not a receipt")
    return Receipt(
        number=digits(row.get("phone_number")),
        delivered=row["success"],
        why=str(row.get("err_code") or ""),
        ref=str(row.get("out_id") or ""),
        provider_id=str(row.get("biz_id") or ""),
    )
