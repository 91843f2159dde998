from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class Telling(models.Model):
    """That a customer was told something, and how we know ("told is evidence").

    What proves wrong is undone, not removed. Written by followups.telling.records and nothing else.
    """

    class Way(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("Text message")
        PHONE = "phone", _("Phone")
        IN_PERSON = "in_person", _("In person")
        LETTER = "letter", pgettext_lazy("what we send", "Letter")
        LINK = "link", _("Customer link")

    class Evidence(models.TextChoices):
        ACCEPTED = "accepted", _("accepted by the server")
        DELIVERED = "delivered", _("arrived on the phone")
        SPOKEN = "spoken", _("spoken and noted")
        HANDED_OVER = "handed_over", _("handed over")
        POSTED = "posted", _("printed and posted")
        READ = "read", _("read on the link")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="tellings")
    round = models.PositiveSmallIntegerField()
    # The notice that was told, or the message of a person; a result that was spoken is neither.
    notice = models.ForeignKey(
        "followups.Notice", on_delete=models.PROTECT, null=True, blank=True, related_name="tellings"
    )
    message = models.ForeignKey(
        "complaints.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What it was about: the event of a notice, or "customer_result".
    about = models.CharField(max_length=40)
    way = models.CharField(max_length=9, choices=Way)
    evidence = models.CharField(max_length=11, choices=Evidence)
    # To which address or number, and in which words.
    address = models.CharField(max_length=254, blank=True)
    words = models.TextField(blank=True)
    # When the customer was told, and when and by whom that was noted.
    at = models.DateTimeField()
    noted_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_because = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("telling")
        verbose_name_plural = _("tellings")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice"], condition=Q(notice__isnull=False, undone_at__isnull=True), name="telling_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | ~Q(undone_because=""), name="telling_undone_says_why"
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.about} {self.way}"


class TellingTry(models.Model):
    """One call in which nothing could be told."""

    class Outcome(models.TextChoices):
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        REFUSED = "refused", _("Does not want to talk")

    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="telling_tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome)

    class Meta:
        verbose_name = _("call in vain")
        verbose_name_plural = _("calls in vain")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["complaint", "number"], name="telling_try_number_unique")]

    def __str__(self):
        return f"{self.complaint_id}: {self.outcome}"
