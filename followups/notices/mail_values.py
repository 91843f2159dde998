"""What the words of a notice are filled with: each value from the very row it speaks of, as it stands now."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Person
from complaints.choices import Kind
from complaints.customer import links
from complaints.customer.told import decision_on
from complaints.models import Complaint, Customer, Evidence, Message
from followups.escalation import answering
from followups.models import Escalation, Notice, Promise
from followups.models.promise import PromiseKind
from followups.notices import appeal_values, bell, bell_words, closing_told, confirmations, truth, your_turn
from followups.page import on_page
from followups.promises import customer_words, dates_told
from ui.wording import date_words

# A longer summary is not read; the rest stands on the page that it leads to.
MOST_SUMMED_UP = 50


def values_of(notice: Notice, now: datetime, *, in_words: bool = True, on_paper: bool = False) -> dict[str, Any]:
    """The variables of the templates of `notice`, in the active language and time zone.

    Not `in_words`, only those that say nothing of the case. What stands `on_paper` is read days later.
    """
    if notice.event == bell.DIGEST:
        return _of_day(notice, now)
    if not in_words or notice.event == answering.NOBODY_THERE:
        return _bare(notice)
    complaint, data = notice.case, notice.data
    if "again" in data:
        again = Promise.objects.filter(pk=data["again"], state=Promise.State.OPEN).first()
        data = data | {"again_due_at": again.due_at.isoformat() if again is not None else ""}
    if "done_at" in data:
        done_at = Promise.objects.values_list("kept_at", flat=True).get(pk=data["promise"])
        data = data | {"done_at": done_at.isoformat() if done_at else None}
    values = {
        name: date_words(datetime.fromisoformat(value), now) if name.endswith("_at") and value else value
        for name, value in data.items()
    }
    values |= {"reference": complaint.reference, "team": complaint.team.label}
    if notice.to_customer:
        values |= _for_customer(complaint, now, on_paper)
        values["decision"], values["why"] = decision_on(complaint)
    else:
        values |= _for_person(notice)
    if "kind" in data and notice.to_customer:
        kind = PromiseKind(data["kind"])
        values["promise"] = customer_words.what(Promise(kind=kind, words=data["words"]))
    elif "kind" in data:
        values["promise"] = data["words"] or PromiseKind(data["kind"]).label
    if "left" in data:
        values["left"] = Person.objects.get(pk=data["left"]).label
    if "from" in data:
        values["before_at"] = date_words(datetime.fromisoformat(data["from"]), now)
    if "changes" in data:
        values |= _of_changes(data, now)
    if "proposed_by" in data:
        values["proposed_by"] = Person.objects.get(pk=data["proposed_by"]).label
    if "message" in data:
        values["message"] = Message.objects.values_list("body", flat=True).get(pk=data["message"])
        files = Evidence.objects.filter(message=data["message"], public=True).order_by("pk")
        values["files"] = [row.label for row in files]
    if notice.event == closing_told.EVENT:
        values |= _of_closing(complaint, data, now)
    if notice.event == confirmations.ARCHIVED:
        values["reopen_by"] = _reopen_by(complaint, now)
        values["appeal_by"] = appeal_values.appeal_by(complaint, now)
    if notice.event == your_turn.OPTIONS:
        values |= _of_options(complaint, now)
    if notice.event == your_turn.CONFIRM:
        values["restatement"] = your_turn.to_be_confirmed(complaint)
    if "appeal" in data:
        values |= appeal_values.values_of(data["appeal"], complaint, now)
    if "escalation" in data:
        values["escalation"] = _of_escalation(data["escalation"], now)
    return values


def _bare(notice: Notice) -> dict[str, Any]:
    """What may be told of a case that the reader does not see: its reference, and where somebody is missing."""
    bare = {"name": notice.reader.label, "reference": notice.case.reference}
    if "missing" in notice.data:
        bare |= {
            "missing": notice.data["missing"],
            "team": notice.case.team.label,
            "people_link": settings.BASE_URL + reverse("admin:accounts_person_changelist"),
        }
    return bare


def _for_customer(complaint: Complaint, now: datetime, on_paper: bool) -> dict[str, Any]:
    """Who looks after it and what comes next by when, as it stands when the message is sent.

    For the duplicate of another customer that is who looks after the original, and when the result of that is told.
    """
    open_promises = complaint.promises.filter(
        state=Promise.State.OPEN, to_customer=True, paused_since__isnull=True, due_at__gt=now
    )
    told = list(open_promises.order_by("due_at", "id"))
    upcoming = [
        {"what": customer_words.what(promise), "when": customer_words.by_when(promise.due_at, now, on_paper=on_paper)}
        for promise in told
    ]
    original = closing_told.together_with(complaint)
    if original is not None and not upcoming:
        promise = on_page.result_promise(original)
        if promise is not None and promise.state == Promise.State.OPEN and promise.due_at > now:
            what = str(customer_words.SENTENCES[PromiseKind.RESOLUTION][0])
            upcoming = [{"what": what, "when": customer_words.by_when(promise.due_at, now, on_paper=on_paper)}]
    looked_after = original or complaint
    return {
        "salutation": salutation(complaint.customer),
        "link": links.public_url(complaint),
        "is_over": looked_after.is_archived and not upcoming,
        "is_suggestion": complaint.kind == Kind.SUGGESTION,
        "phone": complaint.team.phone,
        "hours": complaint.team.hours_label,
        "who": (looked_after.handler or looked_after.team).label,
        "promises": upcoming,
        "next": date_words(told[0].due_at, now) if told else "",
    }


def _of_closing(complaint: Complaint, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """How it ended, what ends with it, and the way back: on the link for as long as that is open, else by phone."""
    phone, hours = closing_told.phone_of(complaint.team)
    last_day = complaint.appeal_last_day
    return {
        "together": closing_told.together_with(complaint) is not None,
        "answered_on": closing_told.answered_on(complaint),
        "reopen_by": _reopen_by(complaint, now),
        "appeal_by": date_words(last_day, now, "long_day") if last_day is not None and last_day > now else "",
        "phone": phone,
        "hours": hours,
        "ended": [
            customer_words.what(Promise(kind=PromiseKind(ended["kind"]), words=ended["words"]))
            for ended in data["ended"]
        ],
    }


def _reopen_by(complaint: Complaint, now: datetime) -> str:
    """Until when the customer can say that it is still a problem; "" where that is over."""
    until = complaint.reopen_until
    return date_words(until, now, "long") if until is not None and until > now else ""


def _of_options(complaint: Complaint, now: datetime) -> dict[str, Any]:
    """What can be chosen, and until when the first of it stands."""
    standing = your_turn.standing(complaint, now)
    ends = [option.expires_at for option in standing if option.expires_at is not None]
    return {
        "options": [
            {"words": option.words, "until": date_words(option.expires_at, now, "long") if option.expires_at else ""}
            for option in standing
        ],
        "until": date_words(min(ends), now) if ends else "",
    }


def _of_changes(data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Every date that changed, each from the very row it speaks of (followups.promises.dates_told)."""
    changes = [
        {
            "promise": customer_words.what(Promise(kind=PromiseKind(change["kind"]), words=change["words"])),
            "before": date_words(datetime.fromisoformat(change["before_at"]), now),
            "after": date_words(datetime.fromisoformat(change["after_at"]), now) if change["after_at"] else "",
        }
        for change in data["changes"]
    ]
    later = [change["after_at"] for change in data["changes"] if (change["after_at"] or "") > change["before_at"]]
    return {
        "because": dates_told.BECAUSE[data["because"]],
        "changes": changes,
        "any_later": bool(later) and data["because"] != "answered",
        "all_ended": not any(change["after"] for change in changes),
    }


def _for_person(notice: Notice) -> dict[str, Any]:
    complaint = notice.case
    return {
        "name": notice.reader.label,
        "subject": complaint.subject,
        "link": _case_url(complaint.reference),
        "handler": complaint.handler.label if complaint.handler is not None else "",
        "instead": bell_words.instead_words(notice.data),
    }


def _of_day(notice: Notice, now: datetime) -> dict[str, Any]:
    """A summary: the newest of the things that are still so, each with its case as far as the reader may see it.

    What it tells is noted in the notice's data, unsaved: it is asked once more before the mail leaves.
    """
    person = Person.objects.get(pk=notice.person_id or 0)
    rows = Notice.objects.filter(pk__in=notice.data["notices"]).order_by("pk")
    told = truth.tellable(rows, person, now)
    notice.data["told"] = [row.pk for row in told]
    lines = bell.lines(told[-MOST_SUMMED_UP:], person, now)
    return {
        "name": notice.reader.label,
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


def _of_escalation(pk: int, now: datetime) -> dict[str, Any]:
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


def salutation(customer: Customer | None) -> str:
    """How a letter to the customer begins, in the active language."""
    if customer is None or not customer.name:
        return _("Dear customer,")
    words: dict[str, str] = {
        Customer.Title.MR: _("Dear Mr %(name)s,"),
        Customer.Title.MS: _("Dear Ms %(name)s,"),
    }
    return words.get(customer.title, _("Dear %(name)s,")) % {"name": customer.name}
