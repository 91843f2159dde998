"""Correct the facts of a case: the customer and how to reach them, its kind, where and when, and whom it names.

The customer's own words are never changed. Every correction is one event with the old and the new values; whoever
makes promises, calls and notices listens to it (followups.reactions.corrections).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team
from complaints.case import before, events, orphans, permissions
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock, refuse_stale
from complaints.case.permissions import refuse_without
from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.errors import GateRefused, NotAllowedNow
from complaints.models import Complaint, Customer
from complaints.phones import phone_key
from complaints.steps import facts_gate
from complaints.texts import read_line
from complaints.visibility import roles_on
from complaints.writing.limits import refuse_too_long

# The customer as this case was told of them, with the length of each; and what the case itself holds.
OF_CUSTOMER = {
    "name": 120,
    "title": 2,
    "phone": 40,
    "email": 254,
    "postal_address": 200,
    "way": 6,
    "call_hours": 120,
}
OF_CASE = ("language", "wishes_no_contact", "kind", "site", "place", "occurred_at")
NAMED = "named_people"
FIELDS = (*OF_CUSTOMER, *OF_CASE, NAMED)
# What may still be corrected when the case is closed: how its customer is reached, should it be opened again.
AFTER_THE_END = frozenset({*OF_CUSTOMER, "language", "wishes_no_contact"})
# While nobody was given the case, it is with the site where it happened (intake).
BEFORE_HANDS = (Status.RECEIVED, Status.VERIFIED)
REASON_LIMIT = 300


def correct(
    complaint_id: int, *, actor: Actor, at: datetime, data: dict[str, Any], version: int | None = None
) -> Complaint:
    """Set the facts that `data` names (FIELDS, and `reason`: why) and return the complaint; one transaction.

    `site` is a team or None, `named_people` people, `occurred_at` aware or None. What stands there already is no
    correction: the same form sent twice is one event, and one without a change none. `version` is the one that the
    actor's page showed.

    Raises Complaint.DoesNotExist, NotPermitted, NotAllowedNow (closed), ChangedMeanwhile, texts.TooLong, GateRefused
    with everything that is wrong (facts_gate.correct).
    """
    refuse_too_long(data)
    with transaction.atomic():
        complaint = lock(complaint_id)
        words = _("Your role does not include correcting the facts.")
        refuse_without(permissions.CORRECT_FACTS, actor.person, complaint, words)
        roles = roles_on(actor.person, complaint)
        changes = _changes(complaint, _read(data))
        if not changes:
            return complaint
        refuse_stale(complaint, version, actor)
        if complaint.is_archived and changes.keys() - AFTER_THE_END:
            raise NotAllowedNow(_("The case is closed: only how its customer is reached can be corrected."))
        missing = list(facts_gate.correct(complaint, changes, actor=actor, roles=roles, at=at))
        if missing:
            raise GateRefused(missing)
        correct_on(complaint, changes, actor=actor, at=at, reason=read_line(data.get("reason") or "", REASON_LIMIT))
    return complaint


def correct_on(complaint: Complaint, changes: dict[str, Any], *, actor: Actor, at: datetime, reason: str = "") -> None:
    """Write new values (by field) into a locked complaint and record the event; for a caller that may.

    A handler who is named now loses the case in the same transaction, and replies of theirs that wait are not sent;
    so does one who handled it for the site where it did not happen.
    """
    said: dict[str, Any] = {
        "changes": {name: {"old": kept(_old(complaint, name)), "new": kept(changes[name])} for name in changes}
    }
    if reason:
        said["reason"] = reason
    if "site" in changes and _goes_with_its_site(complaint, changes["site"]):
        said |= {"team": changes["site"].pk, "previous_team": complaint.team_id}
        complaint.team = changes["site"]
    _write_customer(complaint, {name: changes[name] for name in changes if name in OF_CUSTOMER}, changes, at)
    for name in OF_CASE:
        if name in changes:
            setattr(complaint, name, changes[name])
    complaint.save(update_fields=["customer", "team", *OF_CASE])
    newly_named = _write_named(complaint, changes)
    events.record(complaint, EventKind.FACTS_CORRECTED, actor=actor, at=at, data=said)
    if newly_named:
        undo_send.stop_those_of(complaint, newly_named)
    if complaint.handler_id is not None and (complaint.handler_id in newly_named or "site" in changes):
        orphans.hand_back(complaint.pk, at=at)
        complaint.refresh_from_db(fields=["handler", "event_count", "last_event_hash"])


def values_of(complaint: Complaint) -> dict[str, Any]:
    """What the case holds for each of FIELDS now; people as a set of ids."""
    return {name: _old(complaint, name) for name in FIELDS}


def _read(data: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored: texts cleaned, people as a set of ids."""
    read = {name: data[name] for name in OF_CASE if name in data}
    read |= {name: read_line(data[name] or "", limit) for name, limit in OF_CUSTOMER.items() if name in data}
    if "place" in read:
        read["place"] = read_line(read["place"] or "", 200)
    if NAMED in data:
        read[NAMED] = frozenset(person.pk for person in data[NAMED])
    return read


def _changes(complaint: Complaint, wanted: dict[str, Any]) -> dict[str, Any]:
    given = [name for name in FIELDS if name in wanted]
    return {name: wanted[name] for name in given if not _is_same(wanted[name], _old(complaint, name))}


def _is_same(one: object, other: object) -> bool:
    """Moments are typed to the minute; one that was kept to the second is not corrected by being shown."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.replace(second=0, microsecond=0) == other.replace(second=0, microsecond=0)
    return one == other


def _old(complaint: Complaint, name: str) -> Any:
    if name == NAMED:
        return complaint.named_ids
    if name in OF_CUSTOMER:
        return getattr(complaint.customer, name) if complaint.customer is not None else ""
    return getattr(complaint, name)


def kept(value: object) -> object:
    """A value as an event keeps it: people as a list of ids, the rest as before.kept()."""
    return sorted(value) if isinstance(value, frozenset) else before.kept(value)


def _goes_with_its_site(complaint: Complaint, site: Team | None) -> bool:
    """Whether the case changes to the team of its new site, as if it had been logged there: nobody decided yet."""
    is_free = complaint.status in BEFORE_HANDS and complaint.handler_id is None
    return is_free and site is not None and site.active and site.pk != complaint.team_id


def _write_customer(complaint: Complaint, new: dict[str, Any], changes: dict[str, Any], at: datetime) -> None:
    """Write into the contact of this case; one that an import shared between cases stays as the others were told.

    "It is them" (`same_as`) stays: a number that was taken down wrongly makes nobody somebody else.
    """
    if complaint.customer is None and not new:
        return
    if "language" in changes:
        new = new | {"language": changes["language"]}
    if not new:
        return
    customer = complaint.customer or Customer(created_at=at, language=complaint.language)
    if customer.pk and customer.complaints.exclude(pk=complaint.pk).exists():
        customer = Customer(
            **{name: getattr(customer, name) for name in (*OF_CUSTOMER, "phone_key", "language")},
            created_at=at,
            same_as_id=customer.person_id,
        )
    if "email" in new:
        # Nothing is known of another address.
        customer.email_failed_at = None
    if "phone" in new:
        customer.sms_failed_at = None
    for name, value in new.items():
        setattr(customer, name, value)
    customer.phone_key = phone_key(customer.phone)
    customer.save()
    complaint.customer = customer


def _write_named(complaint: Complaint, changes: dict[str, Any]) -> frozenset[int]:
    """Name whom the correction names; returns the ids of those who were not named before."""
    if NAMED not in changes:
        return frozenset()
    newly: frozenset[int] = changes[NAMED] - complaint.named_ids
    complaint.named_people.set(changes[NAMED])
    complaint.named_ids = changes[NAMED]
    return newly
