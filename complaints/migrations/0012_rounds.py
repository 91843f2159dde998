import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# What a round came to is a record: the database itself refuses to change it (the function is that of 0002).
PROTECT = """
CREATE TRIGGER round_no_change BEFORE UPDATE OR DELETE ON complaints_round
    FOR EACH ROW EXECUTE FUNCTION complaints_refuse_history_change();
CREATE TRIGGER round_no_truncate BEFORE TRUNCATE ON complaints_round
    FOR EACH STATEMENT EXECUTE FUNCTION complaints_refuse_history_change();
"""
UNPROTECT = """
DROP TRIGGER round_no_truncate ON complaints_round;
DROP TRIGGER round_no_change ON complaints_round;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_how_people_are_told'),
        ('complaints', '0011_load_from_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='option',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='point',
            name='round',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('ended_how', models.CharField(choices=[('reworked', 'Worked on again'), ('reopened', 'Opened again')], max_length=8)),
                ('ended_by_kind', models.CharField(choices=[('person', 'Person'), ('customer', 'Customer'), ('system', 'The desk')], max_length=8)),
                ('reason', models.TextField(blank=True)),
                ('points', models.JSONField(blank=True, default=list)),
                ('findings_lost', models.BooleanField(default=False)),
                ('restatement', models.TextField(blank=True)),
                ('confirmed_how', models.CharField(blank=True, choices=[('phone', 'On the phone'), ('in_person', 'In person'), ('link', 'On the link'), ('not', 'Not confirmed')], max_length=9)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('not_confirmed_reason', models.CharField(blank=True, max_length=300)),
                ('cause', models.CharField(blank=True, max_length=120)),
                ('cause_zh', models.CharField(blank=True, max_length=120)),
                ('solution', models.TextField(blank=True)),
                ('told_how', models.CharField(blank=True, choices=[('message', 'With a message'), ('phone', 'By phone'), ('in_person', 'In person')], max_length=9)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('told_note', models.TextField(blank=True)),
                ('letter', models.TextField(blank=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('options', models.JSONField(blank=True, default=list)),
                ('solved', models.BooleanField(blank=True, null=True)),
                ('rating', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('words', models.TextField(blank=True)),
                ('heard_on', models.CharField(blank=True, choices=[('phone', 'Phone'), ('walk_in', 'In person'), ('web', 'Web form'), ('email', 'E-mail'), ('sms', 'Text message'), ('social', 'Social media'), ('book', 'Opinion book'), ('callback', 'Callback'), ('link', 'Customer link'), ('api', 'API'), ('letter', 'Letter'), ('import', 'Import')], max_length=10)),
                ('heard_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('solved', 'Solved'), ('unsolved', 'Ended without agreement'), ('withdrawn', 'Withdrawn by the customer'), ('duplicate', 'Duplicate of another complaint'), ('invalid', 'Not a complaint')], max_length=10)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closing_reason', models.TextField(blank=True)),
                ('exception', models.TextField(blank=True)),
                ('responsibility', models.TextField(blank=True)),
                ('lesson', models.TextField(blank=True)),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='complaints.complaint')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handler', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'verbose_name': 'round',
                'verbose_name_plural': 'rounds',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('complaint', 'number'), name='round_number_unique')],
            },
        ),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]
