"""No stage without a duty: policies for verifying, for telling by phone and for archiving, and an end to every waiting.

Administrators change them in the browser. A resolution that had no long stop gets one. What was delivered, or given up,
before tellings were written down has had its consequences.
"""

from django.db import migrations
from django.db.models.functions import Now

HOUR, DAY = 60, 24 * 60
# In working time a day has eight hours.
WORKING_DAY = 8 * HOUR
POLICIES = {
    "verification": {
        "danger": {"minutes": HOUR, "clock": "calendar", "warn_minutes": 20},
        "urgent": {"minutes": 4 * HOUR, "clock": "working", "warn_minutes": HOUR},
        "normal": {"minutes": 2 * WORKING_DAY, "clock": "working", "warn_minutes": 2 * HOUR},
        "complex": {"minutes": 3 * WORKING_DAY, "clock": "working", "warn_minutes": 2 * HOUR},
    },
    "tell": {
        "danger": {"minutes": 30, "clock": "calendar", "warn_minutes": 10},
        "urgent": {"minutes": 2 * HOUR, "clock": "working", "warn_minutes": 30},
        "normal": {"minutes": 4 * HOUR, "clock": "working", "warn_minutes": HOUR},
        "complex": {"minutes": 4 * HOUR, "clock": "working", "warn_minutes": HOUR},
    },
    "archive": {
        severity: {"minutes": 7 * DAY, "clock": "calendar", "warn_minutes": DAY}
        for severity in ("danger", "urgent", "normal", "complex")
    },
}
LONG_STOPS = {"danger": 7 * DAY, "urgent": 14 * DAY, "normal": 30 * DAY, "complex": 60 * DAY}


def make(apps, schema_editor):
    policy = apps.get_model("followups", "PromisePolicy")
    for kind, tiers in POLICIES.items():
        for severity, row in tiers.items():
            policy.objects.get_or_create(category=None, severity=severity, kind=kind, defaults=row)
    for severity, minutes in LONG_STOPS.items():
        without = policy.objects.filter(severity=severity, kind="resolution", long_stop_minutes=None)
        without.filter(minutes__lte=minutes).update(long_stop_minutes=minutes)


def settle(apps, schema_editor):
    ended = apps.get_model("followups", "Notice").objects.filter(
        to_customer=True, settled_at=None, state__in=["sent", "dead", "unconfirmed"]
    )
    ended.update(settled_at=Now())


class Migration(migrations.Migration):
    dependencies = [("followups", "0013_told_is_evidence")]

    operations = [
        migrations.RunPython(make, migrations.RunPython.noop),
        migrations.RunPython(settle, migrations.RunPython.noop),
    ]
