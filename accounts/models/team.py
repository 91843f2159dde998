from django.db import models, transaction
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Substr
from django.utils.translation import get_language, gettext_lazy as _

from accounts import organisation, random_codes
from accounts.models.bilingual import BilingualName
from accounts.team_tree import refuse_misplaced


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
    postal_address = models.CharField(
        _("postal address"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("The sender of letters to customers. Empty: the address of the team above."),
    )
    postal_address_zh = models.CharField(
        _("postal address in Chinese"), max_length=200, blank=True, default="", db_default=""
    )
    active = models.BooleanField(_("active"), default=True)
    # Ends the address of a site's complaint form (accounts.site_codes); no other team has one.
    site_code = models.CharField(_("site code"), max_length=8, null=True, unique=True, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="company", parent__isnull=True)
                | (~models.Q(kind="company") & models.Q(parent__isnull=False)),
                name="team_company_on_top",
                violation_error_message=_("The company stands on top, and everything else belongs to something."),
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind="company"),
                name="team_one_company",
                violation_error_message=_("There is a company already."),
            ),
            # What is read in each language: without a Chinese name the English one is read.
            models.UniqueConstraint(
                "parent",
                Lower("name"),
                name="team_name_unique_beside",
                violation_error_message=_("There is a team of this name here already."),
            ),
            models.UniqueConstraint(
                "parent",
                Lower(Coalesce(NullIf("name_zh", models.Value("")), "name")),
                name="team_name_zh_unique_beside",
                violation_error_message=_("There is a team of this name here already."),
            ),
        ]

    def save(self, *args, **kwargs):
        """Keep `path` and `depth` of this team and of all below it, one change of the tree at a time.

        A new site gets its code here; the one it has is only changed by accounts.site_codes.renew().
        Raises ValidationError for a place where a team cannot stand.
        """
        written = kwargs.get("update_fields")
        if written is not None and not {"name", "name_zh", "kind", "parent"}.intersection(written):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            organisation.lock()
            refuse_misplaced(self)
            # The tree as it is now: whoever loaded this team may have done so before somebody moved what is above.
            stored = dict(type(self).objects.filter(pk__in=(self.pk, self.parent_id)).values_list("pk", "path"))
            old_path = self.path = stored.get(self.pk, "")
            self._keep_code()
            if written is not None:
                kwargs["update_fields"] = {*written, "site_code"}
            self.depth = max(old_path.count(".") - 1, 0)
            super().save(*args, **kwargs)
            self.path = f"{stored.get(self.parent_id, '')}{self.pk}."
            self.depth = self.path.count(".") - 1
            if self.path == old_path:
                return
            type(self).objects.filter(pk=self.pk).update(path=self.path, depth=self.depth)
            if old_path:
                self._move_children(old_path)

    save.alters_data = True  # type: ignore[attr-defined]  # what templates must not call

    def _keep_code(self):
        """The code as it is stored, whatever was loaded; a first one for a new site, none for other teams."""
        if self.kind != self.Kind.SITE:
            self.site_code = None
            return
        stored = type(self).objects.filter(pk=self.pk).values_list("site_code", flat=True).first()
        self.site_code = stored or self.unused_code()

    @classmethod
    def unused_code(cls) -> str:
        """A code that no site has; while organisation.lock() is held, nobody else takes it."""
        while cls.objects.filter(site_code=(code := random_codes.drawn())).exists():
            pass
        return code

    def _move_children(self, old_path: str):
        below = type(self).objects.filter(path__startswith=old_path).exclude(pk=self.pk)
        shift = self.path.count(".") - old_path.count(".")
        below.update(
            path=Concat(models.Value(self.path), Substr("path", len(old_path) + 1)),
            depth=models.F("depth") + shift,
        )

    def clean(self):
        super().clean()
        refuse_misplaced(self)

    def or_open_above(self) -> "Team":
        """This team as it is now, or where it is closed the nearest above that is not; itself where all are closed."""
        open_ones = type(self).objects.above(self).active()
        return open_ones.first() or self

    @property
    def path_ids(self) -> list[int]:
        """Ids from the root down to this team."""
        return [int(part) for part in self.path.split(".") if part]

    @property
    def address_label(self) -> str:
        """Where the team, or the nearest above that has an address, gets its post, in the active language."""
        chinese = (get_language() or "").startswith("zh")
        found = type(self).objects.above(self).exclude(postal_address="").first()
        if found is None:
            return ""
        return found.postal_address_zh if chinese and found.postal_address_zh else found.postal_address

    @property
    def hours_label(self) -> str:
        chinese = (get_language() or "").startswith("zh")
        return self.hours_text_zh if chinese and self.hours_text_zh else self.hours_text
