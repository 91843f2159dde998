from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts import organisation
from accounts.models.bilingual import BilingualName
from accounts.organisation import same_name


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

    def save(self, *args, **kwargs):
        """Raises ValidationError for a place where an entry cannot stand; one change of the catalogues at a time."""
        with transaction.atomic():
            organisation.lock()
            self.refuse_misplaced()
            super().save(*args, **kwargs)

    save.alters_data = True  # type: ignore[attr-defined]  # what templates must not call

    def clean(self):
        super().clean()
        self.refuse_misplaced()

    def refuse_misplaced(self):
        """Raises ValidationError, by field: there are two levels, and no two of one name beside each other."""
        entries = type(self)._base_manager
        if self.parent_id is not None:
            above = entries.filter(pk=self.parent_id).values_list("pk", "parent").first() or ()
            if self.pk is not None and self.pk in above:
                raise ValidationError({"parent": _("An entry cannot stand under itself.")})
            if any(above[1:]):
                raise ValidationError({"parent": _("There are two levels: choose an entry of the first one.")})
            if self.pk is not None and entries.filter(parent=self.pk).exists():
                raise ValidationError({"parent": _("Entries stand under this one, so it belongs to the first level.")})
        beside = list(entries.filter(parent=self.parent_id).exclude(pk=self.pk).only("name", "name_zh"))
        for field, language in (("name", "en"), ("name_zh", "zh")):
            wanted = same_name(self.label_in(language))
            if any(same_name(other.label_in(language)) == wanted for other in beside):
                field = field if getattr(self, field) else "name"
                raise ValidationError({field: _("There is an entry of this name here already.")})

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
