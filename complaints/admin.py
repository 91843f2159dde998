"""The administration of what cases are described with. Cases themselves have no page here: they are
changed by the steps of their life alone, and administrators see no complaint by that role.
"""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from accounts.admin.base import DeskAdmin
from complaints.models import Category, OutsideHelp, ReplyTemplate, RootCause
from complaints.writing.reply_templates import VARIABLES

IN_BRACES = re.compile(r"\{([^{}]*)\}")

# Each top entry, followed by what belongs to it. The stubs know of names only.
BY_TREE: list[Any] = [
    Coalesce("parent__position", "position").asc(),
    Coalesce("parent__name", "name").asc(),
    F("parent").asc(nulls_first=True),
    "position",
    "name",
]


class CatalogueAdmin(DeskAdmin, admin.ModelAdmin):
    """A small tree of bilingual names."""

    list_display = ["full_label", "name", "name_zh", "position", "active"]
    list_editable = ["position", "active"]
    list_filter = ["active", ("parent", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["parent"]
    search_fields = ["name", "name_zh"]
    ordering = BY_TREE
    fields = ["name", "name_zh", "parent", "position", "active"]

    @admin.display(description=gettext_lazy("in full"))
    def full_label(self, entry):
        return entry.full_label


@admin.register(Category)
class CategoryAdmin(CatalogueAdmin):
    explanation = gettext_lazy(
        "What complaints are about, in two levels. Customers never see these words; reports count by them. What "
        "is in use cannot be deleted: switch it off, and it is not offered any more."
    )


@admin.register(RootCause)
class RootCauseAdmin(CatalogueAdmin):
    explanation = gettext_lazy(
        "Why things went wrong, in two levels: chosen when a complaint is resolved. What is in use cannot be "
        "deleted: switch it off, and it is not offered any more."
    )


@admin.register(OutsideHelp)
class OutsideHelpAdmin(DeskAdmin, admin.ModelAdmin):
    explanation = gettext_lazy(
        "Whom customers may turn to outside: hotlines, an ombudsman. They are named where an appeal is rejected, and "
        "on the customer’s page when the time to appeal is over. An appeal keeps the texts as they were told."
    )
    list_display = ["name", "name_zh", "phone", "position", "active"]
    list_editable = ["position", "active"]
    search_fields = ["name", "name_zh"]
    fields = ["name", "name_zh", "text", "text_zh", "phone", "position", "active"]


class ReplyTemplateForm(forms.ModelForm):
    """Accepts the known variables only, so that no customer reads “{promise}”."""

    def clean_body(self):
        return self._only_known("body")

    def clean_body_zh(self):
        return self._only_known("body_zh")

    def _only_known(self, name):
        text = self.cleaned_data[name]
        unknown = [found for found in IN_BRACES.findall(text) if found not in VARIABLES]
        known = pgettext("list", ", ").join(f"{{{name}}}" for name in VARIABLES)
        if unknown:
            raise forms.ValidationError(
                _("“{%(unknown)s}” is not a variable. There are %(known)s."),
                params={"unknown": unknown[0], "known": known},
            )
        if set("{}") & set(IN_BRACES.sub("", text)):
            raise forms.ValidationError(_("A brace has no partner. Variables are %(known)s."), params={"known": known})
        return text


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(DeskAdmin, admin.ModelAdmin):
    explanation = gettext_lazy(
        "Texts to start a reply from, one for each step, in both languages. The customer’s language decides which "
        "one is taken. Say what happens, by when and who does it; a template never says “soon”."
    )
    form = ReplyTemplateForm
    list_display = ["name", "name_zh", "position", "active"]
    list_editable = ["position", "active"]
    search_fields = ["name", "name_zh", "body", "body_zh"]
    fieldsets = [
        (None, {"fields": ["name", "name_zh", "position", "active"]}),
        (
            gettext_lazy("Text"),
            {
                "fields": ["body", "body_zh"],
                "description": gettext_lazy(
                    "These are replaced: {salutation} (Dear Ms Guo), {handler} (who looks after it), {reference}. "
                    "Dates, each from the promise it speaks of: {promised} (the next one), {result_by}, {old_date} "
                    "and {new_date} (of the one that was moved last), {missed_date}, {appointment}, {offer_until}, "
                    "{call_by}, {called}. What stands in square brackets, [what we found], is a hole: whoever writes "
                    "the reply fills it, and a text with a hole is not sent."
                ),
            },
        ),
    ]
