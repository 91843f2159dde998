"""Options: what we offer, who may grant it, and what the customer chose, in the exact words offered."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import authority_of
from accounts.models import Role
from complaints import events
from complaints.actors import Actor
from complaints.choices import Channel, Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.gates import above_limit
from complaints.locking import lock
from complaints.models import Complaint, Option
from complaints.texts import clean_line
from complaints.visibility import roles_on

HANDLING = {Role.HANDLER, Role.SUPERVISOR}


def offer(
    complaint_id: int, *, words: str, amount: Decimal, actor: Actor, at: datetime, expires_at: datetime | None = None
) -> Option:
    """Offer a solution worth `amount` yuan; above the author's limit it waits for approval.

    Raises NotPermitted, NotAllowedNow (not being worked on, expiry in the past).
    """
    with transaction.atomic():
        complaint = _handled(complaint_id, actor)
        if expires_at is not None and expires_at <= at:
            raise NotAllowedNow(_("The offer must stand until a moment in the future."))
        option = Option.objects.create(
            complaint=complaint,
            round=complaint.round,
            words=clean_line(words),
            amount=amount,
            offered_by=actor.person,
            offered_at=at,
            expires_at=expires_at,
            needs_approval=above_limit(actor.person, complaint, amount),
        )
        said = {
            "option": option.pk,
            "words": option.words,
            "amount": str(amount),
            "needs_approval": option.needs_approval,
        }
        events.record(complaint, "option_offered", actor=actor, at=at, data=said)
    return option


def decide(option_id: int, *, approve: bool, reason: str = "", actor: Actor, at: datetime) -> Option:
    """Approve or decline an option above its author's limit. Nobody approves their own request.

    Raises NotPermitted (own request, or not enough authority), NotAllowedNow (decided already).
    """
    with transaction.atomic():
        complaint = lock(Option.objects.values_list("complaint_id", flat=True).get(pk=option_id))
        option = Option.objects.select_for_update(of=("self",)).get(pk=option_id)
        if Role.SUPERVISOR not in roles_on(actor.person, complaint):
            raise NotPermitted(_("Only a supervisor approves."))
        if option.offered_by_id == actor.person.pk:
            raise NotPermitted(_("Nobody approves their own request."))
        if approve and authority_of(actor.person, complaint.team) < option.amount:
            raise NotPermitted(_("This is above your own limit too; it needs somebody with more authority."))
        if not option.waits_for_approval:
            raise NotAllowedNow(_("This was decided already."))
        if not approve and not reason.strip():
            raise NotAllowedNow(_("Write the reason"))
        if approve:
            option.approved_by, option.approved_at = actor.person, at
        else:
            option.declined_reason = clean_line(reason)
        option.save(update_fields=["approved_by", "approved_at", "declined_reason"])
        kind = "option_approved" if approve else "option_declined"
        said = {"option": option.pk, "amount": str(option.amount), "reason": option.declined_reason}
        events.record(complaint, kind, actor=actor, at=at, data=said)
    return option


def choose(option_id: int, *, actor: Actor, at: datetime, channel: str = Channel.LINK) -> Option:
    """The customer picks an option, on the link or through staff on the phone; choosing it twice is once.

    Raises NotAllowedNow when it is not on offer (expired, withdrawn, waiting) or another was chosen.
    """
    with transaction.atomic():
        complaint = lock(Option.objects.values_list("complaint_id", flat=True).get(pk=option_id))
        option = Option.objects.select_for_update(of=("self",)).get(pk=option_id)
        if option.chosen_at is not None:
            return option
        if actor.is_staff and not roles_on(actor.person, complaint) & (HANDLING | {Role.FRONTLINE}):
            raise NotPermitted(_("Your role cannot note a choice."))
        expired = option.expires_at is not None and option.expires_at <= at
        current = option.round == complaint.round and complaint.status == Status.ASSIGNED
        if not option.may_be_shown or expired or not current:
            raise NotAllowedNow(_("This offer does not stand any more."))
        if complaint.options.filter(round=complaint.round, chosen_at__isnull=False).exists():
            raise NotAllowedNow(_("Another solution was chosen already."))
        option.chosen_at, option.chosen_how = at, channel
        option.save(update_fields=["chosen_at", "chosen_how"])
        said = {"option": option.pk, "words": option.words, "amount": str(option.amount), "channel": channel}
        events.record(complaint, "option_chosen", actor=actor, at=at, data=said, public=True)
    return option


def withdraw(option_id: int, *, actor: Actor, at: datetime) -> Option:
    """Take an offer back that nobody chose yet. Raises NotPermitted, NotAllowedNow."""
    with transaction.atomic():
        complaint = _handled(Option.objects.values_list("complaint_id", flat=True).get(pk=option_id), actor)
        option = Option.objects.select_for_update(of=("self",)).get(pk=option_id)
        if option.chosen_at is not None:
            raise NotAllowedNow(_("The customer chose this already."))
        if option.withdrawn_at is None:
            option.withdrawn_at = at
            option.save(update_fields=["withdrawn_at"])
            events.record(complaint, "option_withdrawn", actor=actor, at=at, data={"option": option.pk})
    return option


def _handled(complaint_id: int, actor: Actor) -> Complaint:
    """Lock a complaint that is being worked on, by somebody who may handle it."""
    complaint = lock(complaint_id)
    if not roles_on(actor.person, complaint) & HANDLING:
        raise NotPermitted(_("Only those who handle the complaint offer solutions."))
    if complaint.status != Status.ASSIGNED:
        raise NotAllowedNow(_("Solutions are offered while the complaint is being worked on."))
    return complaint
