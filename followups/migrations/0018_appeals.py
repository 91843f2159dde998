"""Appeals: decided within seven days unless administrators say otherwise; loud where nobody may decide."""

from django.db import migrations, models


DAY = 24 * 60
SECOND_LOOK = {"minutes": 7 * DAY, "clock": "calendar", "warn_minutes": DAY}


def make(apps, schema_editor):
    policy = apps.get_model("followups", "PromisePolicy")
    for severity in ("danger", "urgent", "normal", "complex"):
        policy.objects.get_or_create(category=None, severity=severity, kind="appeal", defaults=SECOND_LOOK)


class Migration(migrations.Migration):

    dependencies = [
        ("complaints", "0035_appeals"),
        ("followups", "0017_sms"),
    ]

    operations = [
        migrations.AlterField(
            model_name='escalation',
            name='reason',
            field=models.CharField(choices=[('overdue', 'Promise broken'), ('severity', 'Danger to people'), ('authority', 'Beyond authority'), ('competence', 'Beyond competence'), ('repeat', 'Third complaint or reminder'), ('bounced', 'Third hand-over'), ('stuck', 'Nothing happened for too long'), ('customer', 'The customer asks for a supervisor'), ('unsatisfied', 'The customer is not satisfied'), ('untold', 'The customer could not be told'), ('no_reviewer', 'Nobody may decide an appeal'), ('manual', 'Asked for by staff')], max_length=11, verbose_name='reason'),
        ),
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
