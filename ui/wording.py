"""Moments and promises in words, in the active language and the active time zone.

Pure: a moment and `now` go in (both aware), text comes out; nothing is read from the clock or the
database. The wording follows the design notes' table of words.
"""

from datetime import date, datetime, timedelta

from django.utils import dateformat
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext

from ui.caches import remembered

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Nearer than this the next calendar day is still "in 3 h", not "tomorrow".
STILL_HOURS = 6 * HOUR
# Without a warning moment of its own an open promise turns amber this long before it is due.
SOON = 2 * HOUR

# style: (date in Django's format letters, with the time); the year joins the date when it is not this year's.
ENGLISH_STYLES = {
    "moment": ("D j M", True),
    "brief": ("D j M", True),
    "day": ("D j M", False),
    "brief_day": ("D j M", False),
    "long": ("l j F", True),
    "long_day": ("l j F", False),
}
# style: (with the weekday, with the time)
CHINESE_STYLES = {
    "moment": (True, True),
    "brief": (False, True),
    "day": (True, False),
    "brief_day": (False, False),
    "long": (True, True),
    "long_day": (True, False),
}
CHINESE_WEEKDAYS = "一二三四五六日"


def date_words(moment: datetime, now: datetime, style: str = "moment") -> str:
    """Return the date of `moment`, with the year only when it is not the current one.

    Styles: moment "Wed 18 Nov, 09:12", day "Wed 18 Nov", long "Wednesday 18 November, 09:12" and
    long_day; brief and brief_day leave the weekday out in Chinese. Raises KeyError for another style.
    """
    local = localtime(moment)
    other_year = local.year != localtime(now).year
    language = get_language() or ""
    if language.startswith("zh"):
        weekday, clock = CHINESE_STYLES[style]
        year = f"{local.year}年" if other_year else ""
        in_brackets = f"（周{CHINESE_WEEKDAYS[local.weekday()]}）" if weekday else ""
        return f"{year}{local.month}月{local.day}日{in_brackets}" + (f"{local:%H:%M}" if clock else "")
    letters, clock = ENGLISH_STYLES[style]
    text = _formatted(local.date(), letters + (" Y" if other_year else ""), language)
    return f"{text}, {local:%H:%M}" if clock else text


@remembered(1024)
def _formatted(day: date, letters: str, language: str) -> str:
    """A day by Django's format letters; a list names the same few days dozens of times.

    `language` is the active one, which Django asks itself: it tells apart what is remembered.
    """
    return dateformat.format(day, letters)


def moment_words(moment: datetime, now: datetime) -> str:
    """Return "today 14:55" on the same local day, else the date with its time."""
    local = localtime(moment)
    if local.date() == localtime(now).date():
        return gettext("today %(time)s") % {"time": f"{local:%H:%M}"}
    return date_words(moment, now)


def duration_words(length: timedelta) -> str:
    """Return a length of time, rounded down: "35 min", "1 h 10 min", "3 h", "2 days"."""
    minutes = max(0, length // MINUTE)
    said = DAY if minutes >= 24 * 60 else HOUR if minutes >= 2 * 60 else MINUTE
    return _length_in_words(minutes - minutes % (said // MINUTE), get_language())


@remembered(1024)
def _length_in_words(minutes: int, language: str | None) -> str:
    """A length of time as it is said; lists name the same ones again and again. `language` is the active one."""
    hours = minutes // 60
    if hours >= 24:
        days = hours // 24
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    if hours == 1 and minutes > 60:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}
    return gettext("%(hours)s h") % {"hours": hours}


def relative_words(moment: datetime, now: datetime) -> str:
    """Return how far `moment` is: "in 35 min", "in 3 h", "tomorrow", "in 3 days", "2 h ago", "yesterday"."""
    length = abs(moment - now)
    days = abs((localtime(moment).date() - localtime(now).date()).days)
    in_hours = days == 0 or length < STILL_HOURS
    if moment > now:
        if length < MINUTE:
            return gettext("in less than a minute")
        if in_hours:
            return gettext("in %(duration)s") % {"duration": duration_words(length)}
        if days == 1:
            return gettext("tomorrow")
        return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": days}
    if length < MINUTE:
        return gettext("just now")
    if in_hours:
        return gettext("%(duration)s ago") % {"duration": duration_words(length)}
    if days == 1:
        return gettext("yesterday")
    return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}


def promise_look(
    state: str,
    due_at: datetime | None,
    now: datetime,
    *,
    warn_at: datetime | None = None,
    paused: bool = False,
) -> str:
    """Return how a promise is shown: open, soon, broken, kept, paused, moved or withdrawn.

    `state` is the stored one (open, kept, broken, replaced, withdrawn). An open promise whose moment
    has passed is shown as broken at once, even when no worker has come by yet.
    """
    if state == "replaced":
        return "moved"
    if state != "open":
        return state
    if paused or due_at is None:
        return "paused"
    if now >= due_at:
        return "broken"
    return "soon" if now >= (warn_at or due_at - SOON) else "open"


def promise_words(
    look: str,
    due_at: datetime | None,
    now: datetime,
    *,
    kept_at: datetime | None = None,
    moved_to: datetime | None = None,
) -> str:
    """Return the words of a promise chip for a look of `promise_look`.

    `kept_at` is when it was kept; a broken promise that was made good late has one too. A broken
    promise without it is still owed, and says for how long.
    """
    if look == "kept" and kept_at:
        return gettext("kept %(moment)s") % {"moment": date_words(kept_at, now, "brief")}
    if look == "broken" and due_at:
        if kept_at:
            return gettext("broken %(moment)s") % {"moment": date_words(due_at, now, "brief")}
        if now - due_at < MINUTE:
            return gettext("broken just now")
        return gettext("broken %(duration)s ago") % {"duration": duration_words(now - due_at)}
    if look == "moved" and moved_to:
        return gettext("moved to %(day)s") % {"day": date_words(moved_to, now, "brief_day")}
    if look in ("open", "soon") and due_at:
        return relative_words(due_at, now)
    return {
        "kept": gettext("kept"),
        "paused": gettext("paused, waiting for customer"),
        "moved": gettext("moved"),
        "withdrawn": gettext("withdrawn"),
    }[look]


def initials(name: str) -> str:
    """Return what stands in the avatar: "LM" for Li Min, the last character of a Chinese name."""
    name = name.strip()
    if not name.isascii():
        return name[-1]
    return "".join(word[0] for word in name.split()).upper()[:2]
