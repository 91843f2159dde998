from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from complaints.choices import Way
from complaints.phones import mobile_number
from complaints.ways import way_to


class Customer(models.Model):
    """Who complains, as one case was told: its contact. The phone is the first key, e-mail is optional.

    Neither is unique to one person, so they never join two contacts. `same_as` does: somebody of the desk who saw
    both said that it is the same person; it names the first contact of theirs. What a case was told is never changed
    by a later one.
    """

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
    # Since when nothing sent there arrives; another address empties it.
    email_failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # On one line, as on an envelope; letters go there (followups.telling.letters).
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True, default="", db_default="")
    language = models.CharField(
        _("language"), max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="zh-hans"
    )
    # How they want to be told things; "" for whatever works.
    way = models.CharField(_("how to tell them"), max_length=6, choices=Way, blank=True, default="", db_default="")
    # Since when no text message arrives at this number; another one empties it.
    sms_failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    call_hours = models.CharField(_("when to call"), max_length=120, blank=True)
    created_at = models.DateTimeField(editable=False)
    same_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="contacts"
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["phone_key"], condition=~models.Q(phone_key=""), name="customer_phone"),
            # Answers email__iexact (accounts.lookups), which does not say that the address is not empty.
            models.Index(Lower("email"), name="customer_email"),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        return self.name or str(_("No name given"))

    @property
    def person_id(self) -> int:
        """The key of the first contact of this person."""
        return self.same_as_id or self.pk

    @property
    def can_be_reached(self) -> bool:
        return bool(self.phone or self.email or self.postal_address)

    @property
    def can_be_asked(self) -> bool:
        """Whether a question and its answer go back and forth within a day: letters take longer than a callback."""
        return bool(self.phone or self.email)

    @property
    def gets_letters(self) -> bool:
        """Whether what no message brings to them is written: they asked for it, or nobody can call."""
        return bool(self.postal_address) and (self.way == Way.LETTER or not self.phone)

    @property
    def email_works(self) -> bool:
        """Whether an e-mail reaches them: an address is known, and nothing says that it does not work."""
        return bool(self.email) and self.email_failed_at is None

    @property
    def sms_works(self) -> bool:
        """Whether a text message reaches them: the desk sends any, and a mobile number is known that works."""
        return bool(settings.SMS) and self.sms_failed_at is None and bool(self.sms_number)

    @property
    def sms_number(self) -> str:
        """The number to which text messages go, as providers want it; "" where there is none."""
        return mobile_number(self.phone) if self.phone else ""

    @property
    def can_be_written_to(self) -> bool:
        """Whether a message reaches them, by the way that is theirs."""
        return way_to(self) in (Way.SMS, Way.EMAIL)
