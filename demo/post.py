"""What the desk wrote to customers arrives, as a mail server would take it a moment later."""

from datetime import datetime, timedelta

from followups.models import Notice
from followups.notices import mails
from followups.telling import records

# Mail about what happened longer ago than this counts as sent: a first start mails nobody hundreds of letters.
STILL_MAILED = timedelta(hours=1)


def arrives(notice_ids: list[int], at: datetime):
    """Let mails to customers arrive that were written at `at` (aware)."""
    beside = ("complaint__customer", "complaint__team", "complaint__handler")
    for notice in Notice.objects.filter(pk__in=notice_ids).select_related(*beside).order_by("pk"):
        notice.state, notice.sent_at, notice.attempts = Notice.State.SENT, at, 1
        notice.subject, notice.words = mails.kept_of(notice, mails.words_of(notice, at))
        notice.save(update_fields=["state", "sent_at", "attempts", "subject", "words"])
        records.settle(notice.pk, at=at)
