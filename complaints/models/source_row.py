from django.db import models
from django.db.models import Q

NAME_LIMIT, KEY_LIMIT = 80, 400


class SourceRow(models.Model):
    """Which row of another system a complaint is, for imports whose mapping names a key.

    A later export brings the same row again: unchanged it is left alone, changed it is noticed, never a second case.
    """

    mapping = models.CharField(max_length=NAME_LIMIT)
    key = models.CharField(max_length=KEY_LIMIT)
    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="source_rows")
    # Column → text, as the row was last noted: the columns that the mapping uses.
    values = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mapping", "key"], name="source_row_once"),
            models.CheckConstraint(condition=~Q(mapping="") & ~Q(key=""), name="source_row_named"),
        ]

    def __str__(self):
        return f"{self.mapping}: {self.key}"
