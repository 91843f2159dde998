"""What we promised the customer, for their page: round by round, the newest first. Read-only.

What was done in a round that did not solve it is no success: it stands there without green. What was broken stays red.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.customer.page import CustomerPage
from followups.models import Promise
from followups.models.promise import PromiseKind
from followups.page import next_on_page
from followups.page.on_page import for_customer
from followups.promises import customer_words
from ui.wording import date_words

State = Promise.State
# What the customer sees of what was promised: not what another promise took the place of.
TOLD_STATES = (State.OPEN, State.BROKEN, State.KEPT)
# Open ones by what is due first; then what went wrong, and what went well.
ORDER = ("open", "broken", "kept", "was")
ICONS = {"open": "clock", "broken": "x-octagon-fill", "kept": "check-circle-fill", "was": "check-lg"}


@dataclass(frozen=True)
class Line:
    """One promise: its look (open, broken, kept; was: done, and it did not help), what, and what became of it."""

    look: str
    what: str
    words: str
    due_at: datetime

    @property
    def icon(self) -> str:
        return ICONS[self.look]


@dataclass(frozen=True)
class OfRound:
    """The promises of one round; `title` and `said` are empty where there is no other round."""

    is_over: bool
    title: str
    said: str
    lines: list[Line]


def of(page: CustomerPage, now: datetime) -> list[OfRound]:
    """The rounds with promises to the customer, the newest first. On a duplicate with the date of its original."""
    made = for_customer(page.complaint).promises
    followed = {promise.follows_id for promise in made}
    # Of one that broke again and again: the date that was told first, and what became of the last one.
    shown = [
        promise
        for promise in made
        if promise.state in TOLD_STATES and not (promise.times_broken and promise.pk in followed)
    ]
    if (promise := next_on_page.of_original(page)) is not None:
        promise.round = page.complaint.round
        shown.append(promise)
    unsolved = _unsolved(page)
    rounds = []
    for number in sorted({promise.round for promise in shown}, reverse=True):
        lines = [_line(promise, now, number in unsolved) for promise in shown if promise.round == number]
        lines.sort(key=lambda line: (ORDER.index(line.look), line.due_at))
        title, said = _heading(page, number, unsolved)
        rounds.append(OfRound(number < page.complaint.round, title, said, lines))
    return rounds


def _unsolved(page: CustomerPage) -> set[int]:
    """The rounds of which the customer said that they did not solve it."""
    ended = {ended.number for ended in page.rounds if ended.is_unsatisfied or ended.by_customer}
    now = page.feedback is not None and page.feedback.is_unsatisfied
    return ended | ({page.complaint.round} if now else set())


def _heading(page: CustomerPage, number: int, unsolved: set[int]) -> tuple[str, str]:
    if page.complaint.round == 1:
        return "", ""
    title = _("Round %(number)d") % {"number": number}
    if number in unsolved:
        return title, _("you told us: not solved")
    before = next((ended for ended in page.rounds if ended.number == number - 1), None)
    if before is None or number < page.complaint.round:
        return title, ""
    return title, _("since %(moment)s") % {"moment": date_words(before.ended_at, page.at, "long_day")}


def _line(promise: Promise, now: datetime, is_unsolved: bool) -> Line:
    look = "broken" if customer_words.is_broken(promise, now) else str(promise.state)
    words = customer_words.state_words(promise, now)
    if look == State.KEPT and is_unsolved:
        look = "was"
        if promise.kind == PromiseKind.RESOLUTION and promise.kept_at is not None:
            told = {"moment": date_words(promise.kept_at, now)}
            words = _("We told you %(moment)s, but it did not solve it") % told
    return Line(look, customer_words.what(promise), words, promise.due_at)
