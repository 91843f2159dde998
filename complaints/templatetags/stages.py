"""How a case's stage and severity look: pips with words, the stepper, the severity mark."""

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import get_language, pgettext_lazy

from complaints.choices import STAGE_LABELS, STATUS_ORDER, Kind, Severity, Status
from ui.caches import remembered
from ui.templatetags.desk import icon

register = template.Library()

SPRITE = "icons/sprite.svg"
SEVERITY_ICONS = {
    Severity.DANGER: "exclamation-triangle-fill",
    Severity.URGENT: "chevron-double-up",
    Severity.NORMAL: "dash-lg",
    Severity.COMPLEX: "diagram-3",
}
# What is done to reach a status.
STEP_NAMES = {
    Status.RECEIVED: pgettext_lazy("step", "Receive"),
    Status.VERIFIED: pgettext_lazy("step", "Verify"),
    Status.ASSIGNED: pgettext_lazy("step", "Assign"),
    Status.RESOLVED: pgettext_lazy("step", "Resolve"),
    Status.FEEDBACK: pgettext_lazy("step", "Feedback"),
    Status.ARCHIVED: pgettext_lazy("step", "Archive"),
}


@register.simple_tag
def severity(key: str):
    """The severity with icon and word; nothing for a case that has none yet."""
    return _severity(key, get_language(), static(SPRITE)) if key else ""


@register.simple_tag
def kind_tag(kind: str):
    """The kind of a case that is no complaint, as a tag; nothing for a complaint."""
    return "" if kind == Kind.COMPLAINT else format_html('<span class="tag tag--accent">{}</span> ', Kind(kind).label)


@register.simple_tag
def stage(status: str):
    """Six pips and the work now going on, for a status of the lifecycle."""
    return _stage(status, get_language(), static(SPRITE))


# A list shows each of a few dozens of times. The language is the active one; it tells apart what is remembered.
@remembered(64)
def _severity(key: str, language: str | None, sprite: str):
    return format_html(
        '<span class="sev sev--{}">{}{}</span>', key, icon(SEVERITY_ICONS[Severity(key)]), Severity(key).label
    )


@remembered(64)
def _stage(status: str, language: str | None, sprite: str):
    return format_html(
        '<span class="stage"><svg class="stage-pips" aria-hidden="true" focusable="false">'
        '<use href="{}#stage-{}"/></svg>{}</span>',
        sprite,
        STATUS_ORDER.index(Status(status)) + 1,
        STAGE_LABELS[Status(status)],
    )


@register.inclusion_tag("components/_steps.html", takes_context=True)
def stage_steps(context, status: str, moments: dict[str, datetime] | None = None, note: str = ""):
    """The stepper of a complaint page.

    `moments` says when each status was reached; `note` stands under the step that comes next
    ("3 things missing").
    """
    reached = STATUS_ORDER.index(Status(status))
    steps = [
        {
            "name": STEP_NAMES[step],
            "done": number <= reached,
            "current": number == reached + 1,
            "at": (moments or {}).get(step) if number <= reached else None,
        }
        for number, step in enumerate(STATUS_ORDER)
    ]
    return {
        "steps": steps,
        "note": note,
        "words": STAGE_LABELS[Status(status)],
        "number": min(reached + 2, len(steps)),
        "total": len(steps),
        "now": context.get("now"),
    }
