"""/healthz: this process answers. /readyz: the whole engine works, from the database to the sweep."""

import functools
import logging

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

from followups.models import Heartbeat

logger = logging.getLogger(__name__)

# Both kinds of worker and beat say every second or two that they live; a silence this long means one is gone.
LATE_AFTER_S = 45
HEARTBEATS = ["sweep", "deliver", "beat"]

_seen = {"all applied": False}


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" while the process runs; it asks nobody."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, Redis, migrations, both kinds of worker and beat are well, else 503.

    One word for each check ("ok", "down", "late", "unapplied") and the age of each heartbeat in seconds; the
    reasons stand in the log, strangers may read this.
    """
    answer = {"database": "down", "redis": redis_state(), "migrations": "unknown"}
    answer |= dict.fromkeys(HEARTBEATS, "unknown")
    try:
        answer |= {"database": "ok", "migrations": migrations_state(), **heartbeat_states()}
    except (DatabaseError, InterfaceError):
        logger.warning("The database does not answer", exc_info=True)
    states = [value for name, value in answer.items() if not name.endswith("_age_s")]
    ready = all(state == "ok" for state in states)
    return JsonResponse({"ready": ready, **answer}, status=200 if ready else 503)


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


def heartbeat_states() -> dict[str, object]:
    """Return "ok" or "late" for each heartbeat and its age in seconds, database clock (None: never)."""
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    ages = dict(Heartbeat.objects.filter(name__in=HEARTBEATS).annotate(age=age).values_list("name", "age"))
    states: dict[str, object] = {}
    for name in HEARTBEATS:
        seconds = round(ages[name].total_seconds(), 1) if name in ages else None
        states[name] = "ok" if seconds is not None and seconds <= LATE_AFTER_S else "late"
        states[f"{name}_age_s"] = seconds
    return states
