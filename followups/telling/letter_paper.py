"""Letters on A4: letterhead, a window envelope's address, the words, the link as a QR code; folded at 105 and 210 mm.

The window is that of a DL envelope (20 mm from the left, 45 mm from the top, 85 by 45 mm). A Chinese letter has the
postcode first and the name last with 收, its paragraphs begin two characters in, and it ends with 此致 and 敬礼.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _, override, pgettext

from accounts.models import Team
from complaints.customer import links
from complaints.models import Complaint, Customer
from followups.notices.closing_told import phone_of
from followups.notices.mail_values import salutation
from followups.telling import letters
from followups.telling.letters import Letter
from ui.paper.sheet import MM_PER_POINT, Sheet, Type
from ui.wording import date_words

WIDTH, HEIGHT = 210, 297
LEFT, RIGHT = 25, 20
INSIDE = WIDTH - LEFT - RIGHT
GREY, BLUE, RULE = (87, 84, 77), (53, 69, 165), (201, 197, 188)
# Where the words begin on the first page and on the others, and where they end above the foot.
FIRST, NEXT, END = 100.0, 30.0, 282.0
WINDOW_END = 88.0
# The QR code with its white, and the words beside it.
CODE, CODE_GAP = 31, 4
BODY, SMALL = Type(11, 1.5), Type(9, 1.45)
CHINESE_BODY = Type(11, 1.7)


@dataclass
class Part:
    """A paragraph of the letter: its lines as they are set, where they stand, and the space under them."""

    lines: list[str]
    kind: Type
    after: float = 3.2
    indent: float = 0
    from_left: float = 0
    align: str = "left"


def printed(many: Iterable[Letter], *, now: datetime) -> bytes:
    """The letters as one PDF, each beginning on a page of its own; `now` (aware) is the moment of the file."""
    many = list(many)
    languages = {letter.complaint.language for letter in many}
    title = many[0].complaint.reference if len(many) == 1 else _("Letters to print")
    sheet = Sheet(title=title, language="en" if languages == {"en"} else "zh-Hans", made_at=now)
    for letter in many:
        with override(letter.complaint.language), timezone.override(settings.TIME_ZONE):
            _draw(sheet, letter)
    return sheet.finished()


def _draw(sheet: Sheet, letter: Letter) -> None:
    complaint, chinese = letter.complaint, letter.complaint.language.startswith("zh")
    written_at = letter.prepared_at or timezone.now()
    parts = list(_parts(sheet, letter, written_at, chinese))
    aside = _beside_the_code(sheet, complaint)
    needed = max(CODE, sum(len(part.lines) * part.kind.line + part.after for part in aside)) + 6
    pages = _pages(parts, needed)
    for number, page in enumerate(pages):
        sheet.page(WIDTH, HEIGHT)
        if number == 0:
            _head(sheet, complaint)
            _address(sheet, complaint, chinese)
            _about(sheet, complaint, written_at)
        y = FIRST if number == 0 else NEXT
        for part in page:
            x, width = LEFT + part.from_left, INSIDE - part.from_left
            bottom = sheet.draw(part.lines, x, y, width, part.kind, align=part.align, indent=part.indent)
            y = bottom + part.after
        if number == len(pages) - 1:
            _code(sheet, complaint, aside, END - needed + 4)
        of_all = _("Page %(number)d of %(count)d") % {"number": number + 1, "count": len(pages)}
        foot = Type(8, ink=GREY)
        sheet.text(complaint.reference, LEFT, 285, INSIDE, foot)
        sheet.text(of_all, LEFT, 285, INSIDE, foot, align="right")


def _head(sheet: Sheet, complaint: Complaint) -> None:
    company = Team.objects.filter(pk=complaint.team.path_ids[0]).first() or complaint.team
    lines, kind = sheet.fitted(company.label, 80, Type(15, 1.25, bold=True, ink=BLUE), most=2, smallest=10)
    sheet.draw(lines, LEFT, 14, 80, kind)
    phone, hours = phone_of(complaint.team)
    sender = [complaint.team.label if complaint.team != company else "", complaint.team.address_label]
    if phone:
        when = {"phone": phone, "hours": hours}
        sender.append(_("Phone %(phone)s, %(hours)s") % when if hours else _("Phone %(phone)s") % when)
    kind, y = Type(8.5, 1.45, ink=GREY), 14.0
    for words in filter(None, sender):
        lines, smaller = sheet.fitted(words, 78, kind, most=2, smallest=6.5)
        y = sheet.draw(lines, WIDTH - RIGHT - 78, y, 78, smaller, align="right")
    for at, length in ((105, 5), (210, 5), (148.5, 3)):
        sheet.box(5, at, length, 0.2, RULE)


def _address(sheet: Sheet, complaint: Complaint, chinese: bool) -> None:
    """What the window of the envelope shows: who sends it, in small type, and to whom it goes."""
    customer = complaint.customer or Customer()
    company = Team.objects.filter(pk=complaint.team.path_ids[0]).first() or complaint.team
    sender = pgettext("list", ", ").join(filter(None, [company.label, complaint.team.address_label]))
    lines, kind = sheet.fitted(sender, 76, Type(7, 1.2, ink=GREY), most=2, smallest=5.5)
    y = sheet.draw(lines, LEFT, 48, 76, kind) + 0.6
    sheet.box(LEFT, y, 76, 0.2, RULE)
    room, y = Type(11, 1.35), y + 2
    name, bold = _name(customer, chinese), Type(11, 1.35, bold=True)
    named = sheet.fitted(name, 76, bold, most=2, smallest=6, height=WINDOW_END - y - 20)
    postcode, rest = _postcode(customer.postal_address) if chinese else ("", customer.postal_address)
    left = WINDOW_END - y - len(named[0]) * named[1].line - (room.line if postcode else 0)
    placed = sheet.fitted(rest, 76, room, most=9, smallest=5, height=left)
    for lines, kind in [([postcode], room), placed, named] if chinese else [named, placed]:
        if lines != [""]:
            y = sheet.draw(lines, LEFT, y, 76, kind)


def _about(sheet: Sheet, complaint: Complaint, written_at: datetime) -> None:
    """The reference, the day, and who looks after it, beside the window."""
    y, label, value = 50.0, Type(9.5, 1.5, ink=GREY), Type(9.5, 1.5)
    rows = {
        _("Reference"): complaint.reference,
        _("Date"): _day(written_at),
        _("Who looks after it"): (complaint.handler or complaint.team).label,
    }
    for name, words in rows.items():
        sheet.text(name, 125, y, 32, label)
        lines, kind = sheet.fitted(words, 33, value, most=3, smallest=7)
        y = max(sheet.draw(lines, 157, y, 33, kind), y + label.line)


def _parts(sheet: Sheet, letter: Letter, written_at: datetime, chinese: bool) -> Iterator[Part]:
    """The words from the heading to the signature."""
    complaint, body = letter.complaint, CHINESE_BODY if chinese else BODY
    two_characters = 2 * body.size * MM_PER_POINT if chinese else 0
    heading = Type(13, 1.4, bold=True)
    yield Part(sheet.lines(letters.heading(letter), INSIDE, heading), heading, after=5)
    yield Part(sheet.lines(salutation(complaint.customer), INSIDE, body), body)
    for paragraph in letters.paragraphs(letter.notices):
        written = paragraph.split("\n")
        for number, line in enumerate(written, 1):
            is_item = line.startswith("- ")
            goes_on = number < len(written) and written[number].startswith("- ")
            indent, from_left = (0, 4) if is_item else (two_characters, 0)
            lines = sheet.lines(f"· {line[2:]}" if is_item else line, INSIDE - from_left, body, indent=indent)
            yield Part(lines, body, after=1 if is_item and goes_on else 3.2, indent=indent, from_left=from_left)
    who, team = (complaint.handler or complaint.team).label, complaint.team.label
    signed = who if who == team else pgettext("signature", "%(who)s, %(team)s") % {"who": who, "team": team}
    if not chinese:
        yield Part(sheet.lines(_("Yours sincerely,"), INSIDE, body), body, after=7)
        yield Part(sheet.lines(signed, INSIDE, body), body)
        return
    yield Part(sheet.lines("此致", INSIDE - two_characters, body), body, after=0, from_left=two_characters)
    yield Part(sheet.lines("敬礼！", INSIDE, body), body, after=6)
    yield Part(sheet.lines(signed, INSIDE, body), body, after=0, align="right")
    yield Part(sheet.lines(_day(written_at), INSIDE, SMALL), SMALL, align="right")


def _pages(parts: list[Part], for_code: float) -> list[list[Part]]:
    """The parts page by page; a part that does not fit is cut between lines. The code stands on the last page."""
    pages: list[list[Part]] = [[]]
    y = FIRST
    for part in parts:
        while part.lines:
            fits = int((END - y) / part.kind.line + 1e-6)
            if fits <= 0:
                pages.append([])
                y = NEXT
                continue
            now, later = part.lines[:fits], part.lines[fits:]
            pages[-1].append(Part(now, part.kind, part.after, part.indent, part.from_left, part.align))
            y += len(now) * part.kind.line + part.after
            part = Part(later, part.kind, part.after, 0, part.from_left, part.align)
    if y > END - for_code:
        pages.append([])
    return pages


def _beside_the_code(sheet: Sheet, complaint: Complaint) -> list[Part]:
    phone, _hours = phone_of(complaint.team)
    width, strong = INSIDE - CODE - CODE_GAP, Type(9, 1.45, bold=True)
    words = [
        _(
            "Scan it, or ask somebody whom you trust to do it with you. Whoever has this code can read your case and "
            "answer for you: keep it safe."
        ),
        _("No phone? Write to the address above and give the reference.")
        if not phone
        else _("No phone? Write to the address above, or ask somebody to call %(phone)s, and give the reference.")
        % {"phone": phone},
    ]
    heading = Part(sheet.lines(_("Follow it on a phone"), width, strong), strong, after=0.5)
    return [heading, *(Part(sheet.lines(text, width, SMALL), SMALL, after=0.5) for text in words)]


def _code(sheet: Sheet, complaint: Complaint, aside: list[Part], y: float) -> None:
    sheet.box(LEFT, y - 2, INSIDE, 0.2, RULE)
    # Its white reaches over the margin, so that the code itself stands on the edge of the text.
    sheet.qr(links.public_url(complaint), LEFT - 2, y, CODE)
    for part in aside:
        x, width = LEFT + CODE + CODE_GAP, INSIDE - CODE - CODE_GAP
        y = sheet.draw(part.lines, x, y + (1 if part is aside[0] else 0), width, part.kind) + part.after


def _name(customer: Customer, chinese: bool) -> str:
    """Who gets the letter, as on an envelope."""
    if not customer.name:
        return _("The addressee")
    titled: dict[str, str] = {
        Customer.Title.MR: _("Mr %(name)s"),
        Customer.Title.MS: _("Ms %(name)s"),
    }
    words = titled.get(customer.title, "%(name)s") % {"name": customer.name}
    return f"{words} 收" if chinese else words


def _postcode(address: str) -> tuple[str, str]:
    """The Chinese postcode (six digits) that an address begins or ends with, and the rest; "" where there is none."""
    found = re.match(r"(\d{6})(?!\d)[\s,，]*(.+)", address) or re.search(r"^(.+?)[\s,，]*(?<!\d)(\d{6})$", address)
    if found is None:
        return "", address
    one, other = found.groups()
    return (one, other) if one.isdigit() and len(one) == 6 else (other, one)


def _day(moment: datetime) -> str:
    """The date of a letter, always with its year: it is kept."""
    local = timezone.localtime(moment)
    return date_words(local, local.replace(year=local.year - 1, day=1), "brief_day")
