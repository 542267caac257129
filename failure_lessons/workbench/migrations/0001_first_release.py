import django.db.models.deletion
import failure_lessons.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('workbench', '0001_initial'), ('workbench', '0002_kept_words'), ('workbench', '0003_scheduled_publications')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(db_index=True)),
                ('model', models.CharField(help_text='The form it was written in, such as casestudies.casestudy.', max_length=80)),
                ('row', models.BigIntegerField(help_text='The number of the record or part whose form that is.')),
                ('place', models.CharField(help_text='Where in the form.', max_length=120)),
                ('label', models.CharField(help_text='What that place is called.', max_length=300)),
                ('words', models.TextField(blank=True, help_text='Empty: it was emptied.')),
                ('theirs', models.TextField(blank=True, help_text='What stands there instead.')),
                ('at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'kept words',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(db_index=True)),
                ('model', models.CharField(help_text='What kind of record, such as casestudies.casestudy.', max_length=80)),
                ('place', models.CharField(blank=True, help_text='A field or a part. Empty: the whole record.', max_length=80)),
                ('text', models.TextField(max_length=4000)),
                ('at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('text', ''), _negated=True), name='a_comment_says_something'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('resolved_at', None), ('resolved_by', None)), models.Q(('resolved_at__isnull', False), ('resolved_by__isnull', False)), _connector='OR'), name='a_resolved_comment_says_who_resolved_it')],
            },
        ),
        migrations.CreateModel(
            name='ScheduledPublication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField()),
                ('model', models.CharField(max_length=80)),
                ('due_at', models.DateTimeField()),
                ('digest', models.CharField(max_length=64)),
                ('action', models.CharField(choices=[('published', 'Published'), ('corrected', 'Corrected'), ('withdrawn', 'Withdrawn'), ('redacted', 'Redacted')], max_length=10)),
                ('change', models.CharField(blank=True, choices=[('correction-of-form', 'Correction of form'), ('new-evidence', 'New evidence'), ('changed-conclusion', 'Changed conclusion')], max_length=20)),
                ('says_the_same', models.BooleanField(default=False)),
                ('note', models.TextField(blank=True)),
                ('approved_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('published', 'Published'), ('refused', 'Refused'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('settled_at', models.DateTimeField(null=True)),
                ('outcome', models.TextField(blank=True)),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['due_at', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(condition=models.Q(('state', 'waiting')), fields=('record_id',), name='a_record_is_scheduled_once_at_a_time'), failure_lessons.constraints.Rule(condition=models.Q(('submitted_by', models.F('approved_by')), _negated=True), name='scheduling_takes_two_people'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('settled_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='what_is_settled_says_when')],
            },
        ),
    ]
