"""What a poster says of a site: where its code leads, whom to call, what happens next and by when.

Times are the policies in force for what comes without a severity (normal) and a category: a published promise is never
typed by hand (issue 12). What no policy promises is not on the poster.
"""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext, override

from accounts.models import Team
from complaints.choices import Severity
from followups.models import PromisePolicy
from followups.models.promise import Clock, PromiseKind

DAY, HOUR = 24 * 60, 60


@dataclass(frozen=True)
class Step:
    """One thing that happens: by when, in large type, and what."""

    when: str
    what: str


@dataclass(frozen=True)
class Said:
    """The words of a poster in one language."""

    company: str
    site: str
    heading: str
    scan: str
    steps: tuple[Step, ...]
    # What there is room for on the large one only.
    otherwise: Step
    free: str
    call: str
    hours: str
    danger: str
    # The strip: a question, what the code is for, and the first of the promises in one sentence.
    question: str
    kinds: str
    answered: str


@dataclass(frozen=True)
class Poster:
    """Everything on the poster of one site; `said` in the order of the languages, the large one first."""

    address: str
    phone: str
    said: tuple[Said, ...]

    @property
    def printed_address(self) -> str:
        """The address as people type it."""
        return self.address.split("://", 1)[-1].rstrip("/")


class Times:
    """The promises in force, read once for all posters of a run."""

    def __init__(self) -> None:
        policies = PromisePolicy.objects.filter(active=True, severity=Severity.NORMAL, category=None)
        self.by_kind = {policy.kind: policy for policy in policies}

    def steps(self) -> tuple[Step, ...]:
        """What happens and by when, in the active language."""
        steps = [Step(_("At once"), _("you get a reference and a link"))]
        first, result = (self.by_kind.get(kind) for kind in (PromiseKind.FIRST_CONTACT, PromiseKind.RESOLUTION))
        if first is not None:
            what = _("somebody answers (working hours)") if _is_working(first) else _("somebody answers")
            steps.append(Step(length(first.minutes), what))
        if result is not None:
            what = (
                _("you hear the result and our offer (working hours)")
                if _is_working(result)
                else _("you hear the result and our offer")
            )
            steps.append(Step(length(result.minutes), what))
        return tuple(steps)

    def answered(self) -> str:
        """The first of them as a sentence; "" where nothing is promised."""
        first = self.by_kind.get(PromiseKind.FIRST_CONTACT)
        if first is None:
            return ""
        within = {"time": length(first.minutes)}
        if _is_working(first):
            return _("Somebody answers within %(time)s of working time") % within
        return _("Somebody answers within %(time)s") % within


def poster_of(site: Team, languages: tuple[str, ...], times: Times, company: Team, hotline: Team | None) -> Poster:
    """The poster of a site, whose team has a code. `hotline` is the team whose number customers call, or None."""
    if not site.site_code:
        raise ValueError(f"Site {site.pk} has no code")
    said = []
    for language in languages:
        with override(language):
            said.append(_said(site, times, company, hotline))
    address = settings.BASE_URL + reverse("complaints:public_new_site", args=[site.site_code])
    return Poster(address, hotline.phone if hotline is not None else "", tuple(said))


def length(minutes: int) -> str:
    """How long something may take, exactly: days, else hours, else minutes; in the active language."""
    if minutes % DAY == 0:
        return ngettext("%(count)d day", "%(count)d days", minutes // DAY) % {"count": minutes // DAY}
    if minutes % HOUR == 0:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // HOUR) % {"count": minutes // HOUR}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _said(site: Team, times: Times, company: Team, hotline: Team | None) -> Said:
    return Said(
        company=company.label,
        site=site.label,
        heading=_("Something went wrong? Tell us."),
        scan=_("Scan with your camera"),
        steps=times.steps(),
        otherwise=Step(_("Not solved?"), _("we start again, or somebody else reviews it")),
        free=_("No account, no name needed. Complaints, suggestions, praise. With photos or your voice."),
        call=_("Or call") if hotline is not None else "",
        hours=hotline.hours_label if hotline is not None else "",
        danger=_("Danger? Leave first, then call 119."),
        question=_("How was it?"),
        kinds=_("Complaint, suggestion, praise"),
        answered=times.answered(),
    )


def _is_working(policy: PromisePolicy) -> bool:
    return policy.clock == Clock.WORKING
