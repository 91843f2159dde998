from django.db import models


class Heartbeat(models.Model):
    """When a part of the engine last did its work ("sweep", "deliver", "beat", "guard"); database clock."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80, blank=True)

    def __str__(self):
        return f"{self.name} {self.at:%H:%M:%S}"
