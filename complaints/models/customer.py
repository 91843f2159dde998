from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Customer(models.Model):
    """Somebody who complains. The phone is the first key, e-mail is optional; neither is unique to one person."""

    class Title(models.TextChoices):
        NONE = "", _("No title")
        MR = "mr", _("Mr")
        MS = "ms", _("Ms")

    name = models.CharField(pgettext_lazy("person", "name"), max_length=120, blank=True)
    title = models.CharField(_("title"), max_length=2, choices=Title, blank=True, default=Title.NONE)
    phone = models.CharField(_("phone"), max_length=40, blank=True, help_text=_("As the customer gave it."))
    # E.164 where the number can be read as one ("+8613900004417"), else its digits: for finding the customer again.
    phone_key = models.CharField(max_length=20, blank=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="zh-hans"
    )
    call_hours = models.CharField(_("when to call"), max_length=120, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["phone_key"], condition=~models.Q(phone_key=""), name="customer_phone"),
            models.Index(Lower("email"), condition=~models.Q(email=""), name="customer_email"),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        return self.name or str(_("No name given"))

    @property
    def can_be_reached(self) -> bool:
        return bool(self.phone or self.email)
