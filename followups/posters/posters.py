"""Making posters: of one site at once, of all sites of a region as one file, by a worker.

Only a supervisor of the site, or of what stands above it, makes them. A worker holds a lease on the run while it draws
and renews it as it goes; one that is killed lets go of it, and the next begins again. Nothing half made is ever shown.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _, override

from accounts.access import reach_of
from accounts.models import Person, Role, Team
from complaints.errors import NotAllowedNow, NotPermitted
from followups.models import PosterRun
from followups.posters import paper as drawing
from followups.posters.promised import Poster, Times, poster_of
from ui.paper.sheet import Sheet

log = logging.getLogger(__name__)

# By its name: tasks stand above the rooms.
WORK = "followups.tasks.work_posters"
LEASE = timedelta(seconds=60)
# So many sites are drawn between two looks at the lease, and at how far it is.
AT_ONCE = 25
MOST_ATTEMPTS = 3
# A page costs some 0.1 MB of memory until the file is whole (make posters).
MOST_SITES = 2_000
# Files are kept so long; they are made anew in seconds.
KEPT = timedelta(days=7)
LANGUAGES = {
    PosterRun.Languages.BOTH: ("zh-hans", "en"),
    PosterRun.Languages.CHINESE: ("zh-hans",),
    PosterRun.Languages.ENGLISH: ("en",),
}


class OtherThanBefore(NotAllowedNow):
    """The same form came again with other values."""

    def __init__(self) -> None:
        super().__init__(_("This was started already, with other choices. Open the page again to make others."))


def teams_for(person: Person) -> QuerySet[Team]:
    """The sites and what stands above them of which `person` may make posters, in the order of the tree."""
    kinds = (Team.Kind.SITE, Team.Kind.REGION, Team.Kind.COMPANY)
    return Team.objects.filter(pk__in=reach_of(person).of(Role.SUPERVISOR), kind__in=kinds).in_tree_order()


def of_site(site: Team, *, person: Person, paper: str, languages: str, at: datetime) -> bytes:
    """The PDF with the poster of one site. Raises NotPermitted, and NotAllowedNow for a closed site or no site."""
    refuse_strangers(site, person)
    if site.kind != Team.Kind.SITE:
        raise NotAllowedNow(_("Only a site has a poster of its own."))
    if not site.active:
        words = _("%(site)s is closed: whoever scans its poster would be told so. Nothing was made.")
        raise NotAllowedNow(words % {"site": site.label})
    return _file(_posters([site], languages), paper, languages, title=site.label, at=at)


def start(
    team: Team, *, person: Person, paper: str, languages: str, submission_key: uuid.UUID, at: datetime
) -> PosterRun:
    """Have the posters of all open sites under `team` made as one file; returns the run, the same for the same key.

    Raises NotPermitted, OtherThanBefore, and NotAllowedNow where there is no open site or too many. Old files of
    `person` go.
    """
    refuse_strangers(team, person)
    total = _sites(team).count()
    if not total:
        raise NotAllowedNow(_("There is no open site in %(team)s.") % {"team": team.label})
    if total > MOST_SITES:
        words = _("%(team)s has %(total)d open sites; one file holds at most %(most)d. Choose a smaller region.")
        raise NotAllowedNow(words % {"team": team.label, "total": total, "most": MOST_SITES})
    given = {"person": person, "team": team, "paper": paper, "languages": languages}
    try:
        with transaction.atomic():
            PosterRun.objects.filter(person=person, finished_at__lt=at - KEPT).delete()
            return PosterRun.objects.create(**given, submission_key=submission_key, started_at=at, total=total)
    except IntegrityError:
        first = PosterRun.objects.defer("pdf").filter(submission_key=submission_key).first()
        if first is None:
            raise
    if any(getattr(first, name) != value for name, value in given.items()):
        raise OtherThanBefore
    return first


def wake_workers(run_id: int) -> None:
    """Wake a worker for a run that is committed."""
    current_app.send_task(WORK, [run_id])


def under_way(at: datetime) -> QuerySet[PosterRun]:
    """The runs that are not over and whose worker let go of them, the oldest first."""
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    return PosterRun.objects.filter(free, finished_at=None).order_by("pk")


def work(run_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Draw the posters of a run, if nobody else does; returns whether its file is there now.

    `clock` gives the moments of its leases. What fails is tried MOST_ATTEMPTS times, then the run ends with its fault.
    """
    token = _claim(run_id, clock())
    if token is None:
        return False
    run = PosterRun.objects.select_related("person", "team").defer("pdf").get(pk=run_id)
    if run.attempts > MOST_ATTEMPTS:
        with override(run.person.language):
            fault = _("It could not be made. Choose a smaller region, or tell whoever runs the desk.")
        _own(run_id, token).update(finished_at=clock(), fault=fault, lease_token=None)
        return False
    sites = list(_sites(run.team))
    posters = _watched(run_id, token, _posters(sites, run.languages), clock)
    try:
        pdf = _file(posters, run.paper, run.languages, title=run.team.label, at=run.started_at)
    except _LostLease:
        return False
    ended = {"finished_at": clock(), "done": len(sites), "total": len(sites), "pdf": pdf, "lease_token": None}
    return bool(_own(run_id, token).update(**ended))


def refuse_strangers(team: Team, person: Person) -> None:
    """Raises NotPermitted unless `person` supervises the team."""
    if not reach_of(person).covers(Role.SUPERVISOR, team.pk):
        raise NotPermitted(_("Your role does not include making posters of this site."))


class _LostLease(Exception):
    """Another worker has the run: this one was away for too long."""


def _claim(run_id: int, at: datetime) -> uuid.UUID | None:
    token = uuid.uuid4()
    mine = {"lease_token": token, "lease_until": at + LEASE, "attempts": F("attempts") + 1, "done": 0}
    return token if under_way(at).filter(pk=run_id).update(**mine) else None


def _own(run_id: int, token: uuid.UUID) -> QuerySet[PosterRun]:
    return PosterRun.objects.filter(pk=run_id, lease_token=token, finished_at=None)


def _watched(
    run_id: int, token: uuid.UUID, posters: Iterable[Poster], clock: Callable[[], datetime]
) -> Iterator[Poster]:
    """The posters, noting how far it is and renewing the lease. Raises _LostLease."""
    for number, poster in enumerate(posters):
        if number % AT_ONCE == 0 and not _own(run_id, token).update(done=number, lease_until=clock() + LEASE):
            raise _LostLease
        yield poster


def _sites(team: Team) -> QuerySet[Team]:
    return Team.objects.below(team).active().filter(kind=Team.Kind.SITE).in_tree_order()


def _posters(sites: Iterable[Team], languages: str) -> Iterator[Poster]:
    """The posters of the sites; two queries for all of them."""
    teams = {team.pk: team for team in Team.objects.defer("calendar")}
    times, spoken = Times(), LANGUAGES[PosterRun.Languages(languages)]
    for site in sites:
        above = [teams[pk] for pk in reversed(site.path_ids) if pk in teams]
        hotline = next((team for team in above if team.phone), None)
        yield poster_of(site, spoken, times, above[-1] if above else site, hotline)


def _file(posters: Iterable[Poster], paper: str, languages: str, *, title: str, at: datetime) -> bytes:
    tag = "en" if languages == PosterRun.Languages.ENGLISH else "zh-Hans"
    sheet = Sheet(title=title, language=tag, made_at=at)
    for poster in posters:
        drawing.draw(sheet, poster, paper)
    return sheet.finished()
