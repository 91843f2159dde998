"""/healthz: this process answers. /readyz: the whole engine works, from the database to the sweep."""

import functools
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.watchers import may_read_numbers
from followups.engine import backlog
from followups.models import Heartbeat

logger = logging.getLogger(__name__)

# Workers of both kinds, beat and guard say every second or two that they live; a long silence means one is gone.
LATE_AFTER_S = 45
HEARTBEATS = ["sweep", "deliver", "beat", "guard"]
# A promise that has been due for longer than this and was not taken by any sweep: the engine does not work.
OVERDUE_AFTER_S = 30

_seen = {"all applied": False}


class ForAnyHost:
    """Lets /healthz and /readyz be asked by any name: load balancers and containers ask by IP address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in ("/healthz", "/readyz"):
            request.META["HTTP_HOST"] = urlsplit(settings.BASE_URL).netloc
        return self.get_response(request)


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" while the process runs; it asks nobody."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, Redis, migrations, both kinds of worker, beat and the guard are well, else 503.

    Strangers read nothing else. This machine, and whoever has the token of /metrics, reads one word for each check
    ("ok", "down", "late", "unapplied"), the age of each heartbeat in seconds, and how far behind the engine is; the
    reasons stand in the log.
    """
    words = {"database": "down", "redis": redis_state(), "migrations": "unknown", "promises": "unknown"}
    words |= dict.fromkeys(HEARTBEATS, "unknown")
    numbers: dict[str, float | None] = {}
    try:
        words |= {"database": "ok", "migrations": migrations_state()}
        ages, late = heartbeat_ages(HEARTBEATS), backlog.read()
    except (DatabaseError, InterfaceError):
        words["database"] = "down"
        logger.warning("The database does not answer", exc_info=True)
    else:
        words |= {name: _late(ages.get(name), LATE_AFTER_S) for name in HEARTBEATS}
        words["promises"] = _late(late.oldest_overdue_s, OVERDUE_AFTER_S)
        numbers = {f"{name}_age_s": ages.get(name) for name in HEARTBEATS} | asdict(late)
    ready = all(state == "ok" for state in words.values())
    more = words | numbers if may_read_numbers(request) else {}
    return JsonResponse({"ready": ready, **more}, status=200 if ready else 503)


def redis_state() -> str:
    """Return "ok" or "down", within two seconds."""
    try:
        redis_client().ping()
    except redis.RedisError:
        logger.warning("Redis does not answer", exc_info=True)
        return "down"
    return "ok"


@functools.cache
def redis_client() -> redis.Redis:
    """Return the client that asks; one for each process."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


def migrations_state() -> str:
    """Return "ok" or "unapplied"; once "ok" it stays, because this process knows no newer migrations."""
    if not _seen["all applied"]:
        executor = MigrationExecutor(connection)
        _seen["all applied"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _seen["all applied"] else "unapplied"


def heartbeat_ages(names: Iterable[str]) -> dict[str, float]:
    """Return the age of each heartbeat in seconds, by the database's clock; one that never came is left out."""
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    found = Heartbeat.objects.filter(name__in=names).annotate(age=age).order_by("name").values_list("name", "age")
    return {name: round(age.total_seconds(), 1) for name, age in found}


def _late(seconds: float | None, limit_s: float) -> str:
    return "ok" if seconds is not None and seconds <= limit_s else "late"
