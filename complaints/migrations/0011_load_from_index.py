from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0010_search_faster"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="complaint",
            name="complaint_handler_due",
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("status", "archived"), _negated=True),
                fields=["handler", "next_due_at", "id"],
                include=("waiting_since",),
                name="complaint_handler_due",
            ),
        ),
    ]
