from django.db import migrations, models


class Migration(migrations.Migration):
    """What somebody was told lately is found without reading what they were ever told."""

    dependencies = [("followups", "0010_verifier")]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["person", "created_at"], condition=models.Q(person__isnull=False), name="notice_lately"
            ),
        ),
    ]
