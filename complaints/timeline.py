"""The history in words: each event as a sentence in the active language.

Events keep ids and keys; names and labels are looked up here, so that the past reads right in both languages.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.models import Person, Team
from accounts.wording import date_words
from complaints.choices import Channel, Outcome, Severity
from complaints.models import ComplaintEvent

# The promises and the reasons of escalations are kept one room up, which is not imported here.
PROMISES = {
    "first_contact": gettext_lazy("First contact"),
    "verification": gettext_lazy("Verification"),
    "resolution": gettext_lazy("Result told to the customer"),
    "reply": gettext_lazy("Reply"),
    "visit": gettext_lazy("Visit"),
    "callback": gettext_lazy("Callback"),
    "appeal": gettext_lazy("Appeal decision"),
    "corrective": gettext_lazy("Corrective action"),
}
ESCALATED_BECAUSE = {
    "overdue": gettext_lazy("Promise broken"),
    "severity": gettext_lazy("Danger to people"),
    "authority": gettext_lazy("Beyond authority"),
    "competence": gettext_lazy("Beyond competence"),
    "repeat": gettext_lazy("Third complaint or reminder"),
    "bounced": gettext_lazy("Third hand-over"),
    "stuck": gettext_lazy("Nothing happened for too long"),
    "customer": gettext_lazy("The customer asks for a supervisor"),
    "unsatisfied": gettext_lazy("The customer is not satisfied"),
    "manual": gettext_lazy("Asked for by staff"),
}
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
# What somebody wrote about it, by the names under which verbs keep it.
REMARKS = ("reason", "exception", "override_reason", "note", "tried", "signed_note", "words")
# Why the desk itself withdrew a promise.
WITHDRAWN_BECAUSE = {
    "closed": gettext_lazy("The complaint was closed."),
    "policy": gettext_lazy("Another rule applies now."),
    "callback": gettext_lazy("The call is not owed any more, or is tried again."),
}


# What somebody was asked about a promise before it was saved, and confirmed.
CONFIRMED = {
    "record": gettext_lazy("Confirmed, although the team usually takes longer."),
    "hours": gettext_lazy("Confirmed, although it falls outside working hours."),
    "authority": gettext_lazy("Confirmed by a supervisor, although it is sooner than the organisation promises."),
}


@dataclass
class Told:
    """One event, its data, and the names that its ids stand for."""

    event: ComplaintEvent
    at: datetime
    people: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)

    def get(self, name: str):
        return self.event.data.get(name)

    def person(self, name: str) -> str:
        return self.people.get(self.get(name), "")

    def team(self, name: str) -> str:
        return self.teams.get(self.get(name), "")

    def choice(self, name: str, choices) -> str:
        """The label of a key of `choices`; the key itself where it is not known (any more)."""
        key = self.get(name)
        return str(choices(key).label) if key in choices.values else str(key or "–")

    def moment(self, name: str) -> str:
        moment = parse_datetime(str(self.get(name) or ""))
        return date_words(moment, self.at) if moment else "–"

    def promise(self) -> str:
        key = self.get("promise_kind") or self.get("kind")
        return str(self.get("words") or self.get("label") or PROMISES.get(key) or _("Promise"))


def _logged(told: Told) -> str:
    return _("Logged, channel: %(channel)s") % {"channel": told.choice("channel", Channel)}


def _handed(told: Told) -> str:
    """Assigned or reassigned: to a person, else to a team's queue, else without names that are not known."""
    again = told.event.kind == "reassigned"
    if told.person("handler"):
        words = _("Reassigned to %(person)s") if again else _("Assigned to %(person)s")
        return words % {"person": told.person("handler")}
    if told.team("team") and told.get("handler") is None:
        words = _("Reassigned to the queue of %(team)s") if again else _("Assigned to the queue of %(team)s")
        return words % {"team": told.team("team")}
    return _("Reassigned") if again else _("Assigned")


def _resolved(told: Told) -> str:
    return _("Resolved, and the customer told") if told.get("told_how") else _("Resolved")


def _feedback(told: Told) -> str:
    if told.get("satisfied"):
        words = _("The customer is satisfied")
    elif told.get("unsatisfied"):
        words = _("The customer is not satisfied")
    else:
        return _("Went on without an answer of the customer")
    rating = told.get("rating")
    return _("%(words)s (%(rating)d of 5)") % {"words": words, "rating": rating} if rating else words


def _reworked(told: Told) -> str:
    return _("Work begins again, round %(round)d") % {"round": told.get("round") or 2}


def _closed_early(told: Told) -> str:
    if told.get("original"):
        return _("Closed early: duplicate of %(reference)s") % {"reference": told.get("original")}
    return _("Closed early: %(outcome)s") % {"outcome": told.choice("outcome", Outcome)}


def _evidence(told: Told) -> str:
    count = told.get("count") or 1
    return ngettext("%(count)d file added", "%(count)d files added", count) % {"count": count}


def _evidence_sent(told: Told) -> str:
    count = told.get("count") or 1
    return ngettext("%(count)d file sent to the customer", "%(count)d files sent to the customer", count) % {
        "count": count
    }


def _severity(told: Told) -> str:
    words = {"old": told.choice("from", Severity), "new": told.choice("to", Severity)}
    return _("Severity changed from %(old)s to %(new)s") % words


def _category(told: Told) -> str:
    """The new category by the name it had then."""
    chinese = (get_language() or "").startswith("zh")
    name = (told.get("name_zh") if chinese else "") or told.get("name") or "–"
    return _("Category changed to %(category)s") % {"category": name}


def _option(sentence) -> Callable[[Told], str]:
    def say(told: Told) -> str:
        return sentence % {"option": told.get("words") or "–", "amount": told.get("amount") or "0"}

    return say


def _promised(sentence) -> Callable[[Told], str]:
    def say(told: Told) -> str:
        return sentence % {"promise": told.promise(), "due": told.moment("due_at")}

    return say


def _escalated(told: Told) -> str:
    reason = ESCALATED_BECAUSE.get(told.get("reason") or told.get("escalation_reason"))
    return _("Escalated: %(reason)s") % {"reason": reason} if reason else _("Escalated")


def _signed(told: Told) -> str:
    return str(DEESCALATED_BY.get(told.get("move"), _("Escalation signed for")))


def _escalation_closed(told: Told) -> str:
    if told.get("because") == "approval":
        return _("Escalation ended: nothing is left to approve")
    return _("Escalation ended with the case")


def _called(told: Told) -> str:
    return str(CALL_OUTCOMES.get(told.get("outcome"), _("Called back")))


SENTENCES: dict[str, Callable[[Told], str] | str] = {
    "logged": _logged,
    "imported": gettext_lazy("Imported"),
    "verification_saved": gettext_lazy("Verification: progress saved"),
    "restatement_confirmed": gettext_lazy("Our words confirmed on the link"),
    "verified": gettext_lazy("Verified"),
    "assigned": _handed,
    "taken": gettext_lazy("Taken out of the queue"),
    "reassigned": _handed,
    "result_saved": gettext_lazy("Result: progress saved"),
    "resolved": _resolved,
    "feedback_recorded": _feedback,
    "reworked": _reworked,
    "archived": gettext_lazy("Archived"),
    "closed_early": _closed_early,
    "invalid_proposed": gettext_lazy("Proposed: not a complaint"),
    "reopened": gettext_lazy("Opened again"),
    "message_sent": gettext_lazy("Message to the customer"),
    "note_added": gettext_lazy("Internal note"),
    "customer_replied": gettext_lazy("Message from the customer"),
    "waiting_began": gettext_lazy("Waiting for the customer"),
    "waiting_ended": gettext_lazy("Not waiting for the customer any more"),
    "evidence_added": _evidence,
    "evidence_sent": _evidence_sent,
    "option_offered": _option(gettext_lazy("Solution offered: %(option)s")),
    "option_approved": _option(gettext_lazy("Solution approved, worth %(amount)s yuan")),
    "option_declined": _option(gettext_lazy("Solution declined, worth %(amount)s yuan")),
    "option_chosen": _option(gettext_lazy("Solution chosen by the customer: %(option)s")),
    "option_withdrawn": gettext_lazy("Solution withdrawn"),
    "severity_changed": _severity,
    "category_changed": _category,
    "promise_made": _promised(gettext_lazy("Promise made: %(promise)s, due %(due)s")),
    "promise_warned": _promised(gettext_lazy("Promise due soon: %(promise)s")),
    "promise_broken": _promised(gettext_lazy("Promise broken: %(promise)s")),
    "promise_kept": _promised(gettext_lazy("Promise kept: %(promise)s")),
    "promise_moved": _promised(gettext_lazy("Promise moved: %(promise)s, now due %(due)s")),
    "promise_replaced": _promised(gettext_lazy("Promise replaced: %(promise)s")),
    "promise_withdrawn": _promised(gettext_lazy("Promise withdrawn: %(promise)s")),
    "escalated": _escalated,
    "escalation_climbed": gettext_lazy("Escalation not signed in time: it climbs"),
    "escalation_signed": _signed,
    "escalation_closed": _escalation_closed,
    "notice_retried": gettext_lazy("Message sent once more after it failed"),
    "callback_attempted": _called,
}


def sentence(told: Told) -> str:
    """What happened, in the active language. A kind without words of its own is still readable."""
    teller = SENTENCES.get(told.event.kind)
    if teller is None:
        return told.event.kind.replace("_", " ").capitalize()
    return teller(told) if callable(teller) else str(teller)


def remark(event: ComplaintEvent) -> str:
    """What somebody wrote about it: the reason, the note; "" where there is nothing, or the sentence says it."""
    data = event.data
    if event.kind.startswith(("option_offered", "option_chosen", "promise_")):
        confirmed = [str(CONFIRMED[code]) for code in data.get("confirmed", []) if code in CONFIRMED]
        return "\n".join(
            filter(None, [str(data.get("reason") or WITHDRAWN_BECAUSE.get(data.get("because"), "")), *confirmed])
        )
    names = [name for name in REMARKS if not (name == "reason" and event.kind.startswith("escalat"))]
    return "\n".join(dict.fromkeys(str(data[name]) for name in names if data.get(name)))


def actor_label(event: ComplaintEvent) -> str:
    """Who did it: a person's name, the customer, or the desk itself."""
    return event.actor.label if event.actor_id else str(event.get_actor_kind_display())


def names_in(events: Iterable[ComplaintEvent]) -> tuple[dict[int, str], dict[int, str]]:
    """(people, teams) by id, for all ids that the events mention; two queries."""
    people, teams = set(), set()
    for event in events:
        people |= {event.data.get("handler"), event.data.get("previous_handler")}
        teams |= {event.data.get("team"), event.data.get("previous_team")}
    return (
        {person.pk: person.label for person in Person.objects.filter(pk__in=people - {None})},
        {team.pk: team.label for team in Team.objects.filter(pk__in=teams - {None})},
    )
