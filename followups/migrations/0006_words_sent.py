from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('followups', '0005_bell'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='subject',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='notice',
            name='words',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
    ]
