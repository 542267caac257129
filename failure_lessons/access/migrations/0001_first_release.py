import django.contrib.postgres.fields
import failure_lessons.access.models
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('access', '0001_initial'), ('access', '0002_tokens_for_trying_out')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What it is for, such as “nightly import at the institute”.', max_length=100)),
                ('prefix', models.CharField(editable=False, help_text='Its first, public letters.', max_length=12, unique=True)),
                ('hashed', models.CharField(editable=False, max_length=150)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', "Read with a partner's quota"), ('write:references', 'Send and change references'), ('write:case-studies', 'Send and change case studies'), ('write:findings', "Send and change findings of one's own case studies and reviews"), ('write:packages', 'Send whole evidence packages'), ('webhooks', 'Manage webhooks')], max_length=24), help_text='What it may do.', size=None)),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43, validators=[failure_lessons.access.models.is_network]), blank=True, default=list, help_text='Networks from which it is accepted, such as 192.0.2.0/24. None: from everywhere.', size=None)),
                ('is_test', models.BooleanField(default=False, help_text='Whatever it writes is checked and answered as always, and nothing of it is kept.', verbose_name='for trying out')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(help_text='A year from now unless there is a reason.', verbose_name='expires')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
    ]
