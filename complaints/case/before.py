"""What a change overwrote: kept in the event of the change, and told in the history.

A row holds the last value only. Whoever writes over something that was filled in puts the old value into the event's
data as `before`; names of catalogues and teams go along in both languages, because they are renamed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _, gettext_lazy

from accounts.models.bilingual import BilingualName
from complaints.choices import ConfirmedHow, Severity, ToldHow
from ui.wording import date_words

LABELS = {
    "occurred_at": gettext_lazy("When it happened"),
    "place": gettext_lazy("Where exactly"),
    "site": gettext_lazy("Site"),
    "desired_outcome": gettext_lazy("What the customer wants"),
    "identity_confirmed": gettext_lazy("Identity and contact are confirmed"),
    "identity_reason": gettext_lazy("Why they could not be confirmed"),
    "evidence_asked": gettext_lazy("The customer was asked for evidence"),
    "tried_already": gettext_lazy("What the customer tried already, and what came of it"),
    "restatement": gettext_lazy("The problem in our words"),
    "confirmed_how": gettext_lazy("The customer confirms our words"),
    "confirmed_at": gettext_lazy("Confirmed by the customer at"),
    "not_confirmed_reason": gettext_lazy("Why it could not be confirmed"),
    "cause": gettext_lazy("Root cause"),
    "adopted": gettext_lazy("The suggestion is adopted"),
    "solution": gettext_lazy("What was done"),
    "told_how": gettext_lazy("The customer is told the result"),
    "told_at": gettext_lazy("told at"),
    "told_note": gettext_lazy("What the customer was told"),
    "others_told": gettext_lazy("What the others are told"),
    "category": gettext_lazy("Category"),
    "severity": gettext_lazy("Severity"),
    "reason": gettext_lazy("Reason"),
}
CHOICES = {"confirmed_how": ConfirmedHow, "told_how": ToldHow, "severity": Severity}
MOMENTS = {"occurred_at", "confirmed_at", "told_at"}
FINDING = "finding_"


def overwritten(row: Model, new: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The old values of those `names` that `new` changes in `row` (unsaved yet), as an event keeps them.

    What was empty is left out: nothing is lost there.
    """
    changed = [name for name in names if name in new and getattr(row, name) != new[name] and getattr(row, name)]
    return {name: kept(getattr(row, name)) for name in changed}


def kept(value: object) -> object:
    """A value as JSON keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BilingualName):
        return {"name": value.name, "name_zh": value.name_zh}
    return value


def lines(before: dict[str, Any], at: datetime) -> list[str]:
    """What an event's `before` says, a line for each value, in the active language; `at` is the reader's now."""
    said = []
    for name, value in before.items():
        if name.startswith(FINDING):
            label: str | Promise = _("Finding for point %(number)s") % {"number": name.removeprefix(FINDING)}
        else:
            label = LABELS.get(name, name)
        said.append(_("Before, %(label)s: %(value)s") % {"label": label, "value": _in_words(name, value, at)})
    return said


def _in_words(name: str, value: object, at: datetime) -> str:
    if isinstance(value, dict):
        chinese = (get_language() or "").startswith("zh")
        return (value.get("name_zh") if chinese else "") or value.get("name") or "–"
    if name in MOMENTS:
        moment = parse_datetime(str(value))
        return date_words(moment, at) if moment else str(value)
    if name in CHOICES and value in CHOICES[name].values:
        return str(CHOICES[name](value).label)
    return str(_("Yes")) if value is True else str(value)
