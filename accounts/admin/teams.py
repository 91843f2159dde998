"""The team tree: company, regions, sites and departments."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _

from accounts import site_codes
from accounts.access import may_administer
from accounts.admin.base import DeskAdmin
from accounts.models import AuthorityLimit, Team
from accounts.requests import DeskRequest
from ui.money import money_in_column

# A no-break space survives where HTML folds runs of plain ones.
STEP = "\u00a0\u00a0\u00a0"


class TeamChoiceField(forms.ModelChoiceField):
    """A select of teams in the order of the tree, each as far to the right as it is deep."""

    def label_from_instance(self, team):
        return STEP * team.depth + team.label


class ChoosesTeam:
    """Gives every reference to a team a select in the order of the tree; mixed into ModelAdmin and inlines."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.remote_field.model is Team:
            kwargs |= {"queryset": Team.objects.in_tree_order(), "form_class": TeamChoiceField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Team)
class TeamAdmin(ChoosesTeam, DeskAdmin, admin.ModelAdmin):
    explanation = _(
        "All teams form one tree: the company, its regions, their sites and departments. A supervisor sees the "
        "teams below; a calendar counts for the teams below that have none. A team with complaints cannot be "
        "deleted: switch it off, and nothing new comes to it."
    )
    list_display = ["in_the_tree", "kind", "phone", "calendar", "active"]
    list_filter = ["kind", "active"]
    list_select_related = ["calendar"]
    search_fields = ["name", "name_zh", "phone"]
    ordering = ["path"]
    fieldsets = [
        (None, {"fields": ["name", "name_zh", "kind", "parent", "active"]}),
        (
            _("Working time"),
            {
                "fields": ["calendar"],
                "description": _("Promises counted in working hours follow this calendar."),
            },
        ),
        (
            _("For customers"),
            {
                "fields": ["phone", "hours_text", "hours_text_zh", "postal_address", "postal_address_zh", "code"],
                "description": _(
                    "Shown on the customer’s page, on posters and letters: whom to call, when somebody answers, and "
                    "where letters come from."
                ),
            },
        ),
    ]
    readonly_fields = ["code"]

    @admin.display(description=_("team"), ordering="path")
    def in_the_tree(self, team):
        """The name, indented by its depth."""
        return STEP * team.depth + team.label

    @admin.display(description=_("site code"))
    def code(self, team):
        """The code of a site, and the way to another one."""
        if not team.site_code:
            return gettext("Only sites have one. It stands on their posters.")
        renew = reverse("admin:accounts_team_renew_code", args=[team.pk])
        return format_html(
            '<code>{}</code> <a href="{}">{}</a>', team.site_code, renew, gettext("Give it another code")
        )

    def get_urls(self):
        renew = self.admin_site.admin_view(self.renew_code)
        return [path("<int:pk>/renew-code/", renew, name="accounts_team_renew_code"), *super().get_urls()]

    def renew_code(self, request: DeskRequest, pk: int) -> HttpResponse:
        """Ask whether the site shall have another code; POST gives it one. 404 for a team that is no site."""
        if not may_administer(request.user):
            raise PermissionDenied
        site = Team.objects.filter(pk=pk, kind=Team.Kind.SITE).first()
        if site is None:
            raise Http404
        if request.method == "POST":
            with transaction.atomic():
                return self._alone(request, self._renewed, request, site)
        title = gettext("Another code for %(site)s?") % {"site": site.label}
        context = self.admin_site.each_context(request) | {"title": title, "site": site, "opts": self.opts}
        return render(request, "admin/accounts/team/renew_code.html", context)

    def _renewed(self, request: DeskRequest, site: Team) -> HttpResponse:
        code = site_codes.renew(site, by=request.user)
        messages.success(request, gettext("The code is now %(code)s. Print new posters.") % {"code": code})
        return HttpResponseRedirect(reverse("admin:accounts_team_change", args=[site.pk]))


@admin.register(AuthorityLimit)
class AuthorityLimitAdmin(ChoosesTeam, DeskAdmin, admin.ModelAdmin):
    explanation = _(
        "How many yuan a role may grant a customer on its own. A limit counts for its team and the teams below, "
        "until one of them has its own. Above the limit a solution waits for somebody with more authority; "
        "without any limit everything does."
    )
    list_display = ["team", "role", "limit"]
    list_filter = ["role", "team"]
    list_select_related = ["team"]
    ordering = ["team__path", "role"]

    @admin.display(description=_("limit"), ordering="amount")
    def limit(self, limit):
        return money_in_column(limit.amount)
