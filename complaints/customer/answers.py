"""What the customer answers on the link: each answer once, however often its form is sent.

Every verb takes the complaint's id, the cleaned values of its form and the moment, and raises Refused
with words for the customer. Some may be done by a representative (complaints.customer.representatives), the `actor`.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events, followers
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.once import digest_of
from complaints.choices import Channel, Status
from complaints.conversation import messages
from complaints.customer import page
from complaints.customer.forms import NONE
from complaints.errors import NotAllowedNow
from complaints.evidence import attaching
from complaints.models import Complaint
from complaints.steps import appeals, follower_answers, lifecycle, options, verification
from complaints.texts import clean_text


def reply(complaint_id: int, data: dict, *, at: datetime, actor: Actor = CUSTOMER):
    """What the customer adds, with files; the same form with the same content is one message.

    Raises once.SentBefore, NotAllowedNow once archived, CouldNotStore.
    """
    key = f"link:{complaint_id}:{data['submission_key']}"
    said = {"body": data["body"], "files": data["files"], "submission_key": key}
    messages.customer_says(complaint_id, **said, at=at, actor=actor)


def confirm(complaint_id: int, data: dict, *, at: datetime, actor: Actor = CUSTOMER):
    """The customer confirms the words that the page showed. Raises NotAllowedNow when they were changed since."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        check = getattr(complaint, "verification", None)
        if check is not None and check.is_confirmed and _said_already(complaint, data["words"]):
            return
        if check is None or not page.awaits_confirmation(complaint):
            raise NotAllowedNow(_("We do not need this any more. Write to us below if there is something to add."))
        if data["seen"] != page.fingerprint(check.restatement):
            raise NotAllowedNow(_("We changed our words since you opened this page. Please read them once more."))
        verification.confirm_restatement(complaint_id, at=at, words=data["words"], actor=actor)


def _said_already(complaint: Complaint, words: str) -> bool:
    """Whether the customer's words to what is confirmed already are none, or those that came with it."""
    confirmed = complaint.events.filter(kind=EventKind.RESTATEMENT_CONFIRMED).last()
    return clean_text(words) in ("", confirmed.data.get("words", "") if confirmed is not None else "")


def choose(complaint_id: int, data: dict, *, at: datetime, actor: Actor = CUSTOMER):
    """The customer picks an option, or none of them. Raises NotAllowedNow when it does not stand any more."""
    if data["option"] == NONE:
        refuse_options(complaint_id, data["why"], at=at, actor=actor)
        return
    options.choose(int(data["option"]), actor=actor, at=at, channel=Channel.LINK)


def refuse_options(complaint_id: int, why: str, *, at: datetime, actor: Actor = CUSTOMER):
    """None of the offers, because: an answer that is answered, by a date. The offers stand.

    The same words to the same offers twice are one answer. Raises NotAllowedNow when no offer stands any more.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        offered = complaint.options.filter(round=complaint.round)
        standing = [option.pk for option in offered if page.stands(option, at)]
        chosen = any(option.chosen_at for option in offered)
        if complaint.status != Status.ASSIGNED or not standing or chosen:
            raise NotAllowedNow(_("These offers do not stand any more. Write to us below what would suit you."))
        key = digest_of("none", complaint_id, standing, clean_text(why))
        if complaint.messages.filter(submission_key=key).exists():
            return
        body = _("None of these, because: %(why)s") % {"why": why}
        message = messages.customer_says(complaint_id, body=body, at=at, submission_key=key, actor=actor)
        said = {"options": standing, "message": message.pk}
        events.record(lock(complaint_id), EventKind.OPTIONS_REFUSED, actor=actor, at=at, data=said, public=True)


def rate(complaint_id: int, data: dict, *, at: datetime):
    """Whether it is solved, how satisfied, and words. Raises NotAllowedNow when it was answered otherwise."""
    with transaction.atomic():
        complaint = followers.lock(complaint_id)
        given = complaint.feedback.filter(round=complaint.round).first()
        answered = (data["solved"], data["rating"], clean_text(data["words"]))
        same = given is not None and (given.solved, given.rating, given.words) == answered
        if same and (complaint.status == Status.FEEDBACK or followers.is_duplicate(complaint)):
            return
        if _said_before(complaint, data):
            return
        if complaint.status != Status.RESOLVED and not followers.awaits_answer(complaint):
            raise NotAllowedNow(_("We have an answer to this already. Write to us below what you want to add."))
        if data["round"] != complaint.round:
            raise NotAllowedNow(_("There is a new result since you opened this page. Please look at it first."))
        said = {"solved": data["solved"], "rating": data["rating"], "words": data["words"], "channel": Channel.LINK}
        if followers.is_duplicate(complaint):
            follower_answers.take(complaint, data=said, actor=CUSTOMER, at=at)
            return
        lifecycle.perform(complaint_id, "record_feedback", actor=CUSTOMER, at=at, data=said)


def _said_before(complaint: Complaint, data: dict) -> bool:
    """Whether the very same was answered to the round before, and is worked on by now: the form came twice."""
    last = complaint.rounds.order_by("number").last()
    if last is None or data["round"] != last.number or complaint.round != last.number + 1:
        return False
    return (last.solved, last.rating, last.words) == (data["solved"], data["rating"], clean_text(data["words"]))


def appeal(complaint_id: int, data: dict, *, at: datetime, actor: Actor = CUSTOMER):
    """The customer does not agree with the result, and sends what is new.

    Raises once.SentBefore, NotAllowedNow with the reason, GateRefused, CouldNotStore.
    """
    key = f"link:{complaint_id}:{data['submission_key']}"
    with transaction.atomic():
        made = appeals.make(
            complaint_id,
            points=data["points"],
            grounds=data["grounds"],
            wanted=data["wanted"],
            actor=actor,
            at=at,
            submission_key=key,
        )
        attaching.attach(made.complaint, data["files"], actor=actor, at=at, public=True)


def reopen(complaint_id: int, data: dict, *, at: datetime):
    """It is still a problem. Raises NotAllowedNow when the time to say so is over, or it is open again already."""
    with transaction.atomic():
        complaint = followers.lock(complaint_id)
        if not complaint.is_archived:
            last = complaint.events.filter(kind=EventKind.REOPENED).order_by("-number").first()
            if last is not None and last.data.get("reason") == data["reason"]:
                return
            raise NotAllowedNow(_("We are working on it again already. Write to us below what you want to add."))
        if not page.may_reopen(complaint, at):
            raise NotAllowedNow(_("The time to say so here is over. Call us, and we look for a way."))
        duplicate = followers.is_duplicate(complaint)
        basis = follower_answers.NOT_DUPLICATE if duplicate else "still_a_problem"
        said = {"reason": data["reason"], "basis": basis}
        lifecycle.perform(complaint_id, "reopen", actor=CUSTOMER, at=at, data=said)
