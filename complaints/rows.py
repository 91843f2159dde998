"""What a row of a list shows, ready to print.

Fifty rows of a dozen template tags take longer than everything else on the page, so a row's parts are put
together here, by the same functions that are tags elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.templatetags.desk import absolute, avatar, clock, promise_chip
from complaints.filter_choices import FilterChoices
from complaints.models import Complaint
from complaints.search.find import has_hit, pieces
from complaints.search.tokens import Query
from complaints.templatetags.stages import severity, stage

LONGEST_SUBJECT = 200
ANY_REFERENCE = "C-0"


@dataclass(frozen=True, slots=True)
class Row:
    """One complaint in a list; texts are plain, the others HTML."""

    pk: int
    reference: str
    url: str
    customer: str
    subject: str
    where: str
    snippet: str
    stage: SafeString
    severity: SafeString
    due: str
    handler: SafeString


class Rows:
    """Puts rows together for one page: `now` is its moment, `labels` name teams and categories.

    With a `query` its hits are marked, and a part of the text that holds one is shown: of the complaint, or of
    the message that `said` holds for its id.
    """

    def __init__(
        self,
        now: datetime,
        labels: FilterChoices,
        query: Query | None = None,
        said: Mapping[int, str] | None = None,
    ):
        # Local at once: what is local already is converted in no time, and each row does it a dozen times.
        self.context = {"now": timezone.localtime(now)}
        self.path = reverse("complaints:case", args=[ANY_REFERENCE])
        self.teams, self.categories = dict(labels.teams), dict(labels.categories)
        self.query, self.said = query, said or {}
        self.avatars: dict[int, SafeString] = {}

    def of(self, complaints: Iterable[Complaint]) -> list[Row]:
        """The rows of complaints that come from worklists.rows_of()."""
        return [self.row(complaint) for complaint in complaints]

    def row(self, complaint: Complaint) -> Row:
        """The row of one complaint."""
        name = complaint.customer.label if complaint.customer else _("No name given")
        return Row(
            pk=complaint.pk,
            reference=complaint.reference,
            url=self.path.replace(ANY_REFERENCE, complaint.reference),
            customer=self.marked(name, LONGEST_SUBJECT),
            subject=self.marked(complaint.subject, LONGEST_SUBJECT),
            where=self.where(complaint),
            snippet=self.snippet(complaint),
            stage=stage(complaint.status),
            severity=severity(complaint.severity),
            due=self.due(complaint),
            handler=self.handler(complaint),
        )

    def where(self, complaint: Complaint) -> str:
        """Where it happened, else who works on it; and what it is about."""
        team = self.teams.get(str(complaint.site_id or complaint.team_id), "")
        category = self.categories.get(str(complaint.category_id), "")
        return f"{team} · {category}" if category else team

    def due(self, complaint: Complaint) -> str:
        """The next promise with its moment; of an archived case when it was closed."""
        if complaint.is_archived:
            return self.closed(complaint) if complaint.closed_at else ""
        due_at = timezone.localtime(complaint.next_due_at) if complaint.next_due_at else None
        chip = promise_chip(self.context, due_at, paused=complaint.paused)
        if due_at is None or complaint.paused:
            return chip
        return format_html('{}<span class="second">{}</span>', chip, clock(self.context, due_at))

    def closed(self, complaint: Complaint) -> SafeString:
        """The day a case was closed, inside its sentence."""
        day = absolute(self.context, complaint.closed_at, "brief_day")
        before, _day, after = _("closed %(day)s").partition("%(day)s")
        return format_html('<span class="muted small">{}{}{}</span>', before, day, after)

    def handler(self, complaint: Complaint) -> SafeString:
        """Who has it in hand; a page shows the same few people again and again."""
        person = complaint.handler
        if person is None:
            return format_html('<span class="muted">{}</span>', _("Nobody yet"))
        if person.pk not in self.avatars:
            self.avatars[person.pk] = format_html("{}{}", avatar(person.label), person.label)
        return self.avatars[person.pk]

    def snippet(self, complaint: Complaint) -> str:
        """The part of the case's texts that was searched for, where subject and name do not show it."""
        customer = complaint.customer
        shown = f"{complaint.subject}\n{customer.name if customer else ''}"
        if self.query is None or has_hit(shown, self.query):
            return ""
        texts = [complaint.narrative, complaint.place, complaint.desired_outcome, self.said.get(complaint.pk, "")]
        texts += [customer.phone, customer.email] if customer else []
        found = next((text for text in texts if text and has_hit(text, self.query)), None)
        return self.marked(found) if found else ""

    def marked(self, text: str, *length: int) -> str:
        """The text with what was searched for marked, cut to `length` where it is given."""
        if self.query is None:
            return text
        parts = pieces(text, self.query, length=length[0]) if length else pieces(text, self.query)
        return format_html_join(
            "", "{}", ((format_html("<mark>{}</mark>", part.text) if part.hit else part.text,) for part in parts)
        )
