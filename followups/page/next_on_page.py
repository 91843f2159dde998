"""The box on the customer's page: whose turn it is, by when, and what happens otherwise. Read-only."""

from datetime import datetime

from django.utils.translation import gettext as _, pgettext

from accounts.attached import Attached
from complaints.customer.page import CustomerPage, Turn
from followups.models import Promise
from followups.models.promise import PromiseKind
from followups.page.on_page import for_customer, result_promise
from followups.promises import customer_words
from followups.promises.dates_told import NOTICEABLE
from ui.wording import relative_words

State = Promise.State


def of(page: CustomerPage, now: datetime) -> dict:
    """What the box shows: `title`; `when`, a moment ahead in words, or what comes; `words` below it."""
    box = _box(page, now)
    if not box:
        return {}
    first, *more = [box["when"], *box["lines"]] if box["when"] else box["lines"]
    words = more[0] if more else ""
    for sentence in more[1:]:
        said = {"text": words, "sentence": sentence}
        words = pgettext("two sentences in a row", "%(text)s %(sentence)s") % said
    return {"title": box["title"], "when": first, "words": words}


def _box(page: CustomerPage, now: datetime) -> dict:
    if page.complaint.is_archived and not page.next_words:
        return {}
    promise = _next_promise(page)
    ahead = promise is not None and not customer_words.is_broken(promise, now)
    if page.turn:
        return _your_turn(page, promise if ahead else None, now)
    box = {"title": _("What happens next"), "when": "", "lines": [page.next_words]}
    if promise is None:
        return box if page.next_words else {}
    does_it = customer_words.who_does_it(promise, page.looked_after)
    if not ahead:
        return box | {"lines": [str(customer_words.LATE), does_it]}
    lines = [does_it, customer_words.how_far(promise.due_at, now)]
    return box | {"when": customer_words.by_when(promise.due_at, now), "lines": lines}


# What of_original() found for a page.
OF_ORIGINAL = Attached[Promise | None]("_of_original")


def of_original(page: CustomerPage) -> Promise | None:
    """When the result of the original is promised, for the customer of its duplicate until it is told; unsaved.

    A date and no words: those were written to somebody else.
    """
    together = page.together
    if together is None or together.is_own or together.is_told or together.original.is_archived:
        return None
    if OF_ORIGINAL.is_on(page):
        return OF_ORIGINAL.of(page)
    promise = result_promise(together.original)
    if promise is not None:
        promise.words = promise.moved_reason = ""
        promise.moves = 0
    return OF_ORIGINAL.set(page, promise)


def _next_promise(page: CustomerPage) -> Promise | None:
    """The open promise to the customer that is due first; where none is open, the last one that broke."""
    complaint = page.complaint
    if page.turn == Turn.ANSWER:
        return None
    made = for_customer(complaint).promises
    owed = [promise for promise in made if promise.round == complaint.round and promise.paused_since is None]
    open_ones = [promise for promise in owed if promise.state == State.OPEN]
    broken = [promise for promise in owed if promise.state == State.BROKEN and promise.kept_at is None]
    if complaint.is_archived:
        # What broke before it was closed counts no more; what is open was promised since.
        broken = []
    if open_ones:
        return min(open_ones, key=lambda promise: promise.due_at)
    return max(broken, key=lambda promise: promise.due_at, default=None) or of_original(page)


def _your_turn(page: CustomerPage, promise: Promise | None, now: datetime) -> dict:
    """What is asked of the customer, until when where that ends, and what happens if we do not hear from them."""
    until = min((option.expires_at for option in page.options if option.expires_at), default=None)
    lines = [page.next_words]
    if promise is not None:
        lines.append(_otherwise(page, promise, now))
    when = ""
    if page.turn == Turn.CHOOSE and until is not None:
        left = {"moment": customer_words.until(until, now), "left": relative_words(until, now)}
        when = _("%(moment)s (%(left)s)") % left
        many = any(option.expires_at is None or option.expires_at - until >= NOTICEABLE for option in page.options)
        over = _("After that not every offer stands any more.") if many else _("After that the offer ends.")
        lines.insert(1, over)
    return {
        "title": _("You have until") if when else _("It is your turn"),
        "when": when,
        "lines": lines,
    }


def _otherwise(page: CustomerPage, promise: Promise, now: datetime) -> str:
    said = {"who": page.who, "when": customer_words.until(promise.due_at, now)}
    if promise.kind == PromiseKind.CALLBACK:
        return _("If we do not hear from you, we call you and ask, by %(when)s.") % said
    if promise.kind == PromiseKind.RESOLUTION:
        return _("If we do not hear from you, %(who)s tells you by %(when)s how it goes on.") % said
    return _("If we do not hear from you, %(who)s gets in touch with you by %(when)s.") % said
