"""What a row of a list shows, ready to print.

Fifty rows of a template each take longer than everything else on the page, so a row is put together here, by the
same functions that are tags elsewhere. The plain way is the template complaints/queue/_row.html, which
PLAIN_FETCH=true takes; a test holds both against each other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from complaints.choices import Kind, Severity, Status
from complaints.models import Complaint
from complaints.queue.filter_choices import FilterChoices
from complaints.search.find import has_hit, pieces
from complaints.search.tokens import Query
from complaints.templatetags.stages import kind_tag, severity, stage
from ui import wording
from ui.html import render_pattern
from ui.templatetags.desk import PROMISE_ICONS, absolute, avatar, icon, promise_chip

LONGEST_SUBJECT = 200
ANY_REFERENCE = "C-0"
# The roles are said because a phone shows the list as cards, which to a browser is no table any more.
ROW = (
    '<tr class="case-row" role="row">{tick}'
    '<td class="q-ref" role="cell"><span class="num" id="ref-{pk}">{reference}</span>'
    '<span class="second">{customer}</span></td>'
    '<td class="q-subject" role="cell"><a id="case-{pk}" href="{url}">{subject}</a>{snippet}'
    '<span class="second">{where}</span></td>'
    '<td class="q-stage" role="cell">{stage}</td>'
    '<td class="q-sev" role="cell">{severity}</td>'
    '<td class="q-due" role="cell">{due}</td>'
    '<td class="q-who" role="cell"><span>{handler}</span></td></tr>'
)
TICK = (
    '<td class="q-check" role="cell"><label class="q-tick"><input class="form-check-input" type="checkbox"'
    ' id="row-{pk}" name="row" value="{pk}" form="bulk-form" aria-labelledby="ref-{pk} case-{pk}"></label></td>'
)
# An open promise and its moment as the tags promise_chip and clock write them, but each word is looked up once.
DUE = (
    '<span class="promise promise--{look}">{icon}<time datetime="{iso}" title="{moment}">{words}</time></span>'
    '<span class="second"><time datetime="{iso}">{clock}</time></span>'
)
HIT, PLAIN = "<mark>{text}</mark>", "{text}"


class Rows:
    """Puts rows together for one page: `now` is its moment, `labels` name teams and categories.

    With a `query` its hits are marked, and a part of the text that holds one is shown: of the complaint, or of
    the message that `said` holds for its id. `ticked` gives each row a box to tick.
    """

    def __init__(
        self,
        now: datetime,
        labels: FilterChoices,
        query: Query | None = None,
        said: Mapping[int, str] | None = None,
        *,
        ticked: bool = False,
    ):
        # Converted once: each row asks for it a dozen times, and what is local already costs nothing.
        self.now = timezone.localtime(now)
        self.context = {"now": self.now}
        self.path = reverse("complaints:case", args=[ANY_REFERENCE])
        self.teams, self.categories = dict(labels.teams), dict(labels.categories)
        self.query, self.said = query, said or {}
        self.tick = TICK if ticked else ""
        self.icons = {look: icon(PROMISE_ICONS[look]) for look in ("open", "soon", "broken")}
        self.stages = {status: stage(status) for status in Status.values}
        self.kinds: dict[str, SafeString] = {kind: kind_tag(kind) for kind in Kind if kind != Kind.COMPLAINT}
        self.severities = {key: severity(key) for key in ("", *Severity.values)}
        # A page shows the same few people again and again.
        self.handlers: dict[int | None, SafeString] = {}

    def of(self, complaints: Iterable[Complaint]) -> SafeString:
        """The rows of complaints that come from worklists.rows_of(), as HTML."""
        if settings.PLAIN_FETCH:
            return SafeString("\n".join(self.plain(complaint) for complaint in complaints))
        return SafeString("\n".join(render_pattern(ROW, **self.parts(complaint)) for complaint in complaints))

    def parts(self, complaint: Complaint) -> dict[str, object]:
        """What stands in the row of one complaint, by its name in ROW; a text that is no HTML is plain."""
        name = complaint.customer.label if complaint.customer else _("No name given")
        return {
            "tick": render_pattern(self.tick, pk=complaint.pk) if self.tick else "",
            "pk": complaint.pk,
            "reference": complaint.reference,
            "url": self.path.replace(ANY_REFERENCE, complaint.reference),
            "customer": self.marked(name, LONGEST_SUBJECT),
            "subject": self.marked(complaint.subject, LONGEST_SUBJECT),
            "where": self.where(complaint),
            "snippet": self.snippet(complaint),
            "stage": self.stages[complaint.status],
            "severity": self.severities[complaint.severity],
            "due": self.due(complaint),
            "handler": self.handler(complaint),
        }

    def plain(self, complaint: Complaint) -> str:
        """The row by its template."""
        customer = complaint.customer.label if complaint.customer else _("No name given")
        shown = {
            **self.context,
            "complaint": complaint,
            "ticked": bool(self.tick),
            "customer": self.marked(customer, LONGEST_SUBJECT),
            "subject": self.marked(complaint.subject, LONGEST_SUBJECT),
            "snippet": self.snippet(complaint),
            "where": self.where_words(complaint),
            "closed": self.closed(complaint.closed_at) if complaint.closed_at else "",
        }
        return render_to_string("complaints/queue/_row.html", shown)

    def where_words(self, complaint: Complaint) -> str:
        """Where it happened, else who works on it; and what it is about."""
        team = self.teams.get(str(complaint.site_id or complaint.team_id), "")
        category = self.categories.get(str(complaint.category_id), "")
        return f"{team} · {category}" if category else team

    def where(self, complaint: Complaint) -> str:
        """The same behind its kind, if it is no complaint."""
        words = self.where_words(complaint)
        if complaint.kind in self.kinds:
            return render_pattern("{kind}{words}", kind=self.kinds[complaint.kind], words=words)
        return words

    def due(self, complaint: Complaint) -> str:
        """The next promise with its moment; of an archived case when it was closed, unless a second look is owed."""
        if complaint.is_archived and complaint.next_due_at is None:
            return self.closed(complaint.closed_at) if complaint.closed_at else ""
        if complaint.next_due_at is None or complaint.paused:
            return promise_chip(self.context, complaint.next_due_at, paused=complaint.paused)
        # Compared as they were read: between two local moments Python subtracts clock times, which is an hour wrong
        # across a change to summer time.
        due_at, now = complaint.next_due_at, self.now
        local = timezone.localtime(due_at)
        look, moment = wording.promise_look("open", due_at, now), wording.date_words(local, now)
        return render_pattern(
            DUE,
            look=look,
            icon=self.icons[look],
            iso=local.isoformat(),
            moment=moment,
            words=wording.promise_words(look, due_at, now),
            clock=wording.moment_words(local, now) if local.date() == now.date() else moment,
        )

    def closed(self, closed_at: datetime) -> SafeString:
        """The day a case was closed, inside its sentence."""
        day = absolute(self.context, closed_at, "brief_day")
        before, _day, after = _("closed %(day)s").partition("%(day)s")
        return render_pattern(
            '<span class="muted small">{before}{day}{after}</span>', before=before, day=day, after=after
        )

    def handler(self, complaint: Complaint) -> SafeString:
        """Who has it in hand."""
        person = complaint.handler
        if complaint.handler_id not in self.handlers:
            self.handlers[complaint.handler_id] = (
                render_pattern("{avatar}{name}", avatar=avatar(person.label), name=person.label)
                if person
                else render_pattern('<span class="muted">{nobody}</span>', nobody=_("Nobody yet"))
            )
        return self.handlers[complaint.handler_id]

    def snippet(self, complaint: Complaint) -> str:
        """The part of the case's texts that was searched for, where subject and name do not show it."""
        customer = complaint.customer
        shown = f"{complaint.subject}\n{customer.name if customer else ''}"
        if self.query is None or has_hit(shown, self.query):
            return ""
        texts = [complaint.narrative, complaint.place, complaint.desired_outcome, self.said.get(complaint.pk, "")]
        texts += [customer.phone, customer.email] if customer else []
        found = next((text for text in texts if text and has_hit(text, self.query)), None)
        return render_pattern('<span class="second q-snippet">{text}</span>', text=self.marked(found)) if found else ""

    def marked(self, text: str, *length: int) -> str:
        """The text with what was searched for marked, cut to `length` where it is given."""
        if self.query is None:
            return text
        parts = pieces(text, self.query, length=length[0]) if length else pieces(text, self.query)
        return SafeString("".join(render_pattern(HIT if part.hit else PLAIN, text=part.text) for part in parts))
