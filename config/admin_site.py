from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache


class DeskAdminSite(AdminSite):
    """The administration of the desk: teams, people, categories, policies, calendars, templates."""

    site_title = _("Complaint desk")
    site_header = _("Administration of the complaint desk")
    index_title = _("What can be changed here")

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Send people to the desk's own sign-in, which throttles wrong passwords; there is no second one.

        Somebody signed in without the right to be here gets 403.
        """
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        index = reverse("admin:index", current_app=self.name)
        wanted = request.GET.get("next") or request.get_full_path()
        return redirect_to_login(index if wanted.startswith(reverse("admin:login")) else wanted)
