"""How a promise's date came about, in sentences, in the active language ("how `due_at` was computed")."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.worktime.explain import Explanation
from followups.models import Promise
from followups.models.promise import Clock
from followups.policies.policies import STATED
from ui.wording import date_words, duration_words


def lines(promise: Promise, now: datetime) -> list[str]:
    """The sentences for people of the desk: rule, calendar, pauses, moves. Times in the calendar's zone."""
    how = promise.explanation
    if not how:
        return []
    with timezone.override(ZoneInfo(how["tz"])):
        said = [*_reckoning(promise, how, now)]
        for pause in how.get("pauses", []):
            words = {"from": _moment(pause["from"], now), "to": _moment(pause["to"], now)}
            said.append(_("Waiting for the customer from %(from)s to %(to)s did not count.") % words)
        for move in how.get("moves", []):
            words = {
                "at": _moment(move["at"], now),
                "to": _moment(move["to"], now),
                "reason": move["reason"],
            }
            said.append(_("Moved on %(at)s to %(to)s: %(reason)s") % words)
        if how.get("pauses"):
            said.append(_("So it is due %(moment)s.") % {"moment": date_words(promise.due_at, now)})
        if promise.long_stop_at is not None:
            stop = {"moment": date_words(promise.long_stop_at, now)}
            said.append(_("However long we wait, it is broken %(moment)s.") % stop)
    return said


def _reckoning(promise: Promise, how: dict[str, Any], now: datetime) -> list[str]:
    if how["clock"] == STATED:
        return [_("Promised in so many words, %(moment)s.") % {"moment": _moment(how["start"], now)}]
    if how["clock"] == Clock.WORKING:
        calendar = how["calendar"]
        named = (
            _("Counted by the calendar “%(calendar)s”.") % {"calendar": calendar}
            if calendar
            else _("No working calendar is set for this team, so every hour counts.")
        )
        return [*Explanation.from_json(how).lines(now), named]
    start, end = datetime.fromisoformat(how["start"]), datetime.fromisoformat(how["end"])
    said = [
        _("%(duration)s, day and night, from %(start)s. That makes %(end)s.")
        % {
            "duration": duration_words(end - start),
            "start": date_words(start, now),
            "end": date_words(end, now),
        }
    ]
    if how.get("fault"):
        said.append(_("The team’s calendar cannot be counted with, so every hour counts."))
    return said


def _moment(text: str, now: datetime) -> str:
    return date_words(datetime.fromisoformat(text), now)
