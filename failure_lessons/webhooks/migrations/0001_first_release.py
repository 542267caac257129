import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import failure_lessons.constraints
import failure_lessons.webhooks.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('webhooks', '0001_initial'), ('webhooks', '0002_whole_life')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('description', models.CharField(blank=True, help_text='What it is for.', max_length=200)),
                ('url', models.CharField(help_text='An https address that takes POST requests from us.', max_length=500, validators=[failure_lessons.webhooks.models.check_url])),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, help_text='Kinds of record to tell about, with commas between, such as recommendation,lesson. Empty: all.', size=None, validators=[failure_lessons.webhooks.models.check_kinds])),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, help_text='What to tell of, with commas between, such as published,withdrawn. Empty: everything.', size=None, validators=[failure_lessons.webhooks.models.check_actions])),
                ('nonce', models.CharField(default=failure_lessons.webhooks.models.new_nonce, editable=False, max_length=64)),
                ('fingerprint', models.CharField(editable=False, max_length=16)),
                ('former_nonce', models.CharField(blank=True, editable=False, max_length=64)),
                ('former_fingerprint', models.CharField(blank=True, editable=False, max_length=16)),
                ('secret_changed_at', models.DateTimeField(editable=False, null=True)),
                ('cursor', models.PositiveBigIntegerField(default=0, editable=False)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('failures', models.PositiveIntegerField(default=0, editable=False)),
                ('failing_since', models.DateTimeField(editable=False, null=True)),
                ('is_slow', models.BooleanField(default=False, editable=False)),
                ('disabled_at', models.DateTimeField(editable=False, null=True)),
                ('disabled_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('disabled_at', None)), fields=['next_attempt_at', 'id'], name='webhook_due')],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('failing_since', None), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0)), _connector='OR'), name='a_failing_webhook_knows_since_when'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('disabled_at', None), ('disabled_reason', '')), models.Q(('disabled_at__isnull', False), models.Q(('disabled_reason', ''), _negated=True)), _connector='OR'), name='a_disabled_webhook_gives_the_reason')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveBigIntegerField(null=True)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='webhooks.webhook')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveBigIntegerField(null=True)),
                ('message_id', models.CharField(blank=True, max_length=100)),
                ('at', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('duration', models.DurationField()),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='webhooks.webhook')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['at'], name='attempt_at')],
            },
        ),
    ]
