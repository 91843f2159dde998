"""Who may read the numbers of the engine: this machine itself, and whoever has the token."""

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest

from accounts.throttle import client_address

# Written by proxies: what has one did not come from a program on this machine, wherever the proxy stands.
PASSED_ON = ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP")


def has_token(request: HttpRequest) -> bool:
    """Whether the request brings `Authorization: Bearer` with METRICS_TOKEN; without a token nobody does."""
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.headers.get("Authorization", "").encode()
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(given, wanted)


def may_read_numbers(request: HttpRequest) -> bool:
    """Whether the answer may say more than whether the desk is ready."""
    return has_token(request) or _is_from_here(request)


def _is_from_here(request: HttpRequest) -> bool:
    if any(name in request.headers for name in PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
