from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A view of the queue with its filters and order, kept under a name; shared with a team or one's own."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    # The address's part behind the question mark, without the keys of pages.
    query = models.TextField(blank=True)
    # Everybody with a role in this team or below it sees it; nobody else where it is empty.
    shared_with = models.ForeignKey(
        "accounts.Team",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("shared with"),
    )
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_view_name_once",
                violation_error_message=_("You have a view of this name already."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def address(self) -> str:
        """What follows the queue's own path, so that the view is shown and known by its name."""
        return "?" + "&".join(filter(None, [self.query, f"saved={self.pk}"]))
