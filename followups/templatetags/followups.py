"""What a complaint's page shows of promises, escalations and callbacks; for staff, and for the customer.

The three parts for staff share one query (followups.page.on_page); those for the customer ask for themselves.
"""

from datetime import datetime

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.case import permissions
from complaints.choices import Kind, Status, Way
from complaints.customer.links import public_url
from complaints.customer.page import CustomerPage
from complaints.models import Complaint, Customer
from complaints.queue.worklists import MOST_COUNTED
from complaints.visibility import roles_on
from complaints.ways import way_to
from complaints.writing.reply_templates import surname
from followups.escalation.forms import SignForm
from followups.models import Notice, Promise
from followups.models.promise import PromiseKind
from followups.notices import texts, truth
from followups.notices.facts import Facts
from followups.notices.tellings import about_words
from followups.page import next_on_page, promises_by_round
from followups.page.on_page import followups_of
from followups.promises import explaining
from followups.promises.actions import actions_for
from followups.promises.forms import PromiseForm
from ui.wording import date_words

register = template.Library()
State = Promise.State
# Open ones by what is due first; then what went wrong, what went well, and what does not count any more.
CARD_ORDER = (State.OPEN, State.BROKEN, State.KEPT, State.REPLACED, State.WITHDRAWN)
SETTLED_WITHOUT = (State.REPLACED, State.WITHDRAWN)


@register.inclusion_tag("followups/page/_promises_card.html", takes_context=True)
def promises_card(context, complaint: Complaint):
    """The card of promises: those of this round, the others folded away."""
    rows = sorted(followups_of(complaint).promises, key=lambda p: (CARD_ORDER.index(p.state), p.due_at, p.pk))
    old = [p for p in rows if p.round != complaint.round or p.state in SETTLED_WITHOUT]
    roles = _roles(context, complaint)
    may_work = permissions.PROMISE in permissions.allowed(context["request"].user, complaint, roles)
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


@register.inclusion_tag("followups/page/_printed_promises.html", takes_context=True)
def printed_promises(context, complaint: Complaint):
    """Every promise of the case on paper, those that do not count any more as well, by when they were due."""
    rows = sorted(followups_of(complaint).promises, key=lambda p: (p.due_at, p.pk))
    return {"promises": rows, "who": (complaint.handler or complaint.team).label, "now": _now(context)}


@register.inclusion_tag("followups/page/_escalations_banner.html", takes_context=True)
def escalations_banner(context, complaint: Complaint):
    """Escalations that nobody signed for yet; a supervisor signs right here. Those of a closed case came since."""
    return {
        "escalations": followups_of(complaint).escalations,
        "may_sign": bool(permissions.SIGN_ESCALATIONS.roles & _roles(context, complaint)),
        "complaint": complaint,
        "user": context["request"].user,
        "sign_form": SignForm(auto_id=False),
        "back": reverse("complaints:case", args=[complaint.reference]),
        "now": _now(context),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("followups/page/_to_tell.html", takes_context=True)
def to_tell(context, complaint: Complaint):
    """What somebody still has to say to the customer, because no message brings it, and by when."""
    page = followups_of(complaint)
    owed = [notice for notice in page.tellings if notice.state == Notice.State.TO_SAY]
    facts = Facts(owed, None, _now(context))
    owed = [notice for notice in owed if not truth.why_not(notice, facts)]
    duties = [p for p in page.promises if p.kind == PromiseKind.TELL and p.state in (State.OPEN, State.BROKEN)]
    return {
        "things": list(dict.fromkeys(about_words(notice.event) for notice in owed)),
        "due_at": duties[-1].due_at if duties else None,
        "may_call": bool(permissions.CALL_CUSTOMER.roles & _roles(context, complaint)),
        "by_letter": complaint.customer is not None and complaint.customer.gets_letters,
        "complaint": complaint,
        "now": _now(context),
    }


@register.inclusion_tag("followups/page/_callback_line.html", takes_context=True)
def callback_line(context, complaint: Complaint):
    """The call that is owed for the result of this round, or what came of it."""
    if complaint.status not in (Status.RESOLVED, Status.FEEDBACK):
        return {}
    return {
        "callback": followups_of(complaint).callback,
        "last": followups_of(complaint).last_attempt,
        "may_call": bool(permissions.CALL_CUSTOMER.roles & _roles(context, complaint)),
        "now": _now(context),
    }


@register.inclusion_tag("followups/page/_public_next.html", takes_context=True)
def public_next(context, page: CustomerPage):
    """What happens next, by when and who does it; or that it is the customer's turn, and what happens otherwise.

    A moment that has passed is never shown as what happens next: then we say that we are late. Nothing once archived,
    but for the duplicate of another customer, which is worked on elsewhere.
    """
    return next_on_page.of(page, _now(context))


@register.inclusion_tag("followups/page/_public_promises.html", takes_context=True)
def public_promises(context, page: CustomerPage):
    """What we promised the customer, round by round; nothing when there is none."""
    return {"rounds": promises_by_round.of(page, _now(context))}


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
    customer = complaint.customer
    words = {
        "name": _titled(customer, surname(customer.name)) if customer is not None else "",
        "caller": context["user"].label,
        "organisation": getattr(context.get("organisation"), "label", ""),
        "day": date_words(result.told_at, _now(context), "day") if result and result.told_at else "",
    }
    opening = _("“Hello %(name)s, this is %(caller)s of %(organisation)s.") % words
    if complaint.kind == Kind.SUGGESTION:
        about = _("I am calling about our answer to your suggestion. Do you have two minutes?”")
    elif words["day"]:
        about = _("On %(day)s we told you the result of your complaint. Do you have two minutes?”") % words
    else:
        about = _("I am calling about the result of your complaint. Do you have two minutes?”")
    return _("%(opening)s %(about)s") % {"opening": opening, "about": about}


def _titled(customer: Customer, name: str) -> str:
    if customer.title == Customer.Title.MR:
        return _("Mr %(name)s") % {"name": name}
    if customer.title == Customer.Title.MS:
        return _("Ms %(name)s") % {"name": name}
    return name


@register.inclusion_tag("followups/page/_by_sms.html")
def by_sms(complaint: Complaint):
    """How much of what is written goes out by text message itself; nothing where it is mailed or said."""
    customer = complaint.customer
    if customer is None or way_to(customer) != Way.SMS:
        return {}
    room = texts.room_for_words(complaint.language, public_url(complaint), complaint.reference)
    parts = texts.most_parts(complaint.language, customer.sms_number)
    return {"number": customer.phone, "room": room, "parts": parts}


def _roles(context, complaint: Complaint) -> frozenset[str]:
    return roles_on(context["request"].user, complaint)


def _now(context) -> datetime:
    """The moment of the page, so that all words of one page agree."""
    return context.get("now") or timezone.now()
