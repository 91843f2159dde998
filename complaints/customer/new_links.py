"""A customer's link once more: asked for by reference and phone number or e-mail, or made anew by the desk.

Whoever asks is told nothing and shown nothing: what they typed is kept as it is, and looked at afterwards by the
sweep. So it takes the same time whether it fits a complaint or not, and the link goes to the address that we know.
"""

import hmac
import logging
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events, permissions
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.customer import link_life, links
from complaints.db.row_claims import hold_briefly, no_rows_fault
from complaints.models import Complaint, Customer, LinkRequest

log = logging.getLogger(__name__)

# Whoever knows reference and number must not flood the customer with messages.
APART = timedelta(minutes=10)
MOST_A_DAY = 5
SHORTEST_PROOF = 4


def ask(reference: str, *, proof: str, whole: bool, at: datetime) -> None:
    """Somebody asks for the link to a complaint: written down whatever it is, and answered by answer_asked().

    `proof` is the end of a phone number, its key where it must be `whole`, or an e-mail address in small letters.
    """
    LinkRequest.objects.create(reference=reference, proof=proof, whole=whole, at=at)


def answer_asked(now: datetime) -> int:
    """Send the links that were asked for, where what was typed fits; returns how many askings were handled.

    Any number of workers may do it at once. Costs one indexed query when nothing waits.
    """
    handled = 0
    while LinkRequest.objects.exists() and _answer_one(now):
        handled += 1
    return handled


def _answer_one(now: datetime) -> bool:
    """Handle the oldest; False when there is none that nobody else has in hand. One that fails is asked for again."""
    with transaction.atomic():
        hold_briefly()
        asked = LinkRequest.objects.select_for_update(skip_locked=True).order_by("id").first()
        if asked is None:
            return False
        try:
            with transaction.atomic():
                _answer(asked, now)
        except Exception as error:
            if no_rows_fault(error):
                raise
            log.exception("The link to %r could not be sent again", asked.reference)
        asked.delete()
    return True


def _answer(asked: LinkRequest, now: datetime) -> None:
    complaint = Complaint.objects.select_related("customer").filter(reference=asked.reference).first()
    if complaint is None or complaint.customer is None or not fits(complaint.customer, asked.proof, asked.whole):
        return
    complaint = lock(complaint.pk)
    if _asked_often(complaint, now):
        return
    try:
        links.unseal(complaint.token_sealed)
    except InvalidToken:
        log.error("The link of %s cannot be opened: TOKEN_KEY is not the one it was sealed with", complaint.reference)
        return
    is_over = link_life.is_over(complaint.pk, now)
    if is_over:
        _renew(complaint, now)
    events.record(complaint, EventKind.LINK_ASKED, actor=SYSTEM, at=now, data={"renewed": is_over})


def fits(customer: Customer, proof: str, whole: bool) -> bool:
    """Whether what somebody typed is the customer's: the end of the number, the whole of it, or the e-mail."""
    if "@" in proof:
        known = customer.email.lower()
    else:
        known = customer.phone_key if whole else customer.phone_key[-SHORTEST_PROOF:]
    return len(known) >= SHORTEST_PROOF and hmac.compare_digest(known.encode(), proof.encode())


def _asked_often(complaint: Complaint, now: datetime) -> bool:
    sent = complaint.events.filter(kind=EventKind.LINK_ASKED, at__gt=now - timedelta(days=1))
    moments = list(sent.order_by("-number").values_list("at", flat=True)[:MOST_A_DAY])
    return len(moments) == MOST_A_DAY or (bool(moments) and moments[0] > now - APART)


def issue(complaint_id: int, *, seen: str, actor: Actor, at: datetime) -> bool:
    """A person of the desk makes a new link, which goes to the customer; the old one is dead at once.

    `seen` is the mark (mark_of) of the link that their page was about: a form that is sent twice makes one. Returns
    whether there is a new one. Raises NotPermitted.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        words = _("You may not make a new link for this customer.")
        permissions.refuse_without(permissions.ISSUE_LINK, actor.person, complaint, words)
        if seen != mark_of(complaint):
            return False
        _renew(complaint, at)
        events.record(complaint, EventKind.LINK_ISSUED, actor=actor, at=at)
    return True


def mark_of(complaint: Complaint) -> str:
    """What tells one link of a complaint from the next, and leads to neither."""
    return complaint.token_hash[:16]


def _renew(complaint: Complaint, at: datetime) -> None:
    """Another token in the place of the (locked) complaint's."""
    token = links.new_token()
    complaint.token_hash, complaint.token_sealed = links.token_hash(token), links.seal(token)
    complaint.link_renewed_at = at
    complaint.save(update_fields=["token_hash", "token_sealed", "link_renewed_at"])
