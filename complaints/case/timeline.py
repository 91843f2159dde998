"""The history in words: each event as a sentence in the active language.

Events keep ids and keys; names and labels are looked up here, so that the past reads right in both languages.
"""

from collections.abc import Callable, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _, gettext_lazy, ngettext

from accounts.models import Person, Team
from complaints.case import facts_words
from complaints.case.event_kinds import EventKind
from complaints.case.narrated import NarratedEvent
from complaints.choices import Channel, Outcome, Severity
from complaints.models import Appeal, ComplaintEvent
from complaints.models.representative import RELATIONS
from ui.money import money_in_words

# What somebody wrote about it, by the names under which verbs keep it.
REMARKS = ("reason", "exception", "override_reason", "note", "tried", "signed_note", "words")


# What is said of a kind of event: a sentence, or what makes one.
Sentence = Callable[[NarratedEvent], str] | str | Promise
# By the kind as it is stored, which may be one of an older version.
_sentences: dict[str, Sentence] = {}
_remarks: dict[str, Callable[[ComplaintEvent], str]] = {}


def register_sentences(
    sentences: Mapping[EventKind, Sentence], remarks: Mapping[EventKind, Callable[[ComplaintEvent], str]] | None = None
) -> None:
    """Let each kind of event be told so, and what somebody wrote about it where it is not found by its name.

    Rooms above tell what they record themselves; called once at start-up.
    """
    for kind, said in sentences.items():
        _sentences[kind] = said
    for kind, remarked in (remarks or {}).items():
        _remarks[kind] = remarked


def unspoken() -> list[EventKind]:
    """The kinds of events that nobody gave a sentence."""
    return [kind for kind in EventKind if kind not in _sentences]


def _logged(narrated: NarratedEvent) -> str:
    return _("Logged, channel: %(channel)s") % {"channel": narrated.choice("channel", Channel)}


def _handed(narrated: NarratedEvent) -> str:
    """Assigned or reassigned: to a person, else to a team's queue, else without names that are not known."""
    again = narrated.event.kind == EventKind.REASSIGNED
    if narrated.person("handler"):
        words = _("Reassigned to %(person)s") if again else _("Assigned to %(person)s")
        return words % {"person": narrated.person("handler")}
    if narrated.team("team") and narrated.get("handler") is None:
        words = _("Reassigned to the queue of %(team)s") if again else _("Assigned to the queue of %(team)s")
        return words % {"team": narrated.team("team")}
    return _("Reassigned") if again else _("Assigned")


def _resolved(narrated: NarratedEvent) -> str:
    return _("Resolved, and the customer told") if narrated.get("told_how") else _("Resolved")


def _feedback(narrated: NarratedEvent) -> str:
    if narrated.get("satisfied"):
        words = _("The customer is satisfied")
    elif narrated.get("unsatisfied"):
        words = _("The customer is not satisfied")
    else:
        return _("Went on without an answer of the customer")
    rating = narrated.get("rating")
    return _("%(words)s (%(rating)d of 5)") % {"words": words, "rating": rating} if rating else words


def _reworked(narrated: NarratedEvent) -> str:
    return _("Work begins again, round %(round)d") % {"round": narrated.get("round") or 2}


def _closed_early(narrated: NarratedEvent) -> str:
    if narrated.get("original"):
        return _("Closed early: duplicate of %(reference)s") % {"reference": narrated.get("original")}
    return _("Closed early: %(outcome)s") % {"outcome": narrated.choice("outcome", Outcome)}


def _evidence(narrated: NarratedEvent) -> str:
    count = narrated.get("count") or 1
    return ngettext("%(count)d file added", "%(count)d files added", count) % {"count": count}


def _evidence_sent(narrated: NarratedEvent) -> str:
    count = narrated.get("count") or 1
    return ngettext("%(count)d file sent to the customer", "%(count)d files sent to the customer", count) % {
        "count": count
    }


def _severity(narrated: NarratedEvent) -> str:
    words = {"old": narrated.choice("from", Severity), "new": narrated.choice("to", Severity)}
    return _("Severity changed from %(old)s to %(new)s") % words


def _category(narrated: NarratedEvent) -> str:
    """The new category by the name it had then."""
    chinese = (get_language() or "").startswith("zh")
    name = (narrated.get("name_zh") if chinese else "") or narrated.get("name") or "–"
    return _("Category changed to %(category)s") % {"category": name}


def _option(sentence: Promise) -> Callable[[NarratedEvent], str]:
    def say(narrated: NarratedEvent) -> str:
        return str(sentence) % {
            "option": narrated.get("words") or "–",
            "amount": money_in_words(narrated.get("amount")),
        }

    return say


def _handler_left(narrated: NarratedEvent) -> str:
    """Back into the queue, because whoever had it cannot handle it any more."""
    words = {"person": narrated.person("previous_handler") or "–", "team": narrated.team("team") or "–"}
    if narrated.get("because") == "named":
        return _("Back in the queue of %(team)s: %(person)s is named in it") % words
    return _("Back in the queue of %(team)s: %(person)s does not work there any more") % words


def _team_closed(narrated: NarratedEvent) -> str:
    """To the team above, because the one that had it is closed."""
    words = {"closed": narrated.team("previous_team") or "–", "team": narrated.team("team") or "–"}
    return _("%(closed)s is closed; it is with %(team)s now") % words


def _representative(sentence: Promise) -> Callable[[NarratedEvent], str]:
    def say(narrated: NarratedEvent) -> str:
        relation = dict(RELATIONS).get(narrated.get("relation"), "")
        return str(sentence) % {"name": narrated.get("name") or "–", "relation": relation}

    return say


def _link_asked(narrated: NarratedEvent) -> str:
    if narrated.get("renewed"):
        return _("Somebody who knows the number asked for the link: a new one goes to the customer")
    return _("Somebody who knows the number asked for the link: it goes to the customer once more")


def _appeal_made(narrated: NarratedEvent) -> str:
    return _("Appeal of the result, by: %(channel)s") % {"channel": narrated.choice("channel", Channel)}


def _appeal_review_began(narrated: NarratedEvent) -> str:
    return _("%(person)s reviews the appeal") % {"person": narrated.person("reviewer") or "–"}


def _appeal_given_back(narrated: NarratedEvent) -> str:
    words = _("The appeal waits for a reviewer again: %(person)s cannot decide it any more")
    return words % {"person": narrated.person("reviewer") or "–"}


def _appeal_decided(narrated: NarratedEvent) -> str:
    return _("Appeal decided: %(state)s") % {"state": narrated.choice("state", Appeal.State)}


# What somebody was asked about a promise before it was saved, and confirmed.
CONFIRMED = {
    "record": gettext_lazy("Confirmed, although the team usually takes longer."),
    "hours": gettext_lazy("Confirmed, although it falls outside working hours."),
    "authority": gettext_lazy("Confirmed by a supervisor, although it is sooner than the organisation promises."),
}
SENTENCES: dict[EventKind, Sentence] = {
    EventKind.LOGGED: _logged,
    EventKind.IMPORTED: gettext_lazy("Imported"),
    EventKind.VERIFICATION_SAVED: gettext_lazy("Verification: progress saved"),
    EventKind.RESTATEMENT_CONFIRMED: gettext_lazy("Our words confirmed on the link"),
    EventKind.VERIFIED: gettext_lazy("Verified"),
    EventKind.ASSIGNED: _handed,
    EventKind.TAKEN: gettext_lazy("Taken out of the queue"),
    EventKind.REASSIGNED: _handed,
    EventKind.RESULT_SAVED: gettext_lazy("Result: progress saved"),
    EventKind.RESOLVED: _resolved,
    EventKind.FEEDBACK_RECORDED: _feedback,
    EventKind.REWORKED: _reworked,
    EventKind.ARCHIVED: gettext_lazy("Archived"),
    EventKind.CLOSED_EARLY: _closed_early,
    EventKind.INVALID_PROPOSED: gettext_lazy("Proposed: not a complaint"),
    EventKind.INVALID_PROPOSAL_ENDED: gettext_lazy("Nobody agreed that it is not a complaint: the proposal ended"),
    EventKind.REOPENED: gettext_lazy("Opened again"),
    EventKind.APPEAL_MADE: _appeal_made,
    EventKind.APPEAL_REVIEW_BEGAN: _appeal_review_began,
    EventKind.APPEAL_GIVEN_BACK: _appeal_given_back,
    EventKind.APPEAL_DECIDED: _appeal_decided,
    EventKind.MESSAGE_SENT: gettext_lazy("Message to the customer"),
    EventKind.NOTE_ADDED: gettext_lazy("Internal note"),
    EventKind.CUSTOMER_REPLIED: gettext_lazy("Message from the customer"),
    EventKind.WAITING_BEGAN: gettext_lazy("Waiting for the customer"),
    EventKind.WAITING_ENDED: gettext_lazy("Not waiting for the customer any more"),
    EventKind.EVIDENCE_ADDED: _evidence,
    EventKind.EVIDENCE_SENT: _evidence_sent,
    EventKind.OPTION_OFFERED: _option(gettext_lazy("Solution offered: %(option)s")),
    EventKind.OPTION_APPROVED: _option(gettext_lazy("Solution approved, worth %(amount)s")),
    EventKind.OPTION_DECLINED: _option(gettext_lazy("Solution declined, worth %(amount)s")),
    EventKind.OPTION_CHOSEN: _option(gettext_lazy("Solution chosen by the customer: %(option)s")),
    EventKind.OPTION_WITHDRAWN: gettext_lazy("Solution withdrawn"),
    EventKind.OPTION_ENDED: _option(gettext_lazy("Offer ended, nobody chose it: %(option)s")),
    EventKind.OPTIONS_REFUSED: gettext_lazy("The customer wants none of the solutions offered, and says why"),
    EventKind.SEVERITY_CHANGED: _severity,
    EventKind.CATEGORY_CHANGED: _category,
    EventKind.HANDLER_LEFT: _handler_left,
    EventKind.TEAM_CLOSED: _team_closed,
    EventKind.FACTS_CORRECTED: lambda narrated: facts_words.sentence(narrated.event.data),
    EventKind.REPRESENTATIVE_ADDED: _representative(gettext_lazy("%(name)s may ask about it as well (%(relation)s)")),
    EventKind.REPRESENTATIVE_ENDED: _representative(gettext_lazy("%(name)s may not ask about it any more")),
    EventKind.SUPERVISOR_ASKED: gettext_lazy("The customer asks for a supervisor"),
    EventKind.LINK_ASKED: _link_asked,
    EventKind.LINK_ISSUED: gettext_lazy("A new link for the customer; the old one does not work any more"),
    EventKind.UNTOLD: gettext_lazy("The result did not arrive: the customer has still to be told"),
}


def sentence(narrated: NarratedEvent) -> str:
    """What happened, in the active language. A kind of an older version is still readable."""
    teller = _sentences.get(narrated.event.kind)
    if teller is None:
        return narrated.event.kind.replace("_", " ").capitalize()
    return teller(narrated) if callable(teller) else str(teller)


def remark(event: ComplaintEvent) -> str:
    """What somebody wrote about it: the reason, the note; "" where there is nothing, or the sentence says it."""
    teller = _remarks.get(event.kind)
    if teller is not None:
        return teller(event)
    return in_lines(event.data.get(name) for name in REMARKS)


def in_lines(texts: Iterable[object]) -> str:
    """Each text once, on a line of its own; empty ones are left out."""
    return "\n".join(dict.fromkeys(str(text) for text in texts if text))


def confirmed(event: ComplaintEvent) -> list[str]:
    """What was asked about a promise or an offer before it was saved, and confirmed."""
    return [str(CONFIRMED[code]) for code in event.data.get("confirmed", []) if code in CONFIRMED]


def _of_an_offer(event: ComplaintEvent) -> str:
    return in_lines([event.data.get("reason"), *confirmed(event)])


REMARKS_OF = dict.fromkeys((EventKind.OPTION_OFFERED, EventKind.OPTION_CHOSEN, EventKind.OPTION_ENDED), _of_an_offer)


def actor_label(event: ComplaintEvent) -> str:
    """Who did it: a person's name, the customer, or the desk itself."""
    label = event.actor.label if event.actor else str(event.get_actor_kind_display())
    if "represented_by" in event.data:
        return _("%(who)s, by %(representative)s") % {"who": label, "representative": event.data["represented_by"]}
    return label


def names_in(events: Iterable[ComplaintEvent]) -> tuple[dict[int, str], dict[int, str]]:
    """(people, teams) by id, for all ids that the events mention; two queries."""
    people, teams = set(), set()
    for event in events:
        people |= {event.data.get("handler"), event.data.get("previous_handler")}
        people |= {event.data.get("to") if event.kind == EventKind.NOTICE_DROPPED else event.data.get("verifier")}
        people |= {event.data.get("reviewer")} | facts_words.people_in(event.data)
        teams |= {event.data.get("team"), event.data.get("previous_team")}
    return (
        {person.pk: person.label for person in Person.objects.filter(pk__in=people - {None})},
        {team.pk: team.label for team in Team.objects.filter(pk__in=teams - {None})},
    )
