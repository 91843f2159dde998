"""What a complaint's page shows of promises, escalations and callbacks; for staff, and for the customer.

The three parts for staff share one query (followups.on_page); those for the customer ask for themselves.
"""

from datetime import datetime

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.wording import date_words
from complaints.choices import Status
from complaints.models import Complaint, Customer
from complaints.replies import surname
from complaints.visibility import roles_on
from complaints.worklists import MOST_COUNTED
from followups import customer_words, explaining
from followups.callbacks import CALLING
from followups.forms import PromiseForm, SignForm
from followups.models import Promise
from followups.on_page import followups_of
from followups.promise_actions import actions_for
from followups.promises import WORKING

register = template.Library()
State = Promise.State
# Open ones by what is due first; then what went wrong, what went well, and what does not count any more.
CARD_ORDER = (State.OPEN, State.BROKEN, State.KEPT, State.REPLACED, State.WITHDRAWN)
SETTLED_WITHOUT = (State.REPLACED, State.WITHDRAWN)
PUBLIC_ICONS = {"open": "clock", "broken": "x-octagon-fill", "kept": "check-circle-fill"}


@register.inclusion_tag("followups/_promises_card.html", takes_context=True)
def promises_card(context, complaint: Complaint):
    """The card of promises: those of this round, the others folded away."""
    rows = sorted(followups_of(complaint).promises, key=lambda p: (CARD_ORDER.index(p.state), p.due_at, p.pk))
    old = [p for p in rows if p.round != complaint.round or p.state in SETTLED_WITHOUT]
    roles = _roles(context, complaint)
    may_work = bool(WORKING & roles) and not complaint.is_archived
    return {
        "complaint": complaint,
        "promises": [(p, actions_for(p, roles) if may_work else ()) for p in rows if p not in old],
        "old": old,
        "who": (complaint.handler or complaint.team).label,
        "form": PromiseForm(auto_id="promise_%s") if may_work else None,
        "user": context["request"].user,
        "back": reverse("complaints:case", args=[complaint.reference]),
        "now": _now(context),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("followups/_printed_promises.html", takes_context=True)
def printed_promises(context, complaint: Complaint):
    """Every promise of the case on paper, those that do not count any more as well, by when they were due."""
    rows = sorted(followups_of(complaint).promises, key=lambda p: (p.due_at, p.pk))
    return {"promises": rows, "who": (complaint.handler or complaint.team).label, "now": _now(context)}


@register.inclusion_tag("followups/_escalations_banner.html", takes_context=True)
def escalations_banner(context, complaint: Complaint):
    """Escalations that nobody signed for yet; a supervisor signs right here. None once archived."""
    return {
        "escalations": [] if complaint.is_archived else followups_of(complaint).escalations,
        "may_sign": Role.SUPERVISOR in _roles(context, complaint),
        "complaint": complaint,
        "user": context["request"].user,
        "sign_form": SignForm(auto_id=False),
        "back": reverse("complaints:case", args=[complaint.reference]),
        "now": _now(context),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("followups/_callback_line.html", takes_context=True)
def callback_line(context, complaint: Complaint):
    """The call that is owed for the result of this round, or what came of it."""
    if complaint.status not in (Status.RESOLVED, Status.FEEDBACK):
        return {}
    return {
        "callback": followups_of(complaint).callback,
        "last": followups_of(complaint).last_attempt,
        "may_call": bool(CALLING & _roles(context, complaint)),
        "now": _now(context),
    }


@register.inclusion_tag("followups/_public_next.html", takes_context=True)
def public_next(context, complaint: Complaint, words: str = ""):
    """What happens next, by when and who does it, in the customer's words. One query; nothing once archived.

    `words` is the page's own sentence: shown while we wait for the customer, and where nothing is promised.
    """
    now, when, lines, late = _now(context), "", [words], False
    if complaint.is_archived:
        return {}
    promise = None if complaint.waiting_since else _next_promise(complaint)
    if promise is not None:
        late = customer_words.is_broken(promise, now)
        when = customer_words.by_when(promise.due_at, now)
        sentence = customer_words.LATE if late else customer_words.how_far(promise.due_at, now)
        lines = [customer_words.who_does_it(promise, complaint), sentence]
    return {"when": when, "lines": [line for line in lines if line], "late": late}


def _next_promise(complaint: Complaint) -> Promise | None:
    """The open promise to the customer that is due first; where none is open, the last one that broke."""
    owed = complaint.promises.filter(to_customer=True, round=complaint.round, paused_since__isnull=True)
    rows = list(owed.filter(state__in=[State.OPEN, State.BROKEN]))
    open_ones = [promise for promise in rows if promise.state == State.OPEN]
    broken = [promise for promise in rows if promise.state == State.BROKEN and promise.kept_at is None]
    if open_ones:
        return min(open_ones, key=lambda promise: promise.due_at)
    return max(broken, key=lambda promise: promise.due_at, default=None)


@register.inclusion_tag("followups/_public_promises.html", takes_context=True)
def public_promises(context, complaint: Complaint):
    """What we promised the customer: open, broken (with an apology), kept. One query; nothing when there is none."""
    now = _now(context)
    shown = complaint.promises.filter(to_customer=True, state__in=[State.OPEN, State.KEPT, State.BROKEN])
    rows = sorted(shown, key=lambda p: (CARD_ORDER.index(p.state), p.due_at, p.pk))
    return {"promises": [_public_row(promise, now) for promise in rows]}


@register.simple_tag
def explained(promise: Promise, now: datetime) -> list[str]:
    """How the moment of a promise came about, in sentences."""
    return explaining.lines(promise, now)


@register.simple_tag
def bounded(number: int) -> str:
    """A count that stops at a thousand: "1000+"."""
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


@register.simple_tag
def spoken_name(customer: Customer) -> str:
    """How the customer is addressed, in full: "Ms He Jing"."""
    return _titled(customer, customer.label)


@register.simple_tag(takes_context=True)
def greeting(context, complaint: Complaint, result) -> str:
    """What the caller says first, in the active language."""
    words = {
        "name": _titled(complaint.customer, surname(complaint.customer.name)),
        "caller": context["user"].label,
        "organisation": getattr(context.get("organisation"), "label", ""),
        "day": date_words(result.told_at, _now(context), "day") if result and result.told_at else "",
    }
    opening = _("“Hello %(name)s, this is %(caller)s of %(organisation)s.") % words
    if words["day"]:
        about = _("On %(day)s we told you the result of your complaint. Do you have two minutes?”") % words
    else:
        about = _("I am calling about the result of your complaint. Do you have two minutes?”")
    return _("%(opening)s %(about)s") % {"opening": opening, "about": about}


def _public_row(promise: Promise, now: datetime) -> dict:
    """One line of the list of promises: its look (open, broken, kept), what, and what became of it."""
    look = "broken" if customer_words.is_broken(promise, now) else promise.state
    return {
        "look": look,
        "icon": PUBLIC_ICONS[look],
        "what": customer_words.what(promise),
        "words": customer_words.state_words(promise, now),
    }


def _titled(customer: Customer, name: str) -> str:
    if customer.title == Customer.Title.MR:
        return _("Mr %(name)s") % {"name": name}
    if customer.title == Customer.Title.MS:
        return _("Ms %(name)s") % {"name": name}
    return name


def _roles(context, complaint: Complaint) -> frozenset[str]:
    return roles_on(context["request"].user, complaint)


def _now(context) -> datetime:
    """The moment of the page, so that all words of one page agree."""
    return context.get("now") or timezone.now()
