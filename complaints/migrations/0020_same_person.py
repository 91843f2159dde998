import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0019_submission_digest'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='same_as',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='complaints.customer'),
        ),
    ]
