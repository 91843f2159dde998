import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.choices import LANGUAGES

HOLE = re.compile(r"\$\{([a-z]+)\}")


class SmsTemplate(models.Model):
    """The text of one kind of message as it is registered with the provider, where that is asked for (mainland China).

    The provider adds the signature. Without a row a message goes out in our own words where the provider takes any,
    else by another way.
    """

    event = models.CharField(_("what it says"), max_length=40)
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES)
    template_id = models.CharField(_("number of the template"), max_length=40)
    text = models.CharField(_("registered text"), max_length=500)

    class Meta:
        verbose_name = _("text message template")
        verbose_name_plural = _("text message templates")
        ordering = ["event", "language"]
        constraints = [models.UniqueConstraint(fields=["event", "language"], name="sms_template_once")]

    def __str__(self):
        return f"{self.event} ({self.language})"

    @property
    def holes(self) -> list[str]:
        """What is filled in, in the order of the text: providers that count them call the first one 1."""
        return HOLE.findall(self.text)

    def filled(self, values: dict[str, str]) -> str:
        """The text with its holes filled. Raises KeyError for one without a value."""
        return HOLE.sub(lambda found: values[found[1]], self.text)
