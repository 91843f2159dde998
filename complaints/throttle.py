"""Counting of tries in Redis, exact under any concurrency (INCR on a key that expires)."""

import functools
import hashlib
import logging

import redis
from django.conf import settings
from django.http import HttpRequest

log = logging.getLogger(__name__)


@functools.lru_cache(maxsize=2)
def _server(url: str) -> redis.Redis:
    # A dead server costs a page a second at most, not its life.
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


def key_of(what: str, who: str) -> str:
    """The key of a count; who it was cannot be read from it."""
    return f"throttle:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"


def client_address(request: HttpRequest) -> str:
    """Return the address a request came from; a forwarding header counts only behind our own proxies.

    The last ALLAUTH_TRUSTED_PROXY_COUNT entries of X-Forwarded-For were written by them, the rest by
    anybody.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return forwarded[-proxies].strip()
    return request.META.get("REMOTE_ADDR", "")
