"""/metrics: what /readyz looks at, as numbers for Prometheus (text format 0.0.4). Gauges only, from the database."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.health import HEARTBEATS, heartbeat_ages
from config.watchers import has_token
from followups.engine import backlog

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WATCHED = [*HEARTBEATS, "guard"]


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The gauges, for whoever sends `Authorization: Bearer` with METRICS_TOKEN; for everybody else 404."""
    if not has_token(request):
        raise Http404
    return HttpResponse(text(backlog.read(), heartbeat_ages(WATCHED)), content_type=CONTENT_TYPE)


def text(late: backlog.Backlog, ages: dict[str, float]) -> str:
    """The page: name, meaning and value of each gauge. A heartbeat that never came has no line."""
    gauges = [
        ("desk_oldest_overdue_seconds", "How long the oldest due promise waits for a sweep", late.oldest_overdue_s),
        ("desk_outbox_queued", f"Messages ready to be sent, at most {backlog.MOST_COUNTED}", late.outbox_ready),
        ("desk_outbox_oldest_seconds", "How long the oldest ready message waits", late.outbox_oldest_s),
        (
            "desk_dead_letters",
            f"Messages that failed or whose outcome is unknown, at most {backlog.MOST_COUNTED}",
            late.dead_letters,
        ),
    ]
    lines = []
    for name, meaning, value in gauges:
        lines += [*_head(name, meaning), f"{name} {value}"]
    lines += _head("desk_last_sweep_age_seconds", "Seconds since a part of the engine last worked")
    lines += [f'desk_last_sweep_age_seconds{{by="{name}"}} {age}' for name, age in ages.items()]
    return "\n".join(lines) + "\n"


def _head(name: str, meaning: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
