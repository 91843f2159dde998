"""The gate: asked at the last moment whether a message may leave, and to whom it was made out."""

import logging
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError

from followups import clock
from followups.clock import DatabaseNow
from followups.delivery.channels import address_today
from followups.models import Notice
from followups.notices import truth

log = logging.getLogger(__name__)

State = Notice.State
# What must be left of a lease before the body is sent: longer than the server is waited for.
MARGIN = timedelta(seconds=25)


class Gate:
    """Asked just before the body is sent; yes writes down that it is being sent.

    No when the lease is another's or nearly over, when the notice may not be told now (`why_not`), or when the
    message was made for what is `outdated`: another address, a reader who saw more of the case.
    """

    def __init__(self, notice: Notice, words: bool, kept: dict[str, Any]) -> None:
        """`kept` is what the row keeps of the message, `words` whether the message holds words of the case."""
        self.notice, self.words, self.kept = notice, words, kept
        self.why_not, self.outdated, self.error = "", False, ""

    def __call__(self) -> bool:
        try:
            self._ask()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # One notice that cannot be judged must not stop the others, nor go out.
            log.exception("Notice %s cannot be judged", self.notice.pk)
            self.error = f"{type(error).__name__}: {error}"
        return not (self.why_not or self.outdated or self.error) and begin_sending(self.notice, self.kept)

    def _ask(self) -> None:
        notice = self.notice
        facts = truth.fresh_facts(notice, clock.now())
        self.why_not = truth.why_not(notice, facts)
        if not self.why_not:
            reader = facts.person or facts.complaints[notice.case_id].customer
            too_much = truth.says_too_much(notice, facts, words=self.words)
            self.outdated = too_much or address_today(notice, reader) != notice.address


def begin_sending(notice: Notice, kept: dict[str, Any]) -> bool:
    """Say that the body is about to be sent, and `kept` of it; no when the lease is another's, or nearly over."""
    mine = Notice.objects.filter(
        pk=notice.pk,
        lease_token=notice.lease_token,
        state=State.CLAIMED,
        lease_until__gt=DatabaseNow() + MARGIN,
    )
    return mine.update(state=State.SENDING, address=notice.address, **kept) == 1
