from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Concat, Substr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models.bilingual import BilingualName


class TeamQuerySet(models.QuerySet):
    def in_tree_order(self):
        """Parents before their children, siblings side by side."""
        return self.order_by("path")

    def active(self):
        return self.filter(active=True)

    def below(self, *teams):
        """The given teams and every team under them."""
        where = models.Q(pk__in=[])
        for team in teams:
            where |= models.Q(path__startswith=team.path)
        return self.filter(where)

    def above(self, team):
        """The team and every team over it, nearest first."""
        return self.filter(pk__in=team.path_ids).order_by("-depth")


class Team(BilingualName):
    """A company, region, site or department; all teams form one tree."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        REGION = "region", _("Region")
        SITE = "site", _("Site")
        DEPARTMENT = "department", _("Department")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    # Materialised path of ids ("1.4.9."), so that a subtree is one prefix test.
    path = models.CharField(max_length=200, editable=False, default="", db_index=True)
    depth = models.PositiveSmallIntegerField(editable=False, default=0)
    calendar = models.ForeignKey(
        "accounts.Calendar",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("working calendar"),
        help_text=_("Empty: the calendar of the team above."),
    )
    phone = models.CharField(_("phone for customers"), max_length=40, blank=True)
    hours_text = models.CharField(_("opening hours, in words"), max_length=120, blank=True)
    hours_text_zh = models.CharField(_("opening hours, in Chinese"), max_length=120, blank=True)
    active = models.BooleanField(_("active"), default=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                nulls_distinct=False,
                name="team_name_unique_under_parent",
                violation_error_message=_("There is a team of this name here already."),
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="team_not_its_own_parent",
            ),
        ]

    def save(self, *args, **kwargs):
        """Keep `path` and `depth` of this team and of all below it. Raises ValidationError on a cycle."""
        self.refuse_cycle()
        with transaction.atomic():
            super().save(*args, **kwargs)
            old_path = self.path
            path = f"{self.parent.path if self.parent else ''}{self.pk}."
            if path == old_path:
                return
            self.path, self.depth = path, path.count(".") - 1
            type(self).objects.filter(pk=self.pk).update(path=self.path, depth=self.depth)
            if old_path:
                self._move_children(old_path)

    save.alters_data = True

    def _move_children(self, old_path: str):
        below = type(self).objects.filter(path__startswith=old_path).exclude(pk=self.pk)
        shift = self.path.count(".") - old_path.count(".")
        below.update(
            path=Concat(models.Value(self.path), Substr("path", len(old_path) + 1)),
            depth=models.F("depth") + shift,
        )

    def clean(self):
        super().clean()
        self.refuse_cycle()

    def refuse_cycle(self):
        """Raises ValidationError when the team would stand under itself."""
        if self.pk and self.parent and self.path and self.parent.path.startswith(self.path):
            raise ValidationError({"parent": _("A team cannot stand under itself.")})

    @property
    def path_ids(self) -> list[int]:
        """Ids from the root down to this team."""
        return [int(part) for part in self.path.split(".") if part]

    @property
    def hours_label(self) -> str:
        chinese = (get_language() or "").startswith("zh")
        return self.hours_text_zh if chinese and self.hours_text_zh else self.hours_text
