"""Notices to the customer as the conversation shows them: about what, by which way, what became of it, the words."""

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from complaints.choices import Kind
from complaints.conversation.tellings import Telling
from complaints.models import Complaint
from followups.models import Notice, Telling as Record
from followups.notices import kinds
from followups.page.on_page import followups_of, for_customer
from ui.wording import date_words

State, Way = Notice.State, Record.Way
FAILED = (State.DEAD, State.UNCONFIRMED)
ABOUT = {
    "customer_acknowledged": gettext_lazy("We have your complaint"),
    "customer_message": gettext_lazy("News on your complaint"),
    "customer_promise_broken": gettext_lazy("We are late"),
    "customer_promise_moved": gettext_lazy("A new date"),
    "customer_promise_withdrawn": gettext_lazy("A promise is taken back"),
    "customer_dates_changed": gettext_lazy("Dates that we told you change"),
    "customer_closed": gettext_lazy("Your complaint is closed, and why"),
    "customer_options": gettext_lazy("Solutions to choose from"),
    "customer_confirm": gettext_lazy("Whether we understood you"),
    "customer_handler": gettext_lazy("Who looks after your complaint"),
    "customer_promised": gettext_lazy("What we promised you"),
    "customer_archived": gettext_lazy("Your complaint is closed"),
    "customer_link": gettext_lazy("Your link"),
    "customer_reopened": gettext_lazy("We work on it again"),
    "customer_resolved": gettext_lazy("The result, and whether it is solved"),
    "customer_result": gettext_lazy("The result"),
    "customer_understood": gettext_lazy("That we understood the problem"),
}
ABOUT_SUGGESTION = {
    "customer_acknowledged": gettext_lazy("We have your suggestion"),
    "customer_resolved": gettext_lazy("Whether we adopt your suggestion, and why"),
}


def of(complaint: Complaint, for_staff: bool) -> list[Telling]:
    """The tellings of a case; they come with other rows of the page of who reads it."""
    page = followups_of(complaint) if for_staff else for_customer(complaint)
    records = {record.notice_id: record for record in page.records if record.notice_id is not None}
    found = [_of_notice(notice, records.get(notice.pk), complaint) for notice in page.tellings]
    return found + [_of_record(record) for record in page.records if record.notice_id is None]


def about_words(event: str, complaint: Complaint | None = None) -> str:
    """What a notice to a customer is about, in the active language."""
    if complaint is not None and complaint.kind == Kind.SUGGESTION and event in ABOUT_SUGGESTION:
        return str(ABOUT_SUGGESTION[event])
    return kinds.about(event) or str(ABOUT["customer_message"])


def _of_notice(notice: Notice, record: Record | None, complaint: Complaint) -> Telling:
    """What the desk said, or was to say, by itself; `record` is how we know that it was told."""
    undone = record is not None and record.undone_at is not None
    state = _state(notice, _by_letter(complaint))
    if record is not None:
        state = _taken_back(record) if undone else _told(record, notice)
    return Telling(
        at=notice.created_at,
        about=about_words(notice.event, complaint),
        state=state,
        state_for_customer=_state_for_customer(notice, None if undone else record, _by_letter(complaint)),
        failed=undone or notice.state in FAILED or notice.dropped_because == Notice.Dropped.UNREACHED,
        words=notice.words,
        message=notice.data.get("message"),
    )


def _of_record(record: Record) -> Telling:
    """What a person told without a notice: a result, that we understood, or a message they said by phone."""
    undone = record.undone_at is not None
    return Telling(
        at=record.at,
        about=about_words(record.about),
        state=_taken_back(record) if undone else _told(record),
        state_for_customer=_told_for_customer(record),
        failed=undone,
        words=record.words,
        by=record.by.label if record.by is not None else "",
        message=record.message_id,
    )


def _told(record: Record, notice: Notice | None = None) -> str:
    """By which way, when, and who says so."""
    words = {"moment": date_words(record.at, record.at, "brief"), "who": record.by.label if record.by else ""}
    if record.way == Way.PHONE:
        return _("told by phone %(moment)s, noted by %(who)s") % words
    if record.way == Way.IN_PERSON:
        return _("told in person %(moment)s, noted by %(who)s") % words
    if record.evidence == Record.Evidence.POSTED:
        return _("letter posted %(moment)s, noted by %(who)s") % words
    if record.way == Way.LETTER:
        return _("letter handed over %(moment)s, noted by %(who)s") % words
    if record.way == Way.LINK:
        return _("read on the link %(moment)s") % words
    if record.way == Way.SMS:
        return _sms_told(notice, words, record.evidence == Record.Evidence.DELIVERED)
    return _("e-mail, accepted by the mail server %(moment)s") % words


def _sms_told(notice: Notice | None, words: dict[str, str], is_delivered: bool) -> str:
    """How far the provider says that it came, and in how many parts it went."""
    parts = (notice.parts if notice is not None else None) or 1
    words = words | {"parts": _in_parts(parts)}
    if is_delivered:
        return _("text message (%(parts)s), on the phone; accepted by the provider %(moment)s") % words
    return _("text message (%(parts)s), accepted by the provider %(moment)s") % words


def _in_parts(parts: int) -> str:
    return ngettext("one part", "%(number)d parts", parts) % {"number": parts}


def _taken_back(record: Record) -> str:
    return _("did not arrive: %(why)s. “Kept” was taken back.") % {"why": record.undone_because.rstrip(".。")}


def _told_for_customer(record: Record) -> str:
    return {
        Way.PHONE: _("told you by phone"),
        Way.IN_PERSON: _("told you in person"),
        Way.LETTER: _("sent by letter"),
        Way.LINK: _("read here"),
        Way.EMAIL: _("sent by e-mail"),
        Way.SMS: _("sent by text message"),
    }[Way(record.way)]


def _state(notice: Notice, by_letter: bool) -> str:
    if notice.state == State.TO_SAY and notice.prepared_at is not None:
        return _("not told yet: the letter is printed and has to be posted")
    if notice.state == State.TO_SAY and by_letter:
        return _("not told yet: a letter has to be written")
    if notice.state == State.TO_SAY:
        return _("not told yet: somebody has to call")
    if notice.dropped_because == Notice.Dropped.UNREACHED:
        return _("not told: the customer could not be reached by phone")
    if notice.channel == Notice.Channel.SMS and notice.state != State.DROPPED:
        return _sms_state(notice)
    if notice.state == State.SENT and notice.sent_at is not None:
        moment = date_words(notice.sent_at, notice.sent_at, "brief")
        return _("e-mail, accepted by the mail server %(moment)s") % {"moment": moment}
    if notice.state == State.DEAD:
        return _("e-mail, could not be delivered")
    if notice.state == State.UNCONFIRMED:
        return _("e-mail, outcome unknown")
    if notice.state == State.DROPPED:
        return _("not told: %(why)s") % {"why": notice.get_dropped_because_display()}
    return _("e-mail, not sent yet")


def _by_letter(complaint: Complaint) -> bool:
    return complaint.customer is not None and complaint.customer.gets_letters


def _sms_state(notice: Notice) -> str:
    if notice.state == State.SENT and notice.sent_at is not None:
        words = {"moment": date_words(notice.sent_at, notice.sent_at, "brief")}
        return _sms_told(notice, words, is_delivered=bool(notice.receipt))
    if notice.state == State.DEAD:
        return _("text message, could not be delivered")
    if notice.state == State.UNCONFIRMED:
        return _("text message, outcome unknown: not sent again before we know")
    if notice.state == State.QUEUED and not notice.attempts and notice.not_before > notice.created_at:
        moment = date_words(notice.not_before, notice.created_at, "brief")
        return _("text message, waits until %(moment)s") % {"moment": moment}
    return _("text message, not sent yet")


def _state_for_customer(notice: Notice, record: Record | None, by_letter: bool) -> str:
    if record is not None:
        return _told_for_customer(record)
    if notice.channel == Notice.Channel.CALL and by_letter:
        return _("we write you a letter")
    if notice.channel == Notice.Channel.CALL:
        return _("we want to tell you by phone")
    if notice.channel == Notice.Channel.SMS:
        return _sms_for_customer(notice)
    if notice.state == State.SENT:
        return _("sent by e-mail")
    if notice.state in FAILED:
        return _("our e-mail did not get through")
    return _("is on its way by e-mail")


def _sms_for_customer(notice: Notice) -> str:
    if notice.state == State.SENT:
        return _("sent by text message")
    if notice.state in FAILED:
        return _("our text message did not get through")
    return _("is on its way as a text message")
