"""Who is away and who stands in: people say so for themselves, supervisors for those they lead."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import absences as verbs
from accounts.absences import absences_led_by, people_led_by, present_and_future
from accounts.access import has_role
from accounts.forms import AbsenceForm
from accounts.models import Absence, Membership, Person, Role
from accounts.requests import DeskRequest

# More people than this are found by name.
MOST_PEOPLE = 50


@require_http_methods(["GET", "POST"])
def absences(request: DeskRequest) -> HttpResponse:
    """When the person who is signed in is away, and who stands in; a new absence is entered here."""
    return _page(request, request.user)


@require_http_methods(["GET", "POST"])
def person_absences(request: DeskRequest, pk: int) -> HttpResponse:
    """The same for somebody that a supervisor leads; 404 for everybody else, 403 for who leads nobody."""
    _refuse_without_people(request.user)
    return _page(request, get_object_or_404(people_led_by(request.user), pk=pk))


@require_safe
def team_absences(request: DeskRequest) -> HttpResponse:
    """For supervisors: who of their people is or will be away; everybody else can be chosen, or found by name."""
    _refuse_without_people(request.user)
    at = timezone.now()
    typed = request.GET.get("q", "").strip()[:80]
    named = Q(name__icontains=typed) | Q(name_zh__icontains=typed) | Q(username__icontains=typed)
    working = Prefetch("memberships", Membership.objects.select_related("team").order_by("team__path"))
    people = people_led_by(request.user).filter(named).order_by("name", "pk").prefetch_related(working)
    found = list(people[: MOST_PEOPLE + 1])
    context = {
        "absences": absences_led_by(request.user, at),
        "people": found[:MOST_PEOPLE],
        "more": len(found) > MOST_PEOPLE,
        "typed": typed,
        "now": at,
    }
    return render(request, "accounts/team_absences.html", context)


@require_POST
def end(request: DeskRequest, pk: int) -> HttpResponse:
    """Back earlier: one's own absence, or that of somebody one leads."""
    at = timezone.now()
    whose = Q(person=request.user) | Q(person__in=people_led_by(request.user))
    absence = get_object_or_404(Absence.objects.select_related("person").filter(whose), pk=pk)
    verbs.end(absence, at)
    messages.success(request, _("The absence is ended."))
    return _to_page_of(request, absence.person)


def _page(request: DeskRequest, person: Person) -> HttpResponse:
    at = timezone.now()
    own = person == request.user
    form = AbsenceForm(request.POST or None, person=person, at=at, own=own)
    if request.method == "POST" and form.is_valid():
        verbs.enter(person, **form.cleaned_data)
        said = _("Your absence is entered.") if own else _("The absence of %(name)s is entered.")
        messages.success(request, said % {"name": person.label})
        return _to_page_of(request, person)
    context = {"form": form, "absences": present_and_future(person, at), "person": person, "own": own, "now": at}
    return render(request, "accounts/absences.html", context, status=422 if form.errors else 200)


def _to_page_of(request: DeskRequest, person: Person) -> HttpResponse:
    if person == request.user:
        return redirect("accounts:absences")
    return redirect("accounts:person_absences", person.pk)


def _refuse_without_people(person: Person):
    """Raises PermissionDenied (403) for people who supervise no team."""
    if not has_role(person, Role.SUPERVISOR):
        raise PermissionDenied
