"""What the customer answers on the link: each answer once, however often its form is sent.

Every verb takes the complaint's id, the cleaned values of its form and the moment, and raises Refused
with words for the customer.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import conversation, customer_page, evidence, lifecycle, solutions, verification
from complaints.actors import CUSTOMER
from complaints.choices import Channel, Status
from complaints.errors import NotAllowedNow
from complaints.locking import lock


def reply(complaint_id: int, data: dict, *, at: datetime):
    """What the customer adds, with files. Raises NotAllowedNow once archived, CouldNotStore.

    The same form with the same words is one message. With other words (after going back in the
    browser) it is another one: nothing of it is lost.
    """
    once = hashlib.sha256(f"{complaint_id} {data['submission_key']} {data['body']}".encode()).hexdigest()
    with transaction.atomic():
        complaint = lock(complaint_id)
        message = conversation.customer_says(complaint_id, body=data["body"], at=at, submission_key=once)
        evidence.attach(complaint, data["files"], actor=CUSTOMER, at=at, message=message, public=True)


def confirm(complaint_id: int, data: dict, *, at: datetime):
    """The customer confirms the words that the page showed. Raises NotAllowedNow when they were changed since."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        check = getattr(complaint, "verification", None)
        if check is not None and check.is_confirmed:
            return
        if not customer_page.awaits_confirmation(complaint):
            raise NotAllowedNow(_("We do not need this any more. Write to us below if there is something to add."))
        if data["seen"] != customer_page.fingerprint(check.restatement):
            raise NotAllowedNow(_("We changed our words since you opened this page. Please read them once more."))
        verification.confirm_restatement(complaint_id, at=at, words=data["words"])


def choose(complaint_id: int, data: dict, *, at: datetime):
    """The customer picks an option. Raises NotAllowedNow when it does not stand any more."""
    solutions.choose(int(data["option"]), actor=CUSTOMER, at=at, channel=Channel.LINK)


def rate(complaint_id: int, data: dict, *, at: datetime):
    """Whether it is solved, how satisfied, and words. Raises NotAllowedNow when it was answered otherwise."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        given = complaint.feedback.filter(round=complaint.round).first()
        same = given is not None and (given.solved, given.rating) == (data["solved"], data["rating"])
        if complaint.status == Status.FEEDBACK and same:
            return
        if complaint.status != Status.RESOLVED:
            raise NotAllowedNow(_("We have an answer to this already. Write to us below what you want to add."))
        if data["round"] != complaint.round:
            raise NotAllowedNow(_("There is a new result since you opened this page. Please look at it first."))
        said = {"solved": data["solved"], "rating": data["rating"], "words": data["words"], "channel": Channel.LINK}
        lifecycle.perform(complaint_id, "record_feedback", actor=CUSTOMER, at=at, data=said)


def reopen(complaint_id: int, data: dict, *, at: datetime):
    """It is still a problem. Raises NotAllowedNow when the time to say so is over, or it is open again already."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        if not complaint.is_archived:
            last = complaint.events.filter(kind="reopened").order_by("-number").first()
            if last is not None and last.data.get("reason") == data["reason"]:
                return
            raise NotAllowedNow(_("We are working on it again already. Write to us below what you want to add."))
        if not customer_page.may_reopen(complaint, at):
            raise NotAllowedNow(_("The time to say so here is over. Call us, and we look for a way."))
        said = {"reason": data["reason"], "basis": "still_a_problem"}
        lifecycle.perform(complaint_id, "reopen", actor=CUSTOMER, at=at, data=said)
