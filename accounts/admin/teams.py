"""The team tree: company, regions, sites and departments."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import DeskAdmin
from accounts.models import AuthorityLimit, Team
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
                "fields": ["phone", "hours_text", "hours_text_zh"],
                "description": _("Shown on the customer’s page: whom to call, and when somebody answers."),
            },
        ),
    ]

    @admin.display(description=_("team"), ordering="path")
    def in_the_tree(self, team):
        """The name, indented by its depth."""
        return STEP * team.depth + team.label


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
