from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

# Who somebody is to the customer.
RELATIONS = [
    ("family", _("Family")),
    ("colleague", _("Colleague or company")),
    ("lawyer", _("Lawyer")),
    ("other", _("Somebody else")),
]


class Representative(models.Model):
    """Somebody whom the customer lets ask about a complaint, with a link of their own.

    Written by complaints.customer.representatives; a link that is taken back stays as a row without a way in.
    """

    class May(models.TextChoices):
        READ = "read", _("Only read")
        ANSWER = "answer", _("Read and answer for me")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="representatives")
    name = models.CharField(pgettext_lazy("person", "name"), max_length=120)
    relation = models.CharField(_("who they are to the customer"), max_length=9, choices=RELATIONS)
    may = models.CharField(_("what they may do"), max_length=6, choices=May, default=May.READ)
    # That the customer agrees, in the customer's own words.
    consent = models.CharField(_("the customer’s consent"), max_length=500)
    # As the customer's own link: found by hash, sealed with a key outside the database to be shown again.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token_sealed = models.CharField(max_length=200, editable=False)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(consent=""), name="representative_by_consent")]

    def __str__(self):
        return self.name

    @property
    def may_answer(self) -> bool:
        return self.may == self.May.ANSWER
