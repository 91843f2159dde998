"""Tags that every page uses: icons, the promise chip, moments, counts, avatars.

Each is documented, with its look, on /styleguide/.
"""

from datetime import datetime

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from ui import money, wording
from ui.caches import remembered
from ui.way_back import way_back

register = template.Library()

PROMISE_ICONS = {
    "open": "clock",
    "soon": "hourglass-split",
    "broken": "x-octagon-fill",
    "kept": "check-circle-fill",
    "paused": "pause-circle",
    "moved": "arrow-right-circle",
    "withdrawn": "dash-circle",
}
MESSAGE_LOOKS = {
    "success": ("good", "check-circle-fill"),
    "warning": ("warn", "exclamation-triangle-fill"),
    "error": ("bad", "x-octagon-fill"),
}
MOST_COUNTED = 1000


@register.filter
def language_tag(code: str) -> str:
    """The language as HTML writes it: "zh-hans" becomes "zh-Hans"."""
    language, _dash, script = code.partition("-")
    return f"{language}-{script.title()}" if script else language


@register.simple_tag(takes_context=True)
def next_page(context) -> str:
    """The page of this desk that the request names in `next`; "" where it names none."""
    return way_back(context["request"], "")


@register.filter
def yuan(amount) -> str:
    """An amount in a sentence: "¥1,200", "1,200元"."""
    return money.money_in_words(amount)


@register.simple_tag
def icon(name: str, classes: str = ""):
    """An icon of the sprite. It is decoration: the words beside it say the same."""
    return _icon(name, classes, staticfiles_storage.url("icons/sprite.svg"))


@remembered(512)
def _icon(name: str, classes: str, sprite: str):
    """The same few icons stand on every page dozens of times."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        sprite,
        name,
    )


@register.simple_tag
def message_look(level_tag: str) -> dict[str, str]:
    """Banner kind and icon for the level of a django.contrib.messages message."""
    kind, name = MESSAGE_LOOKS.get(level_tag, ("", "info-circle"))
    return {"kind": kind, "icon": name}


@register.simple_tag
def error_list(form) -> list[tuple[str, str, str]]:
    """Every error of a form as (id of the input, label, text); id and label are "" where there is no input."""
    errors = [("", "", error) for error in form.non_field_errors()]
    for field in form:
        where = ("", "") if field.is_hidden else (field.focus_id, field.label)
        errors += [(*where, error) for error in field.errors]
    return errors


@register.simple_tag
def attributes(attrs: dict):
    """The attributes of an input as Django writes them, without a template's loop for each of a page's many inputs."""
    shown = [(name, value) for name, value in attrs.items() if value is not False]
    written = (
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value) for name, value in shown
    )
    return format_html_join("", "{}", ((one,) for one in written))


@register.simple_tag
def avatar(name):
    """A round mark with a person's initials; the name itself stands beside it."""
    return format_html('<span class="avatar" aria-hidden="true">{}</span>', wording.initials(str(name)))


@register.simple_tag
def count(number: int, kind: str = "", most: int = MOST_COUNTED):
    """A bounded count beside a tab or heading; kind="bad" for what is late. Over `most` (1000): "1000+"."""
    kind = f" count--{kind}" if kind and number else ""
    text = f"{most}+" if number > most else number
    return format_html('<span class="count{}">{}</span>', kind, text)


@register.simple_tag(takes_context=True)
def promise_chip(
    context,
    due_at: datetime | None,
    state: str = "open",
    warn_at: datetime | None = None,
    kept_at: datetime | None = None,
    moved_to: datetime | None = None,
    paused: bool = False,
):
    """A promise as icon, words and colour; see wording.promise_look for the states."""
    if due_at is None and state == "open" and not paused:
        return format_html('<span class="muted small">{}</span>', _("no open promise"))
    now = _now(context)
    look = wording.promise_look(state, due_at, now, warn_at=warn_at, paused=paused)
    words = wording.promise_words(look, due_at, now, kept_at=kept_at, moved_to=moved_to)
    text = format_html("<span>{}</span>", words)
    if due_at is not None and look in ("open", "soon", "broken"):
        text = _time(due_at, words, now)
    return format_html('<span class="promise promise--{}">{}{}</span>', look, icon(PROMISE_ICONS[look]), text)


@register.simple_tag(takes_context=True)
def relative(context, moment: datetime, now: datetime | None = None):
    """How far a moment is ("in 3 h", "2 h ago"); the absolute moment is in its title."""
    now = now or _now(context)
    return _time(moment, wording.relative_words(moment, now), now)


@register.simple_tag(takes_context=True)
def absolute(context, moment: datetime, style: str = "moment", now: datetime | None = None):
    """A moment with its weekday ("Wed 18 Nov, 09:12"); styles: see wording.date_words."""
    moment = timezone.localtime(moment)
    text = wording.date_words(moment, now or _now(context), style)
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)


@register.simple_tag(takes_context=True)
def clock(context, moment: datetime, now: datetime | None = None):
    """A moment as people say it: "today 14:55", else with its date."""
    text = wording.moment_words(moment, now or _now(context))
    return format_html('<time datetime="{}">{}</time>', timezone.localtime(moment).isoformat(), text)


def _now(context) -> datetime:
    """The moment of the page: from the context, so that all words of one page agree."""
    return context.get("now") or timezone.now()


def _time(moment: datetime, words: str, now: datetime):
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        timezone.localtime(moment).isoformat(),
        wording.date_words(moment, now),
        words,
    )
