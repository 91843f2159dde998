"""Promises in the customer's words: what we do, by when, who. In the active language and time zone; pure."""

from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _, gettext_lazy

from complaints.customer.page import looks_after
from complaints.models import Complaint
from followups.models import Promise
from followups.models.promise import PromiseKind
from ui.wording import date_words, relative_words

# kind: (what was promised, who does it)
SENTENCES = {
    PromiseKind.FIRST_CONTACT: (
        gettext_lazy("Get in touch with you"),
        gettext_lazy("%(who)s gets in touch with you."),
    ),
    PromiseKind.VERIFICATION: (
        gettext_lazy("Make sure that we understood you"),
        gettext_lazy("%(who)s makes sure with you that we understood you."),
    ),
    PromiseKind.RESOLUTION: (gettext_lazy("Tell you the result"), gettext_lazy("%(who)s tells you the result.")),
    PromiseKind.REPLY: (gettext_lazy("Answer you"), gettext_lazy("%(who)s answers you.")),
    PromiseKind.VISIT: (gettext_lazy("Come to you"), gettext_lazy("%(who)s sees to the visit.")),
    PromiseKind.CALLBACK: (
        gettext_lazy("Call you and ask whether it is solved"),
        gettext_lazy("We call you and ask whether it is solved."),
    ),
    PromiseKind.APPEAL: (
        gettext_lazy("Tell you the decision of the second look"),
        gettext_lazy("We tell you the decision of the second look."),
    ),
    PromiseKind.CORRECTIVE: (
        gettext_lazy("See to it that it does not happen again"),
        gettext_lazy("%(who)s sees to it that it does not happen again."),
    ),
}

LATE = gettext_lazy("We are late with this, and we are sorry. A supervisor has been told.")


def what(promise: Promise) -> str:
    """What was promised: the words it was made in, else those of its kind."""
    return promise.words or str(SENTENCES[PromiseKind(promise.kind)][0])


def who_does_it(promise: Promise, complaint: Complaint) -> str:
    """A sentence that says who does it: by name where somebody looks after the complaint, else the team."""
    who = looks_after(complaint)
    if promise.words:
        return _("%(promise)s. %(who)s looks after it.") % {"promise": promise.words.rstrip(".。!！"), "who": who}
    return SENTENCES[PromiseKind(promise.kind)][1] % {"who": who}


def by_when(due_at: datetime, now: datetime, *, on_paper: bool = False) -> str:
    """Return "Today, Friday 20 November, by 14:55"; without "Today" on other days, and on paper."""
    local = localtime(due_at)
    words = {"day": date_words(due_at, now, "long_day"), "time": f"{local:%H:%M}"}
    if local.date() == localtime(now).date() and not on_paper:
        return _("Today, %(day)s, by %(time)s") % words
    return _("%(day)s, by %(time)s") % words


def until(moment: datetime, now: datetime) -> str:
    """Return "Friday 27 November, 18:00", for the middle of a sentence."""
    return date_words(moment, now, "long")


def how_far(due_at: datetime, now: datetime) -> str:
    """Return "That is in 3 h."."""
    return _("That is %(relative)s.") % {"relative": relative_words(due_at, now)}


def state_words(promise: Promise, now: datetime) -> str:
    """What became of a promise, for the list of promises: kept, broken with an apology, or by when."""
    if promise.state == Promise.State.KEPT and promise.kept_at is not None:
        return _("Done, %(moment)s") % {"moment": date_words(promise.kept_at, now)}
    if is_broken(promise, now):
        sorry = _("It was due %(moment)s. We did not keep this. We are sorry.") % {
            "moment": date_words(promise.due_at, now)
        }
        if promise.kept_at is None:
            return sorry
        done = _("We did it %(moment)s.") % {"moment": date_words(promise.kept_at, now)}
        return _("%(sorry)s %(done)s") % {"sorry": sorry, "done": done}
    if promise.paused_since is not None:
        return _("The clock stands still until you answer us.")
    when = {
        "when": by_when(promise.due_at, now),
        "relative": relative_words(promise.due_at, now),
        "reason": promise.moved_reason,
    }
    if promise.times_broken > 1:
        late = _("%(when)s, %(relative)s. We were late with this %(times)d times, and we are sorry.")
        return late % (when | {"times": promise.times_broken})
    if promise.moves:
        return _("%(when)s, %(relative)s. We moved this: %(reason)s") % when
    return _("%(when)s, %(relative)s") % when


def is_broken(promise: Promise, now: datetime) -> bool:
    """Broken, or due already and still open: the customer need not wait for a worker to read it."""
    overdue = promise.state == Promise.State.OPEN and promise.paused_since is None and promise.due_at <= now
    return promise.state == Promise.State.BROKEN or overdue
