"""Strict readers for what text messages need; without SMS_URL there are none."""

import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.env import split_address

EXAMPLE = "json+https://key:secret@sms.example.com/send?sign=Jinghe%20Energy"
# provider: (the host where it is asked unless another is named, what its address must say besides the signature)
PROVIDERS: dict[str, tuple[str, frozenset[str]]] = {
    "json": ("", frozenset()),
    "aliyun": ("dysmsapi.aliyuncs.com", frozenset()),
    "tencent": ("sms.tencentcloudapi.com", frozenset({"app", "region"})),
}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LONGEST_SIGN = 32


def read_sms(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the account of SMS_URL for followups.delivery.sms, empty when there is none.

    json+https://key:secret@host/path, aliyun://id:secret@host and tencent://id:key@host?app=…&region=…, each with
    ?sign= (the registered signature) and, where English messages have another one, &sign_en=. Encrypted always, but
    for a host of this machine with &tls=none. Raises ImproperlyConfigured.
    """
    raw = env.get("SMS_URL", "").strip()
    if not raw:
        return {}
    parts = split_address("SMS_URL", raw, EXAMPLE)
    scheme, _plus, transport = parts.scheme.partition("+")
    if scheme not in PROVIDERS or transport != ("https" if scheme == "json" else ""):
        raise ImproperlyConfigured(f"SMS_URL must begin with json+https://, aliyun:// or tencent://: {EXAMPLE}")
    home, needed = PROVIDERS[scheme]
    query = _query(parts.query, needed)
    host = parts.hostname or home
    encrypted = query.get("tls", "") != "none"
    if query.get("tls", "none") != "none" or not (encrypted or host in LOOPBACK):
        raise ImproperlyConfigured("SMS_URL may only say tls=none, and only for a host of this machine (127.0.0.1).")
    if not (host and parts.username and parts.password):
        raise ImproperlyConfigured(f"SMS_URL must name a key and its secret, and a host: {EXAMPLE}")
    return {
        "provider": scheme,
        "host": host,
        "port": parts.port or (443 if encrypted else 80),
        "path": parts.path or "/",
        "encrypted": encrypted,
        "key_id": urllib.parse.unquote(parts.username),
        "secret": urllib.parse.unquote(parts.password),
        "signs": {"zh-hans": query["sign"], "en": query.get("sign_en") or query["sign"]},
        "app": query.get("app", ""),
        "region": query.get("region", ""),
    }


def _query(raw: str, needed: frozenset[str]) -> dict[str, str]:
    """What stands after the question mark. Raises ImproperlyConfigured for a name that means nothing, or a lack."""
    given = urllib.parse.parse_qs(raw, keep_blank_values=True)
    query = {name: values[0].strip() for name, values in given.items()}
    unknown = query.keys() - needed - {"sign", "sign_en", "tls"}
    if unknown:
        raise ImproperlyConfigured(f"SMS_URL says {', '.join(sorted(unknown))}=, which means nothing here.")
    missing = sorted(name for name in {"sign", *needed} if not query.get(name))
    if missing:
        raise ImproperlyConfigured(f"SMS_URL must say {', '.join(missing)}=, for example {EXAMPLE}")
    for sign in (query["sign"], query.get("sign_en") or query["sign"]):
        if not 2 <= len(sign) <= LONGEST_SIGN or set("【】") & set(sign):
            raise ImproperlyConfigured(
                f"The signature in SMS_URL must have 2 to {LONGEST_SIGN} characters; its brackets 【】 are added."
            )
    return query


def read_receipts_key(env: Mapping[str, str]) -> str:
    """Return SMS_RECEIPTS_KEY, the secret part of the address for delivery receipts; "" for no receipts."""
    key = env.get("SMS_RECEIPTS_KEY", "").strip()
    if key and not re.fullmatch(r"[A-Za-z0-9_-]{20,100}", key):
        raise ImproperlyConfigured(
            "SMS_RECEIPTS_KEY must have 20 to 100 letters and digits: it is part of an address. Leave it out for no "
            "delivery receipts."
        )
    return key


def read_quiet_hours(env: Mapping[str, str]) -> tuple[int, int, bool] | None:
    """Return SMS_QUIET_HOURS as (from, until) in minutes of the day, and whether nothing at all goes out in them.

    "21:00-08:00" is the default, "21:00-08:00,all" holds back what is urgent too, "none" means None. Raises
    ImproperlyConfigured.
    """
    raw = env.get("SMS_QUIET_HOURS", "").strip() or "21:00-08:00"
    if raw == "none":
        return None
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)(,all)?", raw)
    begins, ends = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    if found is None or begins == ends:
        raise ImproperlyConfigured(f'SMS_QUIET_HOURS must look like 21:00-08:00, or "none", not "{raw}".')
    return begins, ends, found[5] is not None
