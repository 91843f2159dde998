from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PosterRun(models.Model):
    """The posters of all sites of a region as one file, made by a worker; whoever asked finds it again."""

    class Paper(models.TextChoices):
        A4 = "a4", _("Poster, A4")
        A6 = "a6", _("Card, A6")
        STRIP = "strip", _("Strip for receipts, 72 mm")

    class Languages(models.TextChoices):
        BOTH = "both", _("Chinese and English")
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="poster_runs")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    paper = models.CharField(max_length=5, choices=Paper)
    languages = models.CharField(max_length=7, choices=Languages)
    # What one form asks for is made once, however often it is sent.
    submission_key = models.UUIDField(unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # How many sites there were when it was looked last, and how many pages are drawn.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # Whose turn it is: who holds no lease any more was killed, and somebody begins again.
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why there is no file, in the language of the person.
    fault = models.CharField(max_length=300, blank=True)
    pdf = models.BinaryField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("posters of a region")
        verbose_name_plural = _("posters of regions")
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="poster_run_under_way")]

    def __str__(self):
        return f"{self.team_id} {self.paper} {self.pk}"
