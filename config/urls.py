"""Every address of the desk; a view that strangers may use says so itself (login_not_required)."""

from allauth.account import views as account
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe

from config import health, metrics


@require_safe
@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address whatever the page says."""
    return redirect(staticfiles_storage.url("icons/favicon.svg"), permanent=False)


@require_safe
@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """No page is for search engines; the form of customers' links is not told here."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


# The parts of allauth that the desk uses: nobody signs up by themselves.
account_patterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("favicon.ico", favicon),
    path("robots.txt", robots),
    path("account/", include(account_patterns)),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("complaints.urls")),
    path("", include("followups.urls")),
]

if settings.DEBUG:
    from ui.styleguide import styleguide

    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
