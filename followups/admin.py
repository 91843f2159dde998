"""The administration of promises made for every complaint, and of texts registered for text messages.

Promises themselves, escalations and notices have no page here: they follow from what happens to a case.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _, pgettext

from accounts.admin.base import DeskAdmin
from followups.models import PromisePolicy, SmsTemplate
from followups.notices import kinds, texts
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


class SmsTemplateForm(forms.ModelForm):
    """Asks which of the messages to customers it is, and accepts only holes that can be filled."""

    event = forms.ChoiceField(label=_("What it says"), choices=kinds.told_to_customers)

    class Meta:
        widgets: ClassVar[dict[str, forms.Widget]] = {"text": forms.Textarea(attrs={"rows": 4, "cols": 60})}

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        holes = SmsTemplate(text=text).holes
        known = pgettext("list", ", ").join(f"${{{name}}}" for name in texts.HOLES)
        unknown = [name for name in holes if name not in texts.HOLES]
        if unknown or text.count("$") + text.count("{") + text.count("}") != 3 * len(holes):
            raise forms.ValidationError(
                _("Only %(known)s can be filled in, each written as here."), params={"known": known}
            )
        if set("【】") & set(text):
            raise forms.ValidationError(_("The provider adds the signature: leave it and its brackets out."))
        return text


@admin.register(SmsTemplate)
class SmsTemplateAdmin(DeskAdmin, admin.ModelAdmin):
    explanation = _(
        "Texts as they are registered with the provider of text messages, one for each message and language. Put "
        "${reference}, ${code} (the end of the customer’s link), ${who} and ${when} where its variables stand. What "
        "is not registered is mailed, or somebody calls."
    )
    form = SmsTemplateForm
    list_display = ["about", "language", "template_id", "text"]
    list_filter = ["language"]
    fields = ["event", "language", "template_id", "text"]

    def has_module_permission(self, request: Any) -> bool:
        """Only a desk that sends text messages lists them."""
        return bool(settings.SMS) and super().has_module_permission(request)

    @admin.display(description=_("what it says"), ordering="event")
    def about(self, template: SmsTemplate) -> str:
        return kinds.about(template.event) or template.event
