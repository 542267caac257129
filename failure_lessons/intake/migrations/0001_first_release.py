import django.db.models.deletion
import django.utils.timezone
import failure_lessons.constraints
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('intake', '0001_intake'), ('intake', '0002_followers_told_of_what_is_overdue')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowRequest',
            fields=[
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('act', models.CharField(choices=[('follow', 'Follow'), ('confirm', 'Confirm'), ('leave', 'Leave')], max_length=8)),
                ('following', models.UUIDField(null=True)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('address', models.CharField(blank=True, max_length=1000)),
                ('how_often', models.CharField(blank=True, choices=[('at-once', 'At once'), ('daily', 'Once a day'), ('weekly', 'Once a week')], max_length=8)),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['sent_at', 'uid'],
            },
        ),
        migrations.CreateModel(
            name='PublicMessage',
            fields=[
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('sort', models.CharField(choices=[('error', 'Something is wrong'), ('barrier', 'Something cannot be used'), ('used', 'We used this'), ('reply', 'Right of reply'), ('token', "A partner's token")], max_length=10)),
                ('about_kind', models.CharField(blank=True, help_text='The kind of the record it is about.', max_length=24)),
                ('about_slug', models.CharField(blank=True, max_length=120)),
                ('about_record', models.UUIDField(blank=True, null=True)),
                ('about_number', models.PositiveIntegerField(blank=True, help_text='The edition that was read.', null=True)),
                ('text', models.TextField(max_length=4000)),
                ('use', models.CharField(blank=True, choices=[('board-paper', 'A board paper'), ('policy', 'A policy'), ('training', 'A training'), ('other', 'Something else')], max_length=12)),
                ('link', models.URLField(blank=True, max_length=500)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('organisation', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('may_publish', models.BooleanField(default=False, help_text='Whether the sender agrees that readers see it.')),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'message sent in',
                'verbose_name_plural': 'messages sent in',
                'ordering': ['sent_at', 'uid'],
                'permissions': [('moderate_message', 'Can decide what becomes of messages sent in')],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('text', ''), _negated=True), name='a_message_has_words'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('about_kind', ''), ('about_record', None), ('about_slug', '')), models.Q(models.Q(('about_kind', ''), _negated=True), models.Q(('about_slug', ''), _negated=True), ('about_record__isnull', False)), _connector='OR'), name='a_message_names_its_record_whole')],
            },
        ),
        migrations.CreateModel(
            name='Following',
            fields=[
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('address', models.CharField(max_length=1000)),
                ('record', models.UUIDField(help_text='The record that is followed, wherever it moves.', null=True)),
                ('title', models.CharField(max_length=300)),
                ('how_often', models.CharField(choices=[('at-once', 'At once'), ('daily', 'Once a day'), ('weekly', 'Once a week')], max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('seen_revision', models.PositiveBigIntegerField(default=0)),
                ('seen_day', models.DateField(default=django.utils.timezone.localdate)),
                ('told_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['uid'],
                'indexes': [models.Index(fields=['seen_revision'], name='following_seen')],
                'constraints': [failure_lessons.constraints.Unique(fields=('email', 'address'), name='somebody_follows_a_thing_once')],
            },
        ),
        migrations.CreateModel(
            name='MessageDecision',
            fields=[
                ('sent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='decision', serialize=False, to='intake.publicmessage')),
                ('outcome', models.CharField(choices=[('accepted', 'Accepted'), ('declined', 'Declined')], max_length=10)),
                ('answer', models.TextField(help_text='What the sender is told, by mail.', max_length=4000)),
                ('published', models.TextField(blank=True, help_text='The words that readers get beside the record, if any.', max_length=4000)),
                ('at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('answer', ''), _negated=True), name='a_decision_answers_the_sender'), failure_lessons.constraints.Rule(condition=models.Q(('outcome', 'accepted'), ('published', ''), _connector='OR'), name='what_is_declined_is_not_published')],
            },
        ),
        migrations.CreateModel(
            name='PublicNote',
            fields=[
                ('sent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='note', serialize=False, to='intake.publicmessage')),
                ('sort', models.CharField(choices=[('used', 'Used'), ('reply', 'Reply')], max_length=10)),
                ('record_id', models.UUIDField(db_index=True)),
                ('who', models.CharField(max_length=200)),
                ('use', models.CharField(blank=True, choices=[('board-paper', 'A board paper'), ('policy', 'A policy'), ('training', 'A training'), ('other', 'Something else')], max_length=12)),
                ('text', models.TextField(max_length=4000)),
                ('link', models.URLField(blank=True, max_length=500)),
                ('day', models.DateField(help_text='When it was sent in.')),
                ('published_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['day', 'sent_id'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('who', ''), _negated=True)), name='a_note_has_words_and_says_whose_they_are')],
            },
        ),
        migrations.AddField(
            model_name='messagedecision',
            name='agreed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='messagedecision',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='messagedecision',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('by')), _negated=True), _connector='OR'), name='two_people_decide_on_a_message'),
        ),
        migrations.AddConstraint(
            model_name='messagedecision',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False)), _connector='OR'), name='an_agreement_says_when'),
        ),
    ]
