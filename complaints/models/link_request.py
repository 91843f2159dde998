from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkRequest(models.Model):
    """Somebody asked for the link to a complaint; answered and removed by complaints.customer.asked_links.

    Written for whatever was typed, so that asking takes the same time whether it fits a complaint or not.
    """

    reference = models.CharField(max_length=40)
    # What proves that it is theirs: an e-mail address, or digits of the phone number.
    proof = models.CharField(max_length=254)
    # Whether it has to be the whole number (as a key of complaints.phones), not only its end.
    whole = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("link asked for")
        verbose_name_plural = _("links asked for")
        ordering = ["id"]

    def __str__(self):
        return self.reference
