"""What a notice says under the bell: one sentence while it is so, another once it is past. In the active language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from followups.escalation import answering
from followups.models.promise import PromiseKind
from ui.wording import date_words

# From what the notice says (its data, with the rows that it names in the place of their ids) and the present moment.
Sentence = Callable[[dict[str, Any], datetime], str]

INSTEAD = {
    answering.DEPUTY: gettext_lazy("You stand in for whoever handles it."),
    answering.QUEUE: gettext_lazy("It waits in your team’s queue."),
    answering.AWAY: gettext_lazy("Whoever handles it is away, and nobody stands in."),
    answering.LEFT: gettext_lazy("Whoever handled it does not work in this team any more."),
    answering.TO_ASSIGN: gettext_lazy("It waits to be given to somebody."),
    answering.NO_HANDLERS: gettext_lazy("Nobody is there in the team to take it."),
}


@dataclass(frozen=True)
class Sentences:
    """The icon of a kind of notice, what it says now, and what once it is `over`."""

    icon: str
    now: Sentence
    over: Sentence


def instead_words(said: dict[str, Any]) -> str:
    """Why it comes to somebody who does not handle the case; "" for its handler."""
    return str(INSTEAD.get(said.get("instead") or "", ""))


def _always(sentence: Promise) -> Sentence:
    return lambda _said, _now: str(sentence)


def _about_promise(sentence: Promise) -> Sentence:
    def say(said: dict[str, Any], now: datetime) -> str:
        return str(sentence) % {
            "due_at": date_words(datetime.fromisoformat(said["due_at"]), now),
            "promise": said["words"] or PromiseKind(said["kind"]).label,
        }

    return say


def _reopened(said: dict[str, Any], _now: datetime) -> str:
    if said.get("instead"):
        return _("The problem is not solved yet. Work on this complaint begins again.")
    return _("The problem is not solved yet. This complaint is with you again.")


def _assigned(said: dict[str, Any], _now: datetime) -> str:
    if said.get("instead"):
        return _("This complaint was given to somebody.")
    return _("This complaint is yours now.")


def _to_verify(said: dict[str, Any], _now: datetime) -> str:
    if said.get("instead"):
        return _("Somebody has to verify this; whoever was named cannot.")
    return _("Please verify this: make sure with the customer that we understood.")


def _escalated(sentence: Promise) -> Sentence:
    def say(said: dict[str, Any], now: datetime) -> str:
        escalation = said["escalation"]
        return str(sentence) % {"why": escalation.get_reason_display(), "sign_by": date_words(escalation.sign_by, now)}

    return say


def _escalation_is_over(said: dict[str, Any], now: datetime) -> str:
    """Signed, ended with the case, or climbed: whoever reads it has nothing to sign."""
    if said["escalation"] is None or said["escalation"].signed_at is None:
        return _("This is not for you to sign any more.")
    return _("Nothing is left to sign for: %(why)s.") % {"why": said["escalation"].get_reason_display()}


def _proposed(sentence: Promise) -> Sentence:
    return lambda said, _now: str(sentence) % {"name": said["proposed_by"].label}


def _nobody_there(said: dict[str, Any], _now: datetime) -> str:
    team = {"team": said["complaint"].team.label}
    if said["missing"] == "sign":
        return _("A complaint has nobody above who may sign: name a supervisor for %(team)s.") % team
    return _("A complaint has nobody who looks after it: give somebody a role in %(team)s.") % team


def _left_behind(said: dict[str, Any], _now: datetime) -> str:
    count = len(said["cases"])
    if said.get("because") == "named":
        words = _("%(name)s is named in this and has no part in it any more; it is in the queue of %(team)s now.")
        return words % {"name": said["left"].label, "team": said["complaint"].team.label}
    return ngettext(
        "%(name)s does not work there any more; %(count)d open complaint is in the queue of %(team)s now.",
        "%(name)s does not work there any more; %(count)d open complaints are in the queue of %(team)s now.",
        count,
    ) % {"name": said["left"].label, "count": count, "team": said["complaint"].team.label}


def _bulk_stopped(said: dict[str, Any], _now: datetime) -> str:
    count = said["undone"]
    return ngettext(
        "A bulk action of %(name)s, who left, was stopped; %(count)d complaint was left as it was.",
        "A bulk action of %(name)s, who left, was stopped; %(count)d complaints were left as they were.",
        count,
    ) % {"name": said["left"].label, "count": count}


def _nobody_stands_in(said: dict[str, Any], now: datetime) -> str:
    count = said["count"]
    return ngettext(
        "%(name)s is away from %(begins)s to %(ends)s and nobody stands in; %(count)d open complaint waits.",
        "%(name)s is away from %(begins)s to %(ends)s and nobody stands in; %(count)d open complaints wait.",
        count,
    ) % {
        "name": said["left"].label,
        "begins": date_words(datetime.fromisoformat(said["begins_at"]), now),
        "ends": date_words(datetime.fromisoformat(said["ends_at"]), now),
        "count": count,
    }


SENTENCES: dict[str, Sentences] = {
    "assigned": Sentences(
        "arrow-right-circle", _assigned, _always(gettext_lazy("This complaint was yours; it went on."))
    ),
    "taken_away": Sentences(
        "dash-circle",
        _always(gettext_lazy("This complaint was handed over to somebody else.")),
        _always(gettext_lazy("This complaint was handed over to somebody else for a while.")),
    ),
    "praised": Sentences(
        "check-circle",
        _always(gettext_lazy("A customer praises you or your team.")),
        _always(gettext_lazy("A customer praised your team.")),
    ),
    "queued": Sentences(
        "arrow-right-circle",
        _always(gettext_lazy("This complaint came into your team’s queue.")),
        _always(gettext_lazy("This complaint was in your team’s queue; it went on.")),
    ),
    "to_verify": Sentences(
        "list-check",
        _to_verify,
        _always(gettext_lazy("You were named to verify this. Nothing is left to do for you.")),
    ),
    "reopened": Sentences(
        "arrow-repeat", _reopened, _always(gettext_lazy("The problem was not solved; it went on since."))
    ),
    "reply_received": Sentences(
        "arrow-down-left",
        _always(gettext_lazy("The customer wrote.")),
        _always(gettext_lazy("The customer wrote; somebody else answers now.")),
    ),
    "withdrawn": Sentences(
        "dash-circle",
        _always(gettext_lazy("The customer took this complaint back. Nothing is left to do.")),
        _always(gettext_lazy("The customer took this complaint back; it went on since.")),
    ),
    "duplicate_joined": Sentences(
        "arrow-right-circle",
        _always(gettext_lazy("A duplicate was joined to this complaint. Its customer waits for the same result.")),
        _always(gettext_lazy("A duplicate was joined to this complaint.")),
    ),
    "duplicate_left": Sentences(
        "arrow-right-circle",
        _always(gettext_lazy("A duplicate of this complaint goes on by itself again.")),
        _always(gettext_lazy("A duplicate of this complaint went on by itself.")),
    ),
    "duplicate_wrote": Sentences(
        "arrow-down-left",
        _always(gettext_lazy("The customer of a duplicate wrote. Answer them in their own case.")),
        _always(gettext_lazy("The customer of a duplicate wrote; somebody else answers now.")),
    ),
    "promise_warned": Sentences(
        "hourglass-split",
        _about_promise(gettext_lazy("This is due %(due_at)s: %(promise)s.")),
        _about_promise(gettext_lazy("This was to be done by %(due_at)s: %(promise)s. Nothing is left to do for you.")),
    ),
    "promise_broken": Sentences(
        "x-octagon-fill",
        _about_promise(gettext_lazy("This was due %(due_at)s and is broken: %(promise)s.")),
        _about_promise(
            gettext_lazy("This was due %(due_at)s and was broken: %(promise)s. Nothing is left to do for you.")
        ),
    ),
    "escalated": Sentences(
        "chevron-double-up", _escalated(gettext_lazy("Sign for it by %(sign_by)s: %(why)s.")), _escalation_is_over
    ),
    "invalid_proposed": Sentences(
        "dash-circle",
        _proposed(
            gettext_lazy("%(name)s proposes that this is not a complaint: please agree, or let the work go on.")
        ),
        _proposed(gettext_lazy("%(name)s proposed that this is not a complaint.")),
    ),
    answering.NOBODY_THERE: Sentences(
        "info-circle", _nobody_there, _always(gettext_lazy("A complaint had nobody who looks after it. It has now."))
    ),
    "left_behind": Sentences(
        "info-circle", _left_behind, _always(gettext_lazy("What a colleague left behind is in somebody’s hands."))
    ),
    "bulk_stopped": Sentences("info-circle", _bulk_stopped, _bulk_stopped),
    "nobody_stands_in": Sentences(
        "info-circle", _nobody_stands_in, _always(gettext_lazy("Somebody stands in for a colleague who is away."))
    ),
}
