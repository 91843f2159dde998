"""What a poster leads to: the customer's form, for a site by its code, or the general one (issue 12)."""

from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.kept import kept_texts
from accounts.middleware import forget_draft
from accounts.models import Team
from accounts.site_codes import site_of
from accounts.throttle import client_network
from complaints.case.once import SentBefore
from complaints.customer import links
from complaints.customer.views_link import secluded
from complaints.errors import GateRefused, Refused
from complaints.evidence.filestore import CouldNotStore
from complaints.evidence.forms import names_of, status_of
from complaints.models import StagedFile
from complaints.webform import limits, proof, staging
from complaints.webform.forms import ComplainForm


@dataclass(frozen=True)
class Place:
    """What a form is about: its site (None: the general form), the company, and whom to call instead."""

    code: str
    site: Team | None
    company: Team
    callable: Team | None


class LeadsNowhere(Exception):
    """The code of no site, or of one that is closed (`site`)."""

    def __init__(self, site: Team | None):
        super().__init__("no open site")
        self.site = site


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, code: str = "") -> HttpResponse:
    """The form, or what was sent with it: then it leads to the page that thanks.

    What is refused comes back with all that was typed, and why: the form itself (422), a limit (429), the same form
    with other content (409), a full disk (507). 404 with the way to the general form for a code that leads nowhere.
    """
    try:
        place = _place(code)
    except LeadsNowhere as nowhere:
        context = {"site": nowhere.site, "kept_texts": kept_texts(request)}
        return secluded(render(request, "complaints/webform/no_site.html", context, status=404))
    if request.method != "POST":
        return _page(request, place, ComplainForm(site=place.site))
    form = ComplainForm(request.POST, request.FILES, site=place.site)
    if form.is_trapped:
        form.empty_trap()
        form.is_valid()
        return _page(request, place, form, 422, "trapped")
    if not form.is_valid():
        return _page(request, place, form, status_of(form, "evidence"))
    is_proven = proof.is_solved(request.POST.get("challenge", ""), request.POST.get("answer", ""))
    network = client_network(request)
    if not limits.may_send(network, place.site, is_proven=is_proven, is_danger=form.is_danger):
        return _page(request, place, form, 429, "limit")
    try:
        files = form.cleaned_data.get("evidence") or []
        complaint = staging.log(form.intake(place.company), form.files_key, files, at=timezone.now())
    except Refused as refused:
        _explain(form, refused)
        return _page(request, place, form, refused.status)
    answer = redirect("complaints:public_thanks", links.unseal(complaint.token_sealed))
    forget_draft(answer, request.POST.get("draft", ""))
    return secluded(answer)


def _place(code: str) -> Place:
    """Where the address leads. Raises LeadsNowhere. Two queries with a code, one without."""
    if not code:
        company = Team.objects.filter(parent=None).first()
        if company is None:
            raise Http404
        return Place("", None, company, company if company.phone else None)
    site = site_of(code)
    if site is None or not site.active:
        raise LeadsNowhere(site)
    above = list(Team.objects.above(site))
    return Place(code, site, above[-1], next((team for team in above if team.phone), None))


def _page(request: HttpRequest, place: Place, form: ComplainForm, code: int = 200, refused: str = "") -> HttpResponse:
    """The form; `refused` says what kept it from being sent where no field did: "limit" or "trapped"."""
    staged: list[StagedFile] = []
    lost = []
    if form.is_bound:
        lost = _keep_files(request, form)
        staged = staging.of_form(form.files_key, form.key)
    context = {
        "form": form,
        "staged": staged,
        "place": place,
        # What the top and the foot of a page name.
        "organisation": place.company,
        "challenge": proof.challenge(),
        "proof_bits": proof.BITS,
        "refused": refused,
        "files_lost": lost,
        "most_files": settings.EVIDENCE_MAX_FILES,
        "most_bytes": settings.EVIDENCE_MAX_BYTES,
        "most_megabytes": settings.EVIDENCE_MAX_BYTES >> 20,
    }
    return secluded(render(request, "complaints/webform/new.html", context, status=code))


def _keep_files(request: HttpRequest, form: ComplainForm) -> list[str]:
    """Keep what came along with a refused form, because browsers forget it; returns the names of what is lost."""
    files = [] if form.has_error("evidence") else form.cleaned_data.get("evidence") or []
    if len(files) != len(request.FILES.getlist("evidence")):
        return names_of(request.FILES)
    lost = []
    for each in files:
        try:
            limits.refuse_files(client_network(request))
            staging.stage(form.files_key, uuid4(), each.upload, at=timezone.now())
        except Refused:
            lost.append(each.label)
    return lost


def _explain(form: ComplainForm, refused: Refused):
    """Put the reasons of a refusal beside the fields they are about."""
    if isinstance(refused, GateRefused):
        for missing in refused.missing:
            form.add_error(missing.field if missing.field in form.fields else None, missing.message)
        return
    if isinstance(refused, SentBefore):
        form.renew_key()
    form.add_error("evidence" if isinstance(refused, CouldNotStore) else None, str(refused))
