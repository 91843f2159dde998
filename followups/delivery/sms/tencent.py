"""Tencent Cloud SendSms (2021-01-11), signed with TC3-HMAC-SHA256. Registered texts only."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from followups.delivery.outcomes import Never, NotNow, OutcomeUnknown
from followups.delivery.sms import signing
from followups.delivery.sms.account import Account, Answer, Receipt, Request
from followups.delivery.sms.reading import digits, read_json
from followups.notices.texts import Text

NUMBERS_FAULT = {"InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist"}
WAITS = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": timedelta(seconds=30),
    "LimitExceeded.DeliveryFrequencyLimit": timedelta(minutes=1),
    "LimitExceeded.PhoneNumberOneHourLimit": timedelta(hours=1),
}
THANKS = {"result": 0, "errmsg": "OK"}


def request(account: Account, text: Text, now: datetime) -> Request:
    assert text.template is not None
    said = {
        "PhoneNumberSet": [text.number],
        "SmsSdkAppId": account.app,
        "TemplateId": text.template.template_id,
        "SignName": text.sign,
        "TemplateParamSet": [text.filled[name] for name in text.template.holes],
        "SessionContext": text.ref,
    }
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    second = int(now.timestamp())
    signed = {"content-type": "application/json; charset=utf-8", "host": account.authority}
    headers = {
        "Content-Type": signed["content-type"],
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Timestamp": str(second),
        "X-TC-Region": account.region,
        "Authorization": signing.tc3(
            account.key_id, account.secret, service="sms", headers=signed, body=body, second=second
        ),
    }
    return Request("/", headers, body)


def judge(answer: Answer) -> str:
    """The SerialNo of what was taken. Raises NotNow, Never or OutcomeUnknown."""
    said = read_json(answer.body)
    response = said.get("Response") if isinstance(said, dict) else None
    if not isinstance(response, dict):
        if answer.status in (429, 503):
            raise NotNow(str(answer.status), server=True)
        if 300 <= answer.status < 500:
            raise Never(str(answer.status), blames_address=False)
        raise OutcomeUnknown(f"{answer.status} without a response")
    error, serial = _judged(response)
    if error == "Ok":
        return serial
    if not error:
        raise OutcomeUnknown("no status in the response")
    if error in WAITS:
        raise NotNow(error, wait=WAITS[error])
    if error.startswith("InternalError") or error == "RequestLimitExceeded":
        raise NotNow(error, server=True)
    raise Never(error, blames_address=error in NUMBERS_FAULT)


def _judged(response: dict[str, Any]) -> tuple[str, str]:
    """The code of the only message, or of the whole request, and what the message is called."""
    error = response.get("Error")
    if isinstance(error, dict):
        return str(error.get("Code") or ""), ""
    statuses = response.get("SendStatusSet")
    one = statuses[0] if isinstance(statuses, list) and len(statuses) == 1 else None
    return (str(one.get("Code") or ""), str(one.get("SerialNo") or "")) if isinstance(one, dict) else ("", "")


def receipts(_account: Account, body: bytes, _headers: Mapping[str, str], _now: datetime) -> list[Receipt]:
    """What the callback says; unsigned. Raises ValueError for what cannot be read."""
    rows = read_json(body)
    if not isinstance(rows, list):
        raise ValueError("not a list")
    return [_receipt(row) for row in rows]


def _receipt(row: Any) -> Receipt:
    if not isinstance(row, dict) or row.get("report_status") not in ("SUCCESS", "FAIL"):
        raise ValueError("not a receipt")
    return Receipt(
        number=digits(row.get("nationcode")) + digits(row.get("mobile")),
        delivered=row["report_status"] == "SUCCESS",
        why=str(row.get("errmsg") or ""),
        provider_id=str(row.get("sid") or ""),
    )
