"""Appeals, as steps and pages ask of them: until when, who takes part in a case, whose finding fell.

SPEC: "The reviewer never touched the case (the database refuses it)". Who took part is one function of the database
(migration 0031), which its trigger asks as well.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, F, Func, QuerySet, Value

from accounts.models import DeskRules, Membership, Person, Role, Team
from accounts.worktime.calendars import CalendarBook
from complaints.choices import Outcome
from complaints.models import Appeal, Complaint

# Endings that are a word of ours on the matter; what is withdrawn or a duplicate can be opened again instead.
APPEALABLE = (Outcome.SOLVED, Outcome.UNSOLVED, Outcome.INVALID)
UPHELD = (Appeal.State.UPHELD, Appeal.State.PARTLY)


def open_until(complaint: Complaint, at: datetime) -> datetime | None:
    """Until when (UTC) a case that closes at `at` (aware) may be appealed; None for an ending that cannot be.

    The rules' days after it, the last one to its end on the clock of the team.
    """
    if complaint.outcome not in APPEALABLE:
        return None
    zone = ZoneInfo(CalendarBook(around=at).of(complaint.team).calendar.tz)
    last_day = at.astimezone(zone).date() + timedelta(days=DeskRules.current().appeal_days)
    midnight = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return midnight.astimezone(UTC)


def took_part(complaint: Complaint | F, person: Person | F) -> Func:
    """Whether somebody had a part in the case, or is named in it, as a condition of a query."""
    who = [each if isinstance(each, F) else Value(each.pk) for each in (complaint, person)]
    return Func(*who, function="complaints_took_part", output_field=BooleanField())


def has_taken_part(complaint: Complaint, person: Person) -> bool:
    """Whether `person` had any part in the case, or is named in it; one query."""
    return Person.objects.filter(took_part(complaint, person), pk=person.pk).exists()


def reviewers_for(complaint: Complaint) -> tuple[Team | None, list[Person]]:
    """Who may decide an appeal of the case: of the nearest team upwards that has a reviewer who took no part.

    (None, []) where nobody may. Two queries.
    """
    held = Membership.objects.filter(
        ~took_part(complaint, F("person")),
        team__in=complaint.team.path_ids,
        role=Role.REVIEWER,
        person__is_active=True,
    )
    found = list(held.select_related("person", "team").order_by("-team__depth", "person_id"))
    if not found:
        return None, []
    nearest = found[0].team
    return nearest, [membership.person for membership in found if membership.team_id == nearest.pk]


def open_appeals(complaint: Complaint) -> QuerySet[Appeal]:
    """The appeal of the case that is still to be decided, if there is one."""
    return complaint.appeals.filter(decided_at__isnull=True)


def whose_finding_it_is(complaint: Complaint) -> frozenset[int]:
    """The ids of those whose finding the present result is; it falls with an appeal that is upheld. One query."""
    resolved = complaint.resolutions.filter(round=complaint.round).values_list("resolved_by", flat=True)
    return frozenset(pk for pk in (complaint.handler_id, *resolved) if pk is not None)


def barred_from_handling(complaint: Complaint) -> frozenset[int]:
    """The ids of those whose finding fell in an appeal, and of who decided so: they do not work on it again.

    One query, none for a case in its first round.
    """
    if complaint.round == 1:
        return frozenset()
    fell = complaint.appeals.filter(state__in=UPHELD, complaint__rounds__number=F("round"))
    people = fell.values_list("complaint__rounds__handler", "complaint__rounds__resolved_by", "reviewer")
    return frozenset(pk for row in people for pk in row if pk is not None)
