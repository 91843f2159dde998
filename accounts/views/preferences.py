from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PreferencesForm
from accounts.models import Person
from ui.way_back import way_back


@require_http_methods(["GET", "POST"])
def preferences(request):
    """Language, time zone, appearance and notifications of the person who is signed in."""
    # A copy: a refused form must not change how this very page is shown.
    person = Person.objects.get(pk=request.user.pk)
    form = PreferencesForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        person.save(update_fields=list(form.fields))
        with translation.override(person.language):
            messages.success(request, _("Your preferences are saved."))
        return redirect("accounts:preferences")
    status = 422 if form.errors else 200
    return render(request, "accounts/preferences.html", {"form": form}, status=status)


@login_not_required
@require_POST
def set_language(request):
    """Change the language: a cookie for everybody, and the choice of the person who is signed in.

    Public because customers choose their language too; `next` leads only to this desk.
    """
    response = HttpResponseRedirect(way_back(request, "/"))
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response
