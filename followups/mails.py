"""From a notice to the e-mail that is sent: plain text, in the recipient's language and time zone.

The words stand in templates/emails/<event>/ (subject.txt, body.txt). They are plain text, so nothing is
escaped for HTML; values reach them as variables only and are never themselves read as a template. What goes to
customers knows neither internal notes nor the names of people whom somebody blames.
"""

import hashlib
import re
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.wording import date_words
from complaints import tokens
from complaints.models import Complaint, Customer, Message
from followups import bell, customer_words
from followups.models import Escalation, Notice, Promise
from followups.models.promise import PromiseKind

# A longer summary is not read; the rest stands on the page that it leads to.
MOST_SUMMED_UP = 50


def compose(notice: Notice, *, now: datetime) -> EmailMessage:
    """The e-mail of `notice`, not sent; the same notice always has the same Message-ID.

    `now` decides whether a date needs its year. The notice's complaint, team, handler and customer are read.
    """
    zone = notice.person.zone if notice.person is not None else settings.TIME_ZONE
    with translation.override(notice.language), timezone.override(zone):
        values = _values(notice, now)
        subject = " ".join(_render(notice, "subject.txt", values).split())
        body = re.sub(r"\n{3,}", "\n\n", _render(notice, "body.txt", values)).strip() + "\n"
    return EmailMessage(
        subject=subject,
        body=body,
        to=[notice.address],
        headers={"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"},
    )


def message_id(notice: Notice) -> str:
    """One for a notice, however often it is sent: mail servers and readers drop the second copy."""
    name = hashlib.sha256(notice.key.encode()).hexdigest()[:40]
    return f"<{name}@{urlsplit(settings.BASE_URL).hostname}>"


def _render(notice: Notice, name: str, values: dict) -> str:
    template = get_template(f"emails/{notice.event}/{name}").template
    return template.render(Context(values, autoescape=False))


def _values(notice: Notice, now: datetime) -> dict:
    if notice.event == bell.DIGEST:
        return _of_day(notice, now)
    complaint, data = notice.complaint, notice.data
    values = {
        name: date_words(datetime.fromisoformat(value), now) if name.endswith("_at") and value else value
        for name, value in data.items()
    }
    values |= {"reference": complaint.reference, "team": complaint.team.label}
    if notice.to_customer:
        values |= _for_customer(complaint, now)
    else:
        values |= _for_person(notice)
    if "kind" in data and notice.to_customer:
        kind = PromiseKind(data["kind"])
        values["promise"] = customer_words.what(Promise(kind=kind, words=data["words"]))
    elif "kind" in data:
        values["promise"] = data["words"] or PromiseKind(data["kind"]).label
    if "proposed_by" in data:
        values["proposed_by"] = Person.objects.get(pk=data["proposed_by"]).label
    if "message" in data:
        values["message"] = Message.objects.values_list("body", flat=True).get(pk=data["message"])
    if "escalation" in data:
        values["escalation"] = _of_escalation(data["escalation"], now)
    return values


def _for_customer(complaint: Complaint, now: datetime) -> dict:
    """Who looks after it and what comes next by when, as it stands when the message is sent."""
    open_promises = complaint.promises.filter(
        state=Promise.State.OPEN, to_customer=True, paused_since__isnull=True, due_at__gt=now
    )
    return {
        "salutation": salutation(complaint.customer),
        "link": tokens.public_url(complaint),
        "phone": complaint.team.phone,
        "hours": complaint.team.hours_label,
        "who": (complaint.handler or complaint.team).label,
        "promises": [
            {"what": customer_words.what(promise), "when": customer_words.by_when(promise.due_at, now)}
            for promise in open_promises.order_by("due_at", "id")
        ],
    }


def _for_person(notice: Notice) -> dict:
    complaint = notice.complaint
    return {
        "name": notice.person.label,
        "subject": complaint.subject,
        "link": _case_url(complaint.reference),
        "handler": complaint.handler.label if complaint.handler is not None else "",
    }


def _of_day(notice: Notice, now: datetime) -> dict:
    """A summary: the newest things that happened, each with its case as far as the reader may see it."""
    told = notice.data["notices"]
    rows = Notice.objects.filter(pk__in=told[-MOST_SUMMED_UP:]).order_by("pk")
    lines = bell.lines(list(rows), notice.person, now)
    return {
        "name": notice.person.label,
        "number": len(told),
        "more": max(0, len(told) - MOST_SUMMED_UP),
        "happened": [
            {
                "words": line.words,
                "reference": line.reference,
                "subject": line.subject,
                "when": date_words(line.notice.created_at, now),
                "link": _case_url(line.reference) if line.subject else "",
            }
            for line in lines
        ],
        "link": settings.BASE_URL + reverse("followups:notifications"),
        "preferences": settings.BASE_URL + reverse("accounts:preferences"),
    }


def _case_url(reference: str) -> str:
    return settings.BASE_URL + reverse("complaints:case", args=[reference])


def _of_escalation(pk: int, now: datetime) -> dict:
    escalation = Escalation.objects.select_related("promise", "raised_by").get(pk=pk)
    promise = escalation.promise
    return {
        "why": escalation.get_reason_display(),
        "note": escalation.note,
        "tried": escalation.tried,
        "raised_by": escalation.raised_by.label if escalation.raised_by is not None else "",
        "sign_by": date_words(escalation.sign_by, now),
        "at_top": escalation.at_top,
        "promise": promise.label if promise is not None else "",
        "due_at": date_words(promise.due_at, now) if promise is not None else "",
    }


def salutation(customer: Customer) -> str:
    """How a letter to the customer begins, in the active language."""
    if not customer.name:
        return _("Dear customer,")
    words = {
        Customer.Title.MR: _("Dear Mr %(name)s,"),
        Customer.Title.MS: _("Dear Ms %(name)s,"),
    }
    return words.get(customer.title, _("Dear %(name)s,")) % {"name": customer.name}
