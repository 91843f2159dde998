from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.bilingual import BilingualName


class CatalogueEntry(BilingualName):
    """A node of a small tree that administrators keep."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def clean(self):
        super().clean()
        above = self.parent
        while above is not None:
            if above.pk == self.pk and self.pk is not None:
                raise ValidationError({"parent": _("An entry cannot stand under itself.")})
            above = above.parent

    @property
    def full_label(self) -> str:
        """The label with its parent's: "Equipment: metering drift"."""
        return f"{self.parent.label} / {self.label}" if self.parent else self.label


class Category(CatalogueEntry):
    """What a complaint is about."""

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="category_unique"),
        ]


class RootCause(CatalogueEntry):
    """Why it happened."""

    class Meta(CatalogueEntry.Meta):
        verbose_name = _("root cause")
        verbose_name_plural = _("root causes")
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="root_cause_unique"),
        ]
