"""What a poster leads to: the address of the site, by its code, or the general one (issue 12, "Public form")."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Team
from accounts.site_codes import site_of
from complaints.customer.views_link import secluded


@login_not_required
@require_safe
def new(request: HttpRequest, code: str = "") -> HttpResponse:
    """Whom to call about the site with this code; 404 with the way to the general address where there is none open."""
    site = site_of(code) if code else None
    if code and (site is None or not site.active):
        return secluded(render(request, "complaints/webform/no_site.html", {"site": site}, status=404))
    return secluded(render(request, "complaints/webform/new.html", {"site": site, "callable": _callable(site)}))


def _callable(site: Team | None) -> Team | None:
    """The nearest team at or above the site that customers can call; None where none has a number."""
    return Team.objects.above(site).exclude(phone="").first() if site is not None else None
