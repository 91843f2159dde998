"""Django gives a unique text a second index, for patterns; nobody looks for these by a pattern.

Each cost every notice an entry. The unique indexes stay.
"""

from django.db import migrations

TEXTS = (
    ("followups_notice", ("key",)),
    ("followups_escalation", ("key",)),
)
# Their names end in a hash of table and column, which Django makes.
NAMED = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s AND indexname ~ %s"


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, columns in TEXTS:
            cursor.execute(NAMED, [table, f"^{table}_({'|'.join(columns)})_[0-9a-f]+_like$"])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{name}"')


class Migration(migrations.Migration):
    dependencies = [("followups", "0011_notices_lately")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
