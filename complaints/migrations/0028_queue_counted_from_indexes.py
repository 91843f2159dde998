from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_where_a_team_may_stand'),
        ('complaints', '0027_customer_email_failed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='complaint',
            name='complaint_team_due',
        ),
        migrations.RemoveIndex(
            model_name='complaint',
            name='complaint_site_due',
        ),
        migrations.RemoveIndex(
            model_name='complaint',
            name='complaint_logged_by',
        ),
        migrations.RemoveIndex(
            model_name='complaint',
            name='complaint_waiting',
        ),
        migrations.RemoveIndex(
            model_name='complaint',
            name='complaint_unassigned',
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('status', 'archived'), _negated=True), fields=['team', 'next_due_at', 'id'], include=('site', 'handler', 'logged_by', 'status', 'waiting_since'), name='complaint_team_due'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('status', 'archived'), _negated=True), fields=['site', 'next_due_at', 'id'], include=('handler', 'status', 'waiting_since'), name='complaint_site_due'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('status', 'archived'), _negated=True), fields=['logged_by', 'next_due_at', 'id'], include=('handler', 'status', 'waiting_since'), name='complaint_logged_by'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('waiting_since__isnull', False), models.Q(('status', 'archived'), _negated=True)), fields=['next_due_at', 'id'], include=('team', 'site', 'handler', 'logged_by'), name='complaint_waiting'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('handler__isnull', True), models.Q(('status__in', ['resolved', 'feedback', 'archived']), _negated=True)), fields=['next_due_at', 'id'], include=('team', 'site', 'logged_by'), name='complaint_unassigned'),
        ),
    ]
