"""The promises to start with (SPEC, "Promises"); administrators change them in the browser."""

from django.db import migrations

HOUR, DAY = 60, 24 * 60
TIERS = {"danger": 2 * HOUR, "urgent": 24 * HOUR, "normal": 7 * DAY, "complex": 15 * DAY}


def make(apps, schema_editor):
    policy = apps.get_model("followups", "PromisePolicy")
    rows = []
    for severity, minutes in TIERS.items():
        # Danger does not wait for opening hours; everybody else hears from us within a working hour.
        first = {"minutes": 30, "clock": "calendar", "warn_minutes": 10} if severity == "danger" else {
            "minutes": HOUR, "clock": "working", "warn_minutes": 20,
        }
        rows.append(policy(severity=severity, kind="first_contact", **first))
        rows.append(
            policy(
                severity=severity,
                kind="resolution",
                minutes=minutes,
                clock="calendar",
                warn_minutes={"danger": 30, "urgent": 4 * HOUR, "normal": DAY, "complex": 2 * DAY}[severity],
            )
        )
    policy.objects.bulk_create(rows)


def remove(apps, schema_editor):
    apps.get_model("followups", "PromisePolicy").objects.filter(category=None).delete()


class Migration(migrations.Migration):
    dependencies = [("followups", "0001_initial")]

    operations = [migrations.RunPython(make, remove)]
