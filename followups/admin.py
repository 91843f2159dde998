"""The administration of promises made for every complaint. Promises themselves, escalations and notices
have no page here: they follow from what happens to a case.
"""

from datetime import timedelta

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import DeskAdmin
from followups.models import PromisePolicy
from ui.wording import duration_words


@admin.register(PromisePolicy)
class PromisePolicyAdmin(DeskAdmin, admin.ModelAdmin):
    explanation = _(
        "What is promised for every complaint, by its severity: a policy for a category goes before the one for "
        "the category above it, and that before the general one. A change counts for promises made from now on."
    )
    list_display = ["severity", "kind", "category", "length", "clock", "active"]
    list_filter = ["severity", "kind", "clock", "active"]
    list_select_related = ["category__parent"]
    fieldsets = [
        (_("For which complaints"), {"fields": ["severity", "category"]}),
        (
            _("What is promised"),
            {
                "fields": ["kind", "minutes", "clock"],
                "description": _("An hour has 60 minutes, a day 1,440, seven days 10,080."),
            },
        ),
        (
            _("Before and after"),
            {
                "fields": ["warn_minutes", "long_stop_minutes", "active"],
                "description": _("The person who has to keep the promise gets a warning this long before it is due."),
            },
        ),
    ]

    @admin.display(description=_("within"), ordering="minutes")
    def length(self, policy):
        return duration_words(timedelta(minutes=policy.minutes))
