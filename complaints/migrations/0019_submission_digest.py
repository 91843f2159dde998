from django.db import migrations, models

DIGEST = models.CharField(blank=True, default="", editable=False, max_length=64)


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0017_search_folding"),
    ]

    operations = [
        *(migrations.AddField(model, "submission_digest", DIGEST) for model in ("complaint", "message", "waitingreply")),
        migrations.CreateModel(
            name="ReferenceBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("first", models.PositiveIntegerField()),
                ("last", models.PositiveIntegerField()),
                ("reserved_at", models.DateTimeField()),
            ],
        ),
    ]
