import failure_lessons.constraints
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('outbox', '0001_messages'), ('outbox', '0002_find_by_secret')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, help_text='Stands in its Message-ID.', unique=True)),
                ('purpose', models.SlugField(help_text='What it is for, such as submitted.', max_length=40)),
                ('recipient', models.EmailField(max_length=254)),
                ('context', models.JSONField(help_text='Subject and lines; perhaps the path of a link, with {secret} in it.')),
                ('state', models.CharField(choices=[('waiting', 'Waits'), ('sending', 'Is being sent'), ('sent', 'Sent'), ('refused', 'Refused'), ('unknown', 'Not known'), ('bounced', 'Came back')], default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, help_text='What went wrong last.', max_length=300)),
                ('secret_sha256', models.CharField(blank=True, help_text='Of the secret in its link.', max_length=64)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at', 'id'], name='message_due'), models.Index(condition=models.Q(('secret_sha256', ''), _negated=True), fields=['secret_sha256'], name='message_secret')],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('settled_at', None), ('state__in', ['waiting', 'sending'])), models.Q(models.Q(('state__in', ['waiting', 'sending']), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='a_settled_message_says_when'), failure_lessons.constraints.Rule(condition=models.Q(('secret_sha256__regex', '^([0-9a-f]{64})?$')), name='a_link_is_kept_as_a_hash')],
            },
        ),
    ]
