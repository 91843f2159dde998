"""From a notice to the e-mail that is sent: plain text and the same words in HTML, in the recipient's language.

The words stand in templates/emails/<event>/ (subject.txt, body.txt). They are plain text, so nothing is escaped in
them; values reach them as variables only and are never themselves read as a template. The HTML part is made from that
text (followups.notices.mail_html), so the two can never differ. What goes to customers knows neither internal notes
nor the names of people whom somebody blames.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from complaints.customer import links
from followups.models import Notice
from followups.notices import bell, mail_html
from followups.notices.mail_values import MOST_SUMMED_UP, values_of

__all__ = ["MOST_SUMMED_UP", "Mail", "Words", "compose", "message_id", "words_of"]

# No mail of its own, or none that arrived: nothing that a later one could be an answer to.
NEVER_A_MAIL = (Notice.State.SHOWN, Notice.State.GATHERED, Notice.State.DROPPED, Notice.State.DEAD)


class Mail(EmailMultiAlternatives):
    """An e-mail, and which columns its notice keeps of it once it leaves."""

    kept: dict[str, str]

    @property
    def after(self) -> dict[str, str]:
        """Nothing more is known once it was taken."""
        return {}


@dataclass(frozen=True)
class Words:
    """A message as it is read: subject, text and HTML."""

    subject: str
    text: str
    html: str


def compose(notice: Notice, *, now: datetime, words: bool = True) -> Mail:
    """The e-mail of `notice`, not sent; the same notice always has the same Message-ID.

    `now` decides whether a date needs its year. The notice's complaint, team, handler and customer are read,
    and which mail of the case this recipient got first: later ones are answers to it (RFC 5322, 3.6.4).
    Without `words` nothing of the case is in it but its reference (followups.notices.truth says when).
    """
    read = words_of(notice, now, in_words=words)
    first = _first_of_thread(notice)
    thread = {"In-Reply-To": first, "References": first} if first else {}
    message = Mail(
        subject=read.subject,
        body=read.text,
        to=[notice.address],
        reply_to=[settings.REPLY_TO_EMAIL],
        headers={"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"} | thread | _way_out(notice),
    )
    message.attach_alternative(read.html, "text/html")
    message.kept = dict(zip(("subject", "words"), kept_of(notice, read), strict=True)) if notice.to_customer else {}
    return message


def words_of(notice: Notice, now: datetime, *, in_words: bool = True) -> Words:
    """What `notice` says, in the recipient's language and time zone; `in_words` as compose()'s `words`."""
    zone = notice.person.zone if notice.person is not None else settings.TIME_ZONE
    with translation.override(notice.language), timezone.override(zone):
        values = values_of(notice, now, in_words=in_words)
        subject = " ".join(_render(notice, "subject.txt", values).split())
        text = re.sub(r"\n{3,}", "\n\n", _render(notice, "body.txt", values)).strip() + "\n"
        return Words(subject, text, mail_html.page(subject, text, values, to_customer=notice.to_customer))


def spoken_words(notice: Notice, now: datetime, *, on_paper: bool = False) -> str:
    """What `notice` says to a customer, to be said by phone: without greeting, link and signature.

    `on_paper` it goes into a letter, which has these of its own and is read days later.
    """
    with translation.override(notice.language), timezone.override(settings.TIME_ZONE):
        values = values_of(notice, now, on_paper=on_paper) | {"spoken": True}
        return re.sub(r"\n{3,}", "\n\n", _render(notice, "body.txt", values)).strip()


def kept_of(notice: Notice, words: Words) -> tuple[str, str]:
    """Subject and words that the row of a notice to a customer keeps of the message that leaves.

    The customer's link is a key and is not kept in the open. What a person wrote stands in the conversation already.
    """
    if "message" in notice.data:
        return "", ""
    key = links.public_url(notice.complaint)
    return words.subject[:200], words.text.replace(key, f"{settings.BASE_URL}/c/…")


def message_id(notice: Notice) -> str:
    """One for a notice, however often it is sent: mail servers and readers drop the second copy."""
    return _id_of(notice.key)


def _id_of(key: str) -> str:
    name = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{name}@{urlsplit(settings.BASE_URL).hostname}>"


def _way_out(notice: Notice) -> dict[str, str]:
    """Where the reader of a summary says that they want none (RFC 2369, 3.2); what belongs to one case has no such."""
    if notice.event != bell.DIGEST:
        return {}
    return {"List-Unsubscribe": f"<{settings.BASE_URL}{reverse('accounts:preferences')}>"}


def _first_of_thread(notice: Notice) -> str:
    """The Message-ID of the first mail of the case to this recipient; "" for that mail itself, and for a summary."""
    if notice.event == bell.DIGEST:
        return ""
    same = {"person": notice.person_id, "to_customer": notice.to_customer, "address": notice.address}
    mails = Notice.objects.filter(complaint=notice.complaint_id, **same).exclude(state__in=NEVER_A_MAIL)
    first = mails.order_by("id").values_list("key", flat=True).first()
    return _id_of(first) if first is not None and first != notice.key else ""


def _render(notice: Notice, name: str, values: dict[str, Any]) -> str:
    found = get_template(f"emails/{notice.event}/{name}")
    assert isinstance(found, Template)  # Django's own engine is the only one
    return found.template.render(Context(values, autoescape=False))
