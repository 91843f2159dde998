"""The organisation's own numbers."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import DeskAdmin
from accounts.models import DeskRules


@admin.register(DeskRules)
class DeskRulesAdmin(DeskAdmin, admin.ModelAdmin):
    explanation = _("Numbers that hold for the whole organisation. A change counts from now on.")
    fieldsets = [
        (_("Escalations"), {"fields": ["sign_within_minutes", "stuck_after_hours"]}),
        (_("Callbacks"), {"fields": ["callback_after_hours", "callback_attempts", "callback_retry_hours"]}),
        (_("After the result"), {"fields": ["reopen_days", "appeal_days", "link_days"]}),
    ]

    def changelist_view(self, request, extra_context=None):
        """There is one row, so the list is its form."""
        return redirect(reverse("admin:accounts_deskrules_change", args=[1]))

    def get_object(self, request, object_id, from_field=None):
        """The rules in force; before the first saving the defaults stand in the form."""
        return DeskRules.current() if object_id == "1" else None

    def has_add_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
