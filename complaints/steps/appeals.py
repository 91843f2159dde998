"""Appeals: made on the link or taken by staff, reviewed by somebody who had no part in it, decided by the point.

SPEC, "Solutions, authority, appeals": accepted → under review → upheld, partly upheld or rejected, each point
answered, with external recourse named. What is upheld opens the case again, in other hands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, TextField
from django.utils.translation import gettext as _

from accounts.models import Membership, Person, Role, Team
from complaints.case import appealing, events, followers, kinds, permissions
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.once import digest_of, first_with
from complaints.case.permissions import refuse_without
from complaints.choices import Channel
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.models import Appeal, AppealPoint, Complaint, OutsideHelp
from complaints.models.appeal import GROUNDS_LIMIT, REASON_LIMIT, WANTED_LIMIT
from complaints.steps import lifecycle
from complaints.texts import read_line, read_text
from complaints.writing.reply_templates import refuse_unfilled

State = Appeal.State
# What is none of the points of the case, "for example how I was treated".
SOMETHING_ELSE = 0
# On these a customer says it to staff; on the link they say it themselves, and nothing is imported.
TAKEN_ON = [each for each in Channel if each not in (Channel.LINK, Channel.API, Channel.IMPORT)]


@dataclass(frozen=True)
class Answer:
    """What is decided of one point, and why, in words for the customer."""

    upheld: bool | None
    reason: str


def why_not(complaint: Complaint, at: datetime) -> str:
    """Why the result of a case cannot be appealed at `at` (aware), in words for the customer; "" where it can.

    One query where the window is open.
    """
    if not complaint.is_archived:
        return _("We are working on it. Once it is closed you can appeal what we decided.")
    if followers.is_duplicate(complaint):
        return _("This is handled together with another complaint; the result of that one can be appealed.")
    if complaint.outcome not in appealing.APPEALABLE or not kinds.knows_of_it(complaint):
        return _("There is no decision of ours here that could be appealed.")
    if this_round(complaint) is not None:
        return _("This result was appealed already. Each result can be appealed once.")
    if complaint.appeal_until is None or at >= complaint.appeal_until:
        return _("The time for an appeal is over.")
    return ""


def this_round(complaint: Complaint) -> Appeal | None:
    """The appeal of the present result, decided or not; None where nobody appealed it."""
    return next((appeal for appeal in complaint.appeals.all() if appeal.round == complaint.round), None)


def make(
    complaint_id: int,
    *,
    points: Iterable[int],
    grounds: str,
    actor: Actor,
    at: datetime,
    wanted: str = "",
    channel: str = Channel.LINK,
    submission_key: str | None = None,
) -> Appeal:
    """Appeal the present result: the customer on the link, or staff who heard it on another `channel`.

    `points` are numbers of the case's points, 0 for something else. The same `submission_key` with the same content
    gives the appeal that it made first. Raises once.SentBefore, NotPermitted, NotAllowedNow with the reason (too late,
    appealed already, no result), GateRefused naming what is missing, TooLong.
    """
    chosen = sorted(set(points))
    grounds, wanted = read_text(grounds, GROUNDS_LIMIT), read_line(wanted, WANTED_LIMIT)
    digest = digest_of("appeal", complaint_id, actor.person, chosen, grounds, wanted, channel)
    with transaction.atomic():
        complaint = lock(complaint_id)
        if actor.is_staff:
            refuse_without(permissions.TAKE_APPEAL, actor.person, complaint, _("Your role cannot take an appeal."))
        first = first_with(submission_key, digest, Appeal)
        if first is not None:
            return first
        refusal = why_not(complaint, at)
        if refusal:
            raise NotAllowedNow(refusal)
        known = {point.number: point for point in complaint.points.all()}
        _refuse_incomplete(chosen, known.keys() | {SOMETHING_ELSE}, grounds, channel, actor)
        appeal = Appeal.objects.create(
            complaint=complaint,
            round=complaint.round,
            channel=channel,
            grounds=grounds,
            wanted=wanted,
            made_at=at,
            taken_by=actor.person,
            submission_key=submission_key or None,
            submission_digest=digest if submission_key else "",
        )
        AppealPoint.objects.bulk_create(
            AppealPoint(appeal=appeal, number=number)
            if number == SOMETHING_ELSE
            else AppealPoint(appeal=appeal, number=number, text=known[number].text, finding=known[number].finding)
            for number in chosen
        )
        said = {"appeal": appeal.pk, "round": appeal.round, "channel": str(channel), "points": chosen}
        events.record(complaint, EventKind.APPEAL_MADE, actor=actor, at=at, data=said, public=True)
    return appeal


def _refuse_incomplete(chosen: list[int], known: Iterable[int], grounds: str, channel: str, actor: Actor) -> None:
    missing = []
    if not chosen or not set(chosen) <= set(known):
        missing.append(Missing("points", _("Choose at least one point"), hard=True))
    if not grounds:
        missing.append(Missing("grounds", _("Write why you do not agree"), hard=True))
    if actor.is_staff and channel not in TAKEN_ON:
        missing.append(Missing("channel", _("Choose how it reached us"), hard=True))
    if missing:
        raise GateRefused(missing)


def why_not_reviewer(complaint: Complaint, person: Person) -> str:
    """Why `person` cannot decide an appeal of the case, in words for them; "" where they can. At most two queries."""
    if not permissions.has_role(permissions.DECIDE_APPEAL, person, complaint):
        return _("Only a reviewer decides an appeal.")
    if appealing.has_taken_part(complaint, person):
        return _("You had a part in this complaint. Somebody who never touched it decides the appeal.")
    return ""


def begin_review(appeal_id: int, *, actor: Actor, at: datetime) -> Appeal:
    """A reviewer who had no part in the case takes the appeal; it is theirs to decide. Taking it twice is once.

    Raises Appeal.DoesNotExist, NotPermitted, and NotAllowedNow where somebody else has it or it is decided.
    """
    with transaction.atomic():
        complaint, appeal = _locked(appeal_id)
        if appeal.state == State.UNDER_REVIEW and appeal.reviewer == actor.person:
            return appeal
        refusal = why_not_reviewer(complaint, actor.colleague)
        if refusal:
            raise NotPermitted(refusal)
        if appeal.state != State.ACCEPTED:
            raise NotAllowedNow(_("Somebody else reviews this appeal already, or it is decided."))
        appeal.state, appeal.reviewer, appeal.review_began_at = State.UNDER_REVIEW, actor.person, at
        appeal.save(update_fields=["state", "reviewer", "review_began_at"])
        said = {"appeal": appeal.pk, "reviewer": actor.colleague.pk}
        events.record(complaint, EventKind.APPEAL_REVIEW_BEGAN, actor=actor, at=at, data=said, public=True)
    return appeal


def decide(
    appeal_id: int,
    *,
    answers: Mapping[int, Answer],
    actor: Actor,
    at: datetime,
    team: Team | None = None,
    handler: Person | None = None,
    outside: Iterable[OutsideHelp] = (),
) -> Appeal:
    """Decide the appeal by its points: what is right in any of them opens the case again, in other hands.

    `answers` by the points' numbers. `team` and `handler` (None for its queue) work on what is upheld; `outside` is
    named to the customer, and has to be where nothing is. The same decision again is once. Raises Appeal.DoesNotExist,
    NotPermitted for everybody but its reviewer, NotAllowedNow once decided, GateRefused naming what is missing,
    TooLong, reply_templates.Unfilled.
    """
    given = {
        number: Answer(answer.upheld, read_text(answer.reason, REASON_LIMIT)) for number, answer in answers.items()
    }
    for answer in given.values():
        refuse_unfilled(answer.reason)
    named = [help_there.said() for help_there in outside]
    with transaction.atomic():
        complaint, appeal = _locked(appeal_id)
        points = list(appeal.points.all())
        if appeal.reviewer is None or appeal.reviewer != actor.person:
            raise NotPermitted(_("Only its reviewer decides an appeal."))
        if not appeal.is_open:
            if all(given.get(point.number) == Answer(point.upheld, point.reason) for point in points):
                return appeal
            raise NotAllowedNow(_("You decided this appeal already, in other words."))
        if not permissions.has_role(permissions.DECIDE_APPEAL, actor.person, complaint):
            raise NotPermitted(_("Only a reviewer decides an appeal."))
        right = [point.number for point in points if point.number in given and given[point.number].upheld]
        _refuse_undecided(points, given, bool(right), team, named)
        for point in points:
            point.upheld, point.reason = given[point.number].upheld, given[point.number].reason
            point.save(update_fields=["upheld", "reason"])
        wrong = [point.number for point in points if point.number not in right]
        appeal.state = State.PARTLY if right and wrong else State.UPHELD if right else State.REJECTED
        appeal.decided_at, appeal.outside = at, named
        appeal.save(update_fields=["state", "decided_at", "outside"])
        said: dict[str, Any] = {"appeal": appeal.pk, "round": appeal.round, "state": str(appeal.state)}
        said |= {"upheld": right, "rejected": wrong}
        events.record(complaint, EventKind.APPEAL_DECIDED, actor=actor, at=at, data=said, public=True)
        if right:
            data = {"reason": appeal.grounds, "basis": "appeal", "appeal": appeal.pk, "team": team, "handler": handler}
            lifecycle.perform(complaint.pk, "uphold", actor=SYSTEM, at=at, data=data)
    return appeal


def _refuse_undecided(
    points: list[AppealPoint], given: Mapping[int, Answer], right: bool, team: Team | None, named: list[dict[str, str]]
) -> None:
    missing = []
    for point in points:
        answer = given.get(point.number)
        if answer is None or answer.upheld is None:
            missing.append(Missing(f"upheld_{point.number}", _("Decide this point"), hard=True))
        if answer is None or not answer.reason:
            missing.append(Missing(f"reason_{point.number}", _("Write why, for the customer"), hard=True))
    if right and team is None:
        missing.append(Missing("assignee", _("Choose who works on it now"), hard=True))
    if not right and not named and not missing:
        missing.append(Missing("outside", _("Name where the customer can turn to outside"), hard=True))
    if missing:
        raise GateRefused(missing)


def left_behind(person_ids: Iterable[int] | None = None) -> QuerySet[Appeal]:
    """Appeals under review, of those people or of all, whose reviewer cannot decide them any more."""
    places = ("team", "site")
    paths = {f"{place}_path": OuterRef(f"complaint__{place}__path") for place in places}
    held = Membership.objects.filter(person=OuterRef("reviewer"), role=Role.REVIEWER).alias(
        **{name: ExpressionWrapper(path, output_field=TextField()) for name, path in paths.items()}
    )
    over_it = held.filter(Q(team_path__startswith=F("team__path")) | Q(site_path__startswith=F("team__path")))
    found = Appeal.objects.filter(Q(reviewer__is_active=False) | ~Exists(over_it), state=State.UNDER_REVIEW)
    return found if person_ids is None else found.filter(reviewer__in=list(person_ids))


def give_back(appeal_id: int, *, at: datetime) -> int | None:
    """Let an appeal wait for a reviewer again whose own cannot decide it any more; returns who had it.

    None where they can after all. Raises Appeal.DoesNotExist.
    """
    with transaction.atomic():
        complaint, appeal = _locked(appeal_id)
        reviewer = appeal.reviewer
        if reviewer is None or not left_behind().filter(pk=appeal.pk).exists():
            return None
        appeal.state, appeal.reviewer, appeal.review_began_at = State.ACCEPTED, None, None
        appeal.save(update_fields=["state", "reviewer", "review_began_at"])
        said = {"appeal": appeal.pk, "reviewer": reviewer.pk}
        events.record(complaint, EventKind.APPEAL_GIVEN_BACK, actor=SYSTEM, at=at, data=said)
    return reviewer.pk


def _locked(appeal_id: int) -> tuple[Complaint, Appeal]:
    """The complaint, locked first, and the appeal as it is under that lock. Raises Appeal.DoesNotExist."""
    complaint = lock(Appeal.objects.values_list("complaint_id", flat=True).get(pk=appeal_id))
    appeal = Appeal.objects.select_for_update(of=("self",), no_key=True).select_related("reviewer").get(pk=appeal_id)
    appeal.complaint = complaint
    return complaint, appeal
