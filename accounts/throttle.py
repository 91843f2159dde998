"""Counting of tries in Redis, exact under any concurrency (INCR on a key that expires), and where they come from."""

import hashlib
import ipaddress
import logging
from typing import TypedDict

import redis
from django.conf import settings
from django.http import HttpRequest

from ui.caches import remembered

log = logging.getLogger(__name__)


class Limit(TypedDict):
    """How many tries in how many seconds, as allow() takes it."""

    limit: int
    seconds: int


@remembered(2)
def _server(url: str) -> redis.Redis:
    # A dead server costs a page one second (1 s) at most.
    return redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


def allow(what: str, who: str, *, limit: int, seconds: int, when_down: bool = True) -> bool:
    """Count one try of `who` at `what` and return whether it is within `limit` in `seconds`.

    The window begins with the first try. When Redis does not answer the result is `when_down`: pages
    that a secret of 256 bits protects stay open, a question of four digits does not.
    """
    key = key_of(what, who)
    try:
        with _server(settings.REDIS_URL).pipeline() as pipe:
            pipe.set(key, 0, ex=seconds, nx=True)
            pipe.incr(key)
            return pipe.execute()[1] <= limit
    except redis.RedisError:
        log.warning("Redis does not answer: tries at %s are not counted", what)
        return when_down


def give_back(what: str, who: str):
    """Take back one try that allow() counted and that turned out to be rightful."""
    key = key_of(what, who)
    try:
        server = _server(settings.REDIS_URL)
        # A count whose time ran out meanwhile would come back without an end.
        if server.decr(key) < 0:
            server.delete(key)
    except redis.RedisError:
        log.warning("Redis does not answer: a try at %s stays counted", what)


def key_of(what: str, who: str) -> str:
    """The key of a count; who it was cannot be read from it."""
    return f"throttle:{what}:{hashlib.sha256(who.encode(errors='replace')).hexdigest()[:32]}"


def client_address(request: HttpRequest) -> str:
    """Return the address a request came from; a forwarding header counts only behind our own proxies.

    The last settings.PROXY_HOPS entries of X-Forwarded-For were written by them, the rest by anybody. What is no
    address is not believed: then it is that of the connection.
    """
    connected = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.PROXY_HOPS and len(forwarded) >= settings.PROXY_HOPS:
        return _plain(forwarded[-settings.PROXY_HOPS]) or _plain(connected) or connected
    return _plain(connected) or connected


def client_network(request: HttpRequest) -> str:
    """The address by which tries are counted: of IPv6 the network (/64), which is one line of one subscriber."""
    address = client_address(request)
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _plain(text: str) -> str:
    """The address in one spelling, without brackets, port or zone; "" for what is none."""
    text = text.strip()
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
