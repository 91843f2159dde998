"""A copy of everything that is the customer's, on paper (PDF): what they wrote and were told, promised and offered.

Nothing of ours inside is on it: no note, nobody who is named, nothing of other complaints. In the active language.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language, gettext as _

from complaints.customer.page import CustomerPage
from complaints.models import Complaint, Representative
from followups.page import promises_by_round
from ui.paper.sheet import Sheet, Type
from ui.templatetags.desk import language_tag
from ui.wording import date_words

# A4, in millimetres.
WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 20.0
TITLE, HEADING = Type(18, bold=True), Type(13, bold=True)
TEXT, SMALL = Type(10.5), Type(9, ink=(90, 90, 90))
# More letters than this take longer to set than somebody waits; the newest are kept, and it is said.
MOST_LETTERS = 40_000


@dataclass
class Part:
    """A heading and what stands below it: each a line of small print ("" for none), and its text."""

    heading: str
    entries: list[tuple[str, str]] = field(default_factory=list)


def of(page: CustomerPage, now: datetime) -> bytes:
    """The PDF of a page that was built for the customer themselves (not for a representative)."""
    complaint = page.complaint
    title = _("Everything that is yours in %(reference)s") % {"reference": complaint.reference}
    sheet = Sheet(title=title, language=language_tag(get_language() or "en"), made_at=now)
    writer = _Writer(sheet, complaint.reference)
    writer.put(title, TITLE)
    writer.put(_("Made on %(moment)s") % {"moment": date_words(now, now, "long")}, SMALL, after=6)
    for part in parts(page, now):
        if part.entries:
            writer.part(part)
    return sheet.finished()


def parts(page: CustomerPage, now: datetime) -> list[Part]:
    """What is in it, in order; parts without entries as well."""
    return [
        Part(_("Your name and how we reach you"), list(_reached(page.complaint))),
        Part(_("What you told us"), [("", page.narrative)] if page.narrative else []),
        Part(_("Messages between you and us"), _messages(page, now)),
        Part(_("What we promised you"), list(_promises(page, now))),
        Part(_("Solutions, and what you said of the result"), list(_solutions(page, now))),
        Part(_("Your files"), list(_files(page.complaint, now))),
        Part(_("Who else may ask, or might"), list(_others(page.complaint, now))),
    ]


def _reached(complaint: Complaint) -> Iterator[tuple[str, str]]:
    customer = complaint.customer
    if customer is not None:
        known = {
            _("Name"): customer.name,
            _("Phone"): customer.phone,
            _("E-mail"): customer.email,
            _("Postal address"): customer.postal_address,
            _("When to call"): customer.call_hours,
        }
        yield from ((label, text) for label, text in known.items() if text)
    yield _("Language"), complaint.get_language_display()
    if complaint.wishes_no_contact:
        yield "", _("You do not want to be contacted.")


def _messages(page: CustomerPage, now: datetime) -> list[tuple[str, str]]:
    """The newest ones that there is room for, the oldest first; what is left out is said."""
    kept: list[tuple[str, str]] = []
    letters = 0
    for entry in reversed(page.entries):
        letters += len(entry.body)
        if letters > MOST_LETTERS:
            left = len(page.entries) - len(kept)
            kept.append(("", _("%(number)d older messages are only on your page.") % {"number": left}))
            break
        names = [row.label for row in entry.files]
        words = [entry.about, entry.body, *names, entry.way]
        about = _("%(who)s, %(moment)s") % {"who": entry.by, "moment": date_words(entry.at, now, "long")}
        kept.append((about, "\n".join(word for word in words if word)))
    return kept[::-1]


def _promises(page: CustomerPage, now: datetime) -> Iterator[tuple[str, str]]:
    for of_round in promises_by_round.of(page, now):
        for line in of_round.lines:
            yield of_round.title, f"{line.what}\n{line.words}"


def _solutions(page: CustomerPage, now: datetime) -> Iterator[tuple[str, str]]:
    for option in page.complaint.options.all():
        if option.chosen_at:
            chosen = _("You chose this on %(moment)s") % {"moment": date_words(option.chosen_at, now, "long")}
            yield chosen, option.words
        elif option.may_be_shown:
            yield _("Offered to you"), option.words
    for answer in page.complaint.feedback.all():
        said = [_("Yes, it is solved") if answer.solved else _("No, it is still a problem")]
        if answer.solved is None:
            said = []
        if answer.rating:
            said.append(_("Satisfied: %(rating)s of 5") % {"rating": answer.rating})
        yield date_words(answer.at, now, "long"), "\n".join([*said, answer.words]).strip()


def _files(complaint: Complaint, now: datetime) -> Iterator[tuple[str, str]]:
    for row in complaint.evidence.all():
        yield date_words(row.at, now, "long"), row.label


def _others(complaint: Complaint, now: datetime) -> Iterator[tuple[str, str]]:
    """Those whose link was taken back as well; one query."""
    for one in Representative.objects.filter(complaint=complaint):
        days = [date_words(moment, now, "long") for moment in (one.added_at, one.ended_at) if moment is not None]
        said = {"name": one.name, "relation": one.get_relation_display(), "may": one.get_may_display()}
        yield " – ".join(days), _("%(name)s (%(relation)s, %(may)s)") % said + "\n" + one.consent


class _Writer:
    """Puts text below text, on as many pages as it needs, each with the reference and its number."""

    def __init__(self, sheet: Sheet, reference: str):
        self.sheet, self.reference, self.number, self.y = sheet, reference, 0, HEIGHT

    def part(self, part: Part) -> None:
        self._need(HEADING.line + 2 * TEXT.line)
        self.put(part.heading, HEADING, after=1.5)
        for about, text in part.entries:
            # What belongs together begins on one page.
            self._need((SMALL.line if about else 0) + 2 * TEXT.line)
            if about:
                self.put(about, SMALL)
            self.put(text, TEXT, after=3)
        self.y += 4

    def put(self, text: str, kind: Type, *, after: float = 0) -> None:
        width = WIDTH - 2 * MARGIN
        for line in self.sheet.lines(text, width, kind):
            self._need(kind.line)
            self.y = self.sheet.draw([line], MARGIN, self.y, width, kind)
        self.y += after

    def _need(self, height: float) -> None:
        if self.y + height <= HEIGHT - MARGIN:
            return
        self.number += 1
        self.sheet.page(WIDTH, HEIGHT)
        foot = f"{self.reference} · {self.number}"
        self.sheet.text(foot, MARGIN, HEIGHT - MARGIN + 5, WIDTH - 2 * MARGIN, SMALL, align="right")
        self.y = MARGIN
