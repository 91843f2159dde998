"""What the history says of what this room records: promises, escalations, calls, and what was told."""

from collections.abc import Callable

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from complaints.case.event_kinds import EventKind
from complaints.case.narrated import NarratedEvent
from complaints.case.timeline import Sentence, confirmed, in_lines
from complaints.models import ComplaintEvent
from followups.models import Escalation
from followups.models.promise import PromiseKind

# The three moves that calm a dispute ("三变法").
DEESCALATED_BY = {
    "person": gettext_lazy("Escalation answered: somebody else takes over"),
    "place": gettext_lazy("Escalation answered: they meet in another place"),
    "time": gettext_lazy("Escalation answered: another time is agreed"),
}
CALL_OUTCOMES = {
    "satisfied": gettext_lazy("Called back: reached, satisfied"),
    "unsatisfied": gettext_lazy("Called back: reached, not satisfied"),
    "no_answer": gettext_lazy("Called back: no answer"),
    "wrong_number": gettext_lazy("Called back: wrong number"),
    "refused": gettext_lazy("Called back: the customer does not want to talk"),
}
# Why the desk itself withdrew a promise.
WITHDRAWN_BECAUSE = {
    "closed": gettext_lazy("The complaint was closed."),
    "policy": gettext_lazy("Another rule applies now."),
    "callback": gettext_lazy("The call is not owed any more, or is tried again."),
    "contact": gettext_lazy("Nobody is there to be contacted any more."),
    "answered": gettext_lazy("The customer answered without a call."),
    "told": gettext_lazy("The customer was told by another way."),
    "over": gettext_lazy("It is not to be done any more."),
}
# Why the desk did not send what it had meant to.
DROPPED_BECAUSE = {
    "over": gettext_lazy("it was not so any more"),
    "inactive": gettext_lazy("they do not work with the desk any more"),
    "unseen": gettext_lazy("they may not see the complaint any more"),
    "not_theirs": gettext_lazy("it did not concern them any more"),
    "no_contact": gettext_lazy("they do not want to be contacted any more"),
    "unreached": gettext_lazy("they could not be reached by phone"),
}
# By which way the customer was told something, and what it was about.
TOLD_BY = {
    "email": gettext_lazy("E-mail to the customer accepted by the mail server"),
    "sms": gettext_lazy("Text message to the customer accepted by the provider"),
    "phone": gettext_lazy("The customer was told by phone"),
    "in_person": gettext_lazy("The customer was told in person"),
    "letter": gettext_lazy("The customer was told by letter"),
    "link": gettext_lazy("The customer read it on the link"),
}
TOLD_ABOUT = {
    "customer_acknowledged": gettext_lazy("We have your complaint"),
    "customer_understood": gettext_lazy("What we understood"),
    "customer_message": gettext_lazy("News on your complaint"),
    "customer_promise_broken": gettext_lazy("We are late"),
    "customer_promise_moved": gettext_lazy("A new date"),
    "customer_promise_withdrawn": gettext_lazy("A promise is taken back"),
    "customer_dates_changed": gettext_lazy("Dates that we told you change"),
    "customer_reopened": gettext_lazy("We work on it again"),
    "customer_resolved": gettext_lazy("The result, and whether it is solved"),
    "customer_result": gettext_lazy("The result"),
    "customer_options": gettext_lazy("Solutions to choose from"),
    "customer_confirm": gettext_lazy("Whether we understood you"),
    "customer_closed": gettext_lazy("That it is closed, and why"),
    "customer_link": gettext_lazy("Your link"),
    "customer_handler": gettext_lazy("Who looks after your complaint"),
    "customer_promised": gettext_lazy("What we promised you"),
    "customer_archived": gettext_lazy("Your complaint is closed"),
    "customer_appeal_received": gettext_lazy("We have your appeal"),
    "customer_appeal_review": gettext_lazy("Who reviews the appeal"),
    "customer_appeal_decided": gettext_lazy("The decision of the appeal"),
}
# What came of a call in which nothing could be told.
CALLED_IN_VAIN = {
    "no_answer": gettext_lazy("Called to tell the customer: no answer"),
    "wrong_number": gettext_lazy("Called to tell the customer: wrong number"),
    "refused": gettext_lazy("Called to tell the customer, who does not want to talk"),
}


def _promise(narrated: NarratedEvent) -> str:
    key = narrated.get("promise_kind") or narrated.get("kind")
    label = PromiseKind(key).label if key in PromiseKind.values else _("Promise")
    return str(narrated.get("words") or narrated.get("label") or label)


def _promised(sentence) -> Callable[[NarratedEvent], str]:
    def say(narrated: NarratedEvent) -> str:
        return sentence % {"promise": _promise(narrated), "due": narrated.moment("due_at")}

    return say


def _broken(narrated: NarratedEvent) -> str:
    words = {"promise": _promise(narrated), "due": narrated.moment("again_due_at")}
    if narrated.get("again_due_at"):
        return _("Promise broken: %(promise)s; the new date is %(due)s") % words
    return _("Promise broken: %(promise)s") % words


def _told(narrated: NarratedEvent) -> str:
    """That the customer was told something, by which way and about what."""
    how = str(TOLD_BY.get(narrated.get("way"), _("The customer was told")))
    return _about(narrated, how)


def _about(narrated: NarratedEvent, what: str) -> str:
    about = TOLD_ABOUT.get(narrated.get("about"))
    return _("%(what)s: %(about)s") % {"what": what, "about": about} if about else what


def _not_told(sentence) -> Callable[[NarratedEvent], str]:
    return lambda narrated: _about(narrated, str(sentence))


def _escalated(narrated: NarratedEvent) -> str:
    key = narrated.get("reason") or narrated.get("escalation_reason")
    reason = Escalation.Reason(key).label if key in Escalation.Reason.values else ""
    return _("Escalated: %(reason)s") % {"reason": reason} if reason else _("Escalated")


def _signed(narrated: NarratedEvent) -> str:
    return str(DEESCALATED_BY.get(narrated.get("move"), _("Escalation signed for")))


def _escalation_closed(narrated: NarratedEvent) -> str:
    if narrated.get("because") == "approval":
        return _("Escalation ended: nothing is left to approve")
    return _("Escalation ended with the case")


def _called(narrated: NarratedEvent) -> str:
    return str(CALL_OUTCOMES.get(narrated.get("outcome"), _("Called back")))


def _called_in_vain(narrated: NarratedEvent) -> str:
    return str(CALLED_IN_VAIN.get(narrated.event.data.get("outcome"), CALLED_IN_VAIN["no_answer"]))


def _verifier(narrated: NarratedEvent) -> str:
    return _("%(person)s is named to verify it") % {"person": narrated.person("verifier") or "–"}


def _dropped(narrated: NarratedEvent) -> str:
    """A message that the desk did not send any more, to whom and why."""
    why = DROPPED_BECAUSE.get(narrated.get("why"), "")
    if narrated.get("to") is None:
        return _("A message to the customer was not sent: %(why)s") % {"why": why}
    return _("A message to %(person)s was not sent: %(why)s") % {"person": narrated.person("to") or "–", "why": why}


def _joined(narrated: NarratedEvent) -> str:
    """Without the duplicate's reference, which not every reader of the original may see."""
    count = (narrated.get("carried") or 0) + 1
    return ngettext("%(count)d duplicate joined to it", "%(count)d duplicates joined to it", count) % {"count": count}


def _handed_on(narrated: NarratedEvent) -> str:
    return _("It follows %(reference)s now, of which its original is a duplicate") % {
        "reference": narrated.get("original") or "–"
    }


def _followed(narrated: NarratedEvent) -> str:
    """What became of the original, and that the customer of the duplicate was narrated."""
    if narrated.get("what") == "result":
        return _("The original has a result, and the customer is told it here")
    return _("The original is worked on again")


def _of_a_promise(event: ComplaintEvent) -> str:
    """The reason in a person's words, or why the desk did it."""
    why = event.data.get("reason") or WITHDRAWN_BECAUSE.get(event.data.get("because"))
    return in_lines([why, *confirmed(event)])


def _of_an_escalation(event: ComplaintEvent) -> str:
    """Its reason is a key, which the sentence says."""
    return in_lines(event.data.get(name) for name in ("note", "tried", "signed_note", "words"))


def _why(event: ComplaintEvent) -> str:
    return str(event.data.get("why") or "")


SENTENCES: dict[EventKind, Sentence] = {
    EventKind.PROMISE_MADE: _promised(gettext_lazy("Promise made: %(promise)s, due %(due)s")),
    EventKind.PROMISE_WARNED: _promised(gettext_lazy("Promise due soon: %(promise)s")),
    EventKind.PROMISE_BROKEN: _broken,
    EventKind.PROMISE_KEPT: _promised(gettext_lazy("Promise kept: %(promise)s")),
    EventKind.PROMISE_MOVED: _promised(gettext_lazy("Promise moved: %(promise)s, now due %(due)s")),
    EventKind.PROMISE_REPLACED: _promised(gettext_lazy("Promise replaced: %(promise)s, now due %(due)s")),
    EventKind.PROMISE_STANDS: _promised(
        gettext_lazy("Promise keeps the date that was told: %(promise)s, due %(due)s")
    ),
    EventKind.PROMISE_REOPENED: _promised(gettext_lazy("Promise open again: %(promise)s, due %(due)s")),
    EventKind.PROMISE_WITHDRAWN: _promised(gettext_lazy("Promise withdrawn: %(promise)s")),
    EventKind.ESCALATED: _escalated,
    EventKind.ESCALATION_CLIMBED: gettext_lazy("Escalation not signed in time: it climbs"),
    EventKind.ESCALATION_SIGNED: _signed,
    EventKind.ESCALATION_CLOSED: _escalation_closed,
    EventKind.DUPLICATE_JOINED: _joined,
    EventKind.DUPLICATE_LEFT: gettext_lazy("A duplicate goes on by itself again"),
    EventKind.HANDED_ON: _handed_on,
    EventKind.FOLLOWED: _followed,
    EventKind.VERIFIER_NAMED: _verifier,
    EventKind.NOTICE_DROPPED: _dropped,
    EventKind.NOTICE_RETRIED: gettext_lazy("Message sent once more after it failed"),
    EventKind.CALLBACK_ATTEMPTED: _called,
    EventKind.TOLD: _told,
    EventKind.TELLING_TRIED: _called_in_vain,
    EventKind.TELLING_FAILED: _not_told(gettext_lazy("The customer could not be told")),
    EventKind.TELLING_UNDONE: _not_told(gettext_lazy("It proved that the customer was not told")),
}
REMARKS = {
    **{kind: _of_a_promise for kind in EventKind if kind.startswith("promise_")},
    **{kind: _of_an_escalation for kind in EventKind if kind.startswith("escalat")},
    EventKind.TELLING_FAILED: _why,
    EventKind.TELLING_UNDONE: _why,
}
