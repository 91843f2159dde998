"""Options: what we offer, who may grant it, and what the customer chose, in the exact words offered."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import authority_of
from complaints.case import events, permissions
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.gates import above_limit
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.choices import Channel, Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Complaint, Option
from complaints.texts import read_line
from complaints.writing.reply_templates import refuse_unfilled


def offer(
    complaint_id: int, *, words: str, amount: Decimal, actor: Actor, at: datetime, expires_at: datetime | None = None
) -> Option:
    """Offer a solution worth `amount` yuan; above the author's limit it waits for approval.

    The very same again, while it is neither chosen, declined nor withdrawn, is the first one: a form sent twice.
    Raises NotPermitted, NotAllowedNow (not being worked on, expiry in the past), reply_templates.Unfilled.
    """
    refuse_unfilled(words)
    with transaction.atomic():
        complaint = _handled(complaint_id, actor)
        if expires_at is not None and expires_at <= at:
            raise NotAllowedNow(_("The offer must stand until a moment in the future."))
        said = {
            "round": complaint.round,
            "words": read_line(words, 500),
            "amount": amount,
            "offered_by": actor.person,
            "expires_at": expires_at,
        }
        open_ones = complaint.options.filter(chosen_at=None, withdrawn_at=None, declined_reason="")
        known = open_ones.filter(**said).first()
        if known is not None:
            return known
        option = Option.objects.create(
            complaint=complaint,
            offered_at=at,
            **said,
            needs_approval=above_limit(actor.colleague, complaint, amount),
        )
        said = {
            "option": option.pk,
            "words": option.words,
            "amount": str(amount),
            "needs_approval": option.needs_approval,
        }
        events.record(complaint, EventKind.OPTION_OFFERED, actor=actor, at=at, data=said)
    return option


def decide(option_id: int, *, approve: bool, reason: str = "", actor: Actor, at: datetime) -> Option:
    """Approve or decline an option above its author's limit. Nobody approves their own request.

    Raises NotPermitted (own request, or not enough authority), NotAllowedNow (decided already).
    """
    with transaction.atomic():
        complaint = lock(Option.objects.values_list("complaint_id", flat=True).get(pk=option_id))
        option = Option.objects.select_for_update(of=("self",), no_key=True).get(pk=option_id)
        refuse_without(permissions.APPROVE_OPTIONS, actor.person, complaint, _("Only a supervisor approves."))
        if option.offered_by_id == actor.colleague.pk:
            raise NotPermitted(_("Nobody approves their own request."))
        if approve and authority_of(actor.colleague, complaint.team) < option.amount:
            raise NotPermitted(_("This is above your own limit too; it needs somebody with more authority."))
        if option.ended_at is not None:
            raise NotAllowedNow(_("This offer does not stand any more."))
        if not option.waits_for_approval:
            raise NotAllowedNow(_("This was decided already."))
        if not approve and not reason.strip():
            raise NotAllowedNow(_("Write the reason"))
        if approve:
            option.approved_by, option.approved_at = actor.person, at
        else:
            option.declined_reason = read_line(reason, 300)
        option.save(update_fields=["approved_by", "approved_at", "declined_reason"])
        kind = EventKind.OPTION_APPROVED if approve else EventKind.OPTION_DECLINED
        said = {"option": option.pk, "amount": str(option.amount), "reason": option.declined_reason}
        events.record(complaint, kind, actor=actor, at=at, data=said)
    return option


def choose(option_id: int, *, actor: Actor, at: datetime, channel: str = Channel.LINK) -> Option:
    """The customer picks an option, on the link or through staff on the phone; choosing it twice is once.

    Raises NotAllowedNow when it is not on offer (expired, withdrawn, waiting) or another was chosen.
    """
    with transaction.atomic():
        complaint = lock(Option.objects.values_list("complaint_id", flat=True).get(pk=option_id))
        option = Option.objects.select_for_update(of=("self",), no_key=True).get(pk=option_id)
        if option.chosen_at is not None:
            return option
        if actor.is_staff:
            refuse_without(permissions.NOTE_CHOICE, actor.person, complaint, _("Your role cannot note a choice."))
        expired = option.expires_at is not None and option.expires_at <= at
        current = option.round == complaint.round and complaint.status == Status.ASSIGNED
        if not option.may_be_shown or expired or not current:
            raise NotAllowedNow(_("This offer does not stand any more."))
        if complaint.options.filter(round=complaint.round, chosen_at__isnull=False).exists():
            raise NotAllowedNow(_("Another solution was chosen already."))
        option.chosen_at, option.chosen_how = at, channel
        option.save(update_fields=["chosen_at", "chosen_how"])
        said = {"option": option.pk, "words": option.words, "amount": str(option.amount), "channel": channel}
        events.record(complaint, EventKind.OPTION_CHOSEN, actor=actor, at=at, data=said, public=True)
    return option


def withdraw(option_id: int, *, actor: Actor, at: datetime) -> Option:
    """Take an offer back that nobody chose yet. Raises NotPermitted, NotAllowedNow."""
    with transaction.atomic():
        complaint = _handled(Option.objects.values_list("complaint_id", flat=True).get(pk=option_id), actor)
        option = Option.objects.select_for_update(of=("self",), no_key=True).get(pk=option_id)
        if option.chosen_at is not None:
            raise NotAllowedNow(_("The customer chose this already."))
        if option.withdrawn_at is None:
            option.withdrawn_at = at
            option.save(update_fields=["withdrawn_at"])
            events.record(complaint, EventKind.OPTION_WITHDRAWN, actor=actor, at=at, data={"option": option.pk})
    return option


def _handled(complaint_id: int, actor: Actor) -> Complaint:
    """Lock a complaint that is being worked on, by somebody who may handle it."""
    complaint = lock(complaint_id)
    words = _("Only those who handle the complaint offer solutions.")
    refuse_without(permissions.OFFER_OPTIONS, actor.person, complaint, words)
    if complaint.status != Status.ASSIGNED:
        raise NotAllowedNow(_("Solutions are offered while the complaint is being worked on."))
    return complaint
