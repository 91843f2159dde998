from django.db import models
from django.utils.translation import get_language, gettext_lazy as _


class BilingualName(models.Model):
    """A name in English and, where there is one, in Chinese: data that customers and staff read."""

    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The name in the active language, the English one where no Chinese is given."""
        return self.label_in(get_language() or "en")

    def label_in(self, language: str) -> str:
        """The name in `language` ("en", "zh-hans")."""
        return self.name_zh if self.name_zh and language.startswith("zh") else self.name
