import datetime
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.db.models.lookups
import failure_lessons.constraints
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('consultations', '0001_rounds'), ('consultations', '0003_own_view'), ('consultations', '0004_workshops_and_conduct')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('publishing', '0002_first_release'),
        ('recommendations', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('wording', models.CharField(max_length=500)),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None)),
                ('stage', models.CharField(choices=[('prepared', 'Prepared'), ('open', 'Open'), ('closed', 'Closed')], default='prepared', max_length=8)),
                ('tally', models.JSONField(editable=False, help_text='By option, how many chose it; paper included.', null=True)),
                ('has_paper', models.BooleanField(default=False, editable=False, help_text='Sheets of paper are among the tally.')),
            ],
            options={
                'ordering': ['session', 'position'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('stage', 'closed'), ('tally__isnull', False)), models.Q(models.Q(('stage', 'closed'), _negated=True), ('tally__isnull', True)), _connector='OR'), name='a_closed_vote_was_counted'), failure_lessons.constraints.Rule(condition=models.Q(('options__len__gte', 2)), name='a_vote_has_options')],
            },
        ),
        migrations.CreateModel(
            name='ConsultationRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=80, unique=True)),
                ('title', models.CharField(max_length=300)),
                ('purpose', models.TextField(help_text='What the round is for.')),
                ('method', models.CharField(choices=[('delphi', 'Delphi round'), ('appropriateness', 'Appropriateness round (RAND/UCLA)'), ('real-time', 'Real-time Delphi'), ('workshop', 'Workshop')], default='appropriateness', max_length=16)),
                ('number', models.PositiveSmallIntegerField(default=1, help_text='Of the round in its series.')),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='What people are asked to talk about.', size=None)),
                ('scale_words', models.TextField(help_text='What the numbers from 1 to 9 mean.')),
                ('rules', models.JSONField(default=list, help_text='Rules of agreement; see the guide on consultations.')),
                ('anonymity', models.CharField(choices=[('named', 'Named'), ('pseudonymous', 'Pseudonymous'), ('anonymous', 'Anonymous')], default='pseudonymous', max_length=12)),
                ('least_shown', models.PositiveSmallIntegerField(default=5, help_text='No group of fewer people is shown; at least five.')),
                ('lawful_basis', models.CharField(help_text='Such as: consent, UK GDPR article 6(1)(a).', max_length=300)),
                ('notice', models.TextField(help_text='The privacy notice that people agree to.')),
                ('notice_version', models.PositiveSmallIntegerField(default=1)),
                ('retention_days', models.PositiveSmallIntegerField(default=90, help_text='Until contacts are erased.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)])),
                ('contact', models.EmailField(help_text='Whom participants may write to.', max_length=254)),
                ('opens_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('stage', models.CharField(choices=[('draft', 'Draft'), ('announced', 'Announced'), ('open', 'Open'), ('closed', 'Closed'), ('reported', 'Reported'), ('cancelled', 'Cancelled')], default='draft', editable=False, max_length=10)),
                ('stage_reason', models.TextField(blank=True, editable=False, help_text='Why it was cancelled.')),
                ('closed_at', models.DateTimeField(editable=False, null=True)),
                ('reported_at', models.DateTimeField(editable=False, null=True)),
                ('results', models.JSONField(editable=False, help_text='Computed when the round is closed.', null=True)),
                ('interpretation', models.TextField(blank=True, help_text='What the facilitators make of it, in their words.')),
                ('limits', models.TextField(blank=True, help_text='What the round cannot show.')),
                ('run_by', models.TextField(blank=True, help_text='Who ran it, and what each did; roles and bodies.')),
                ('staff_interests', models.TextField(blank=True, help_text='Interests of those who ran it, or that they have none.')),
                ('funding', models.TextField(blank=True, help_text='Who paid for it, and what part they had in it.')),
                ('ethics', models.TextField(blank=True, help_text='Which committee approved it, or why none had to.')),
                ('public_part', models.TextField(blank=True, help_text='What patients and the public had to do with it.')),
                ('tried_out', models.TextField(blank=True, help_text='Whether statements and questions were tried beforehand.')),
                ('thanks', models.TextField(blank=True, help_text='What participants got for taking part, or that they got nothing.')),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('follows', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='consultations.consultationround')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('template', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='recommendations.consultationtemplate')),
            ],
            options={
                'ordering': ['-opens_at', '-pk'],
                'permissions': [('run_round', 'Can set up and run consultation rounds'), ('analyse_round', 'Can take the answers of a round, without who gave them')],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('least_shown__gte', 5)), name='k_is_at_least_five'), failure_lessons.constraints.Rule(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='a_round_closes_after_it_opens'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('stage', 'cancelled'), _negated=True), models.Q(('stage_reason', ''), _negated=True), _connector='OR'), name='a_cancelled_round_says_why'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('follows', None), ('number', 1)), models.Q(('follows__isnull', False), ('number__gte', 2)), _connector='OR'), name='a_round_that_follows_another_has_the_next_number')],
            },
        ),
        migrations.CreateModel(
            name='ClosingMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.DateTimeField()),
                ('after', models.DateTimeField()),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closing_moves', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', 'at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('reason', ''), _negated=True), name='a_moved_closing_day_says_why')],
            },
        ),
        migrations.CreateModel(
            name='LogLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('imported', 'Took participants in'), ('invited', 'Sent invitations'), ('reminded', 'Sent reminders'), ('replaced', 'Sent a new link'), ('taken', 'Took answers away as a file'), ('handed', 'Took out what we hold of a person'), ('erased', 'Erased a person'), ('expired', 'Erased contacts after the retention'), ('moved', 'Moved the round on'), ('shown', "Made a note-taker's link"), ('voted', 'Opened or closed a vote, or counted paper')], max_length=10)),
                ('at', models.DateTimeField()),
                ('number', models.PositiveIntegerField(default=0, help_text='Of people or rows.')),
                ('purpose', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log_lines', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', '-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.UUIDField(default=uuid.uuid4, editable=False, help_text='The same in each round of a series.')),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('organisation', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(blank=True, max_length=200)),
                ('standing', models.CharField(choices=[('invited', 'Invited'), ('consented', 'Agreed to take part'), ('answered', 'Finished'), ('declined', 'Declined'), ('withdrawn', 'Withdrew'), ('bounced', 'Could not be reached')], default='invited', max_length=10)),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('links_replaced', models.PositiveSmallIntegerField(default=0)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', 'email', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(models.F('round'), django.db.models.functions.text.Lower('email'), name='a_person_is_invited_to_a_round_once'), failure_lessons.constraints.Unique(fields=('round', 'person'), name='a_person_stands_in_a_round_once'), failure_lessons.constraints.Rule(condition=models.Q(('reminders__lte', 3)), name='nobody_is_reminded_more_than_three_times')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('answer', 'Take part')], default='answer', max_length=12)),
                ('message_uid', models.UUIDField(unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='consultations.participant')),
            ],
            options={
                'ordering': ['participant', 'created_at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('expires_at__gt', models.F('created_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=90), models.DurationField())))), name='a_link_expires')],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z][a-z0-9-]{0,39}\\Z', 'Write lower-case letters, digits and hyphens.')])),
                ('wording', models.TextField()),
                ('form', models.CharField(choices=[('scale', 'Number from 1 to 9'), ('choice', 'One of several'), ('free', 'In words')], default='scale', max_length=6)),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, help_text='Of a choice.', size=None)),
                ('low_words', models.CharField(blank=True, help_text='What 1 means.', max_length=120)),
                ('high_words', models.CharField(blank=True, help_text='What 9 means.', max_length=120)),
                ('statement_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, help_text='Empty: all.', size=None)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('round', 'code'), name='a_question_has_a_code_of_its_own'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('form', 'choice'), _negated=True), ('options__len__gte', 2), _connector='OR'), name='a_choice_has_options')],
            },
        ),
        migrations.CreateModel(
            name='ReportingGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z][a-z0-9-]{0,39}\\Z', 'Write lower-case letters, digits and hyphens.')])),
                ('name', models.CharField(max_length=120)),
                ('sector', models.CharField(choices=[('education', 'Education'), ('criminal-justice', 'Criminal justice'), ('health', 'Health'), ('cross-sector', 'Cross-sector')], max_length=20)),
                ('expected', models.PositiveSmallIntegerField(help_text='How many people are to be invited.')),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, help_text='Whom to invite.', size=None)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('round', 'code'), name='a_group_has_a_code_of_its_own'), failure_lessons.constraints.Rule(condition=models.Q(('sector__in', ['education', 'criminal-justice', 'health', 'cross-sector'])), name='a_group_belongs_to_a_sector')],
            },
        ),
        migrations.AddField(
            model_name='participant',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='consultations.reportinggroup'),
        ),
        migrations.CreateModel(
            name='Answerer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pseudonym', models.CharField(max_length=64)),
                ('notice_version', models.PositiveSmallIntegerField(default=0, help_text='The notice agreed to; 0 before.')),
                ('consented_on', models.DateField(null=True)),
                ('gave_own_view', models.BooleanField(default=False, help_text="Was asked for a view before others' wording.")),
                ('finished_on', models.DateField(null=True)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answerers', to='consultations.consultationround')),
                ('participant', models.OneToOneField(help_text='In a named round alone.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answerer', to='consultations.participant')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answerers', to='consultations.reportinggroup')),
            ],
            options={
                'ordering': ['round', 'pseudonym'],
                'constraints': [failure_lessons.constraints.Unique(fields=('round', 'pseudonym'), name='an_answerer_belongs_to_one_reporting_group'), failure_lessons.constraints.Rule(condition=models.Q(('notice_version', 0), ('consented_on__isnull', False), _connector='OR'), name='consent_has_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('code', models.CharField(help_text='Such as R4.', max_length=40)),
                ('wording', models.TextField()),
                ('reason', models.TextField(blank=True, help_text='Why.')),
                ('against', models.TextField(blank=True, help_text='What speaks against it; people read it first.')),
                ('proof', models.TextField(blank=True, editable=False, help_text='The document of a draft.', null=True)),
                ('proof_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('is_from_participant', models.BooleanField(default=False)),
                ('came_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='became', to='consultations.statement')),
                ('edition', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='publishing.edition')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='statements', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('round', 'code'), name='a_statement_has_a_code_of_its_own'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('edition__isnull', False), ('proof__isnull', True)), models.Q(('edition__isnull', True), ('proof__isnull', False)), _connector='OR'), name='a_statement_is_about_an_edition_or_a_kept_draft'), failure_lessons.constraints.Rule(condition=models.Q(('proof', None), ('proof_sha256__regex', '^[0-9a-f]{64}$'), _connector='OR'), name='a_kept_draft_has_its_hash')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveSmallIntegerField(help_text='1 to 9.', null=True)),
                ('choice', models.CharField(blank=True, max_length=200)),
                ('cannot_judge', models.BooleanField(default=False)),
                ('is_counted', models.BooleanField(default=True, help_text='Not where one cannot judge, or has an interest.')),
                ('reason', models.TextField(blank=True, help_text='Why it lies in another band than before.', max_length=500)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('answerer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='consultations.answerer')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='consultations.question')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='consultations.statement')),
            ],
            options={
                'ordering': ['answerer', 'statement', 'question'],
                'constraints': [failure_lessons.constraints.Unique(fields=('statement', 'question', 'answerer'), name='a_question_is_answered_once_by_an_answerer'), failure_lessons.constraints.Rule(condition=models.Q(('value', None), ('value__range', (1, 9)), _connector='OR'), name='an_answer_lies_on_its_scale'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('cannot_judge', False), ('choice', ''), ('value__isnull', False)), models.Q(('cannot_judge', False), ('value', None), models.Q(('choice', ''), _negated=True)), models.Q(('cannot_judge', True), ('choice', ''), ('value', None)), _connector='OR'), name='an_answer_says_one_thing'), failure_lessons.constraints.Rule(condition=models.Q(('is_counted', False), ('cannot_judge', False), _connector='OR'), name='who_cannot_judge_is_not_counted')],
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answerer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='consultations.answerer')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='consultations.statement')),
            ],
            options={
                'ordering': ['answerer', 'statement'],
                'constraints': [failure_lessons.constraints.Unique(fields=('answerer', 'statement'), name='a_conflict_is_declared_once')],
            },
        ),
        migrations.CreateModel(
            name='Submitted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('own-view', "Own view, before others' wording"), ('comment', 'Comment'), ('proposal', 'Proposal: a lesson, recommendation, missing evidence or harm')], max_length=8)),
                ('text', models.TextField(max_length=4000)),
                ('permission', models.CharField(choices=[('words', 'You may publish my words'), ('paraphrase', 'You may say in your words what I said'), ('neither', 'Read it, and publish nothing of it')], default='paraphrase', max_length=10)),
                ('number', models.PositiveIntegerField(help_text='Given at closing, in a random order.', null=True)),
                ('public_text', models.TextField(blank=True, help_text='What readers get: the words, or a paraphrase.')),
                ('answerer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='submitted', to='consultations.answerer')),
                ('read_again_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('read_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('statement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='submitted', to='consultations.statement')),
            ],
            options={
                'verbose_name_plural': 'submitted words',
                'ordering': ['number', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('answerer', 'statement', 'form'), name='an_answerer_says_one_thing_of_a_sort_about_a_statement', nulls_distinct=False), failure_lessons.constraints.Rule(condition=models.Q(('permission__in', ['words', 'paraphrase', 'neither'])), name='a_comment_says_what_may_be_done_with_it'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('text', ''), _negated=True), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 4000)), name='a_comment_has_words_and_not_too_many'), failure_lessons.constraints.Rule(condition=models.Q(('public_text', ''), models.Q(('read_by__isnull', False), models.Q(('permission', 'neither'), _negated=True)), _connector='OR'), name='published_words_were_read_and_allowed'), failure_lessons.constraints.Rule(condition=models.Q(('read_again_by', None), models.Q(('read_by__isnull', False), models.Q(('read_by', models.F('read_again_by')), _negated=True)), _connector='OR'), name='two_people_read_a_comment')],
            },
        ),
        migrations.CreateModel(
            name='Disposition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('accepted', 'Accepted'), ('accepted-in-part', 'Accepted in part'), ('not-accepted', 'Not accepted'), ('already-so', 'Already so'), ('out-of-scope', 'Out of scope'), ('repeats', 'Repeats another'), ('withheld', 'Withheld: law, abuse or names')], max_length=16)),
                ('reason', models.TextField(help_text='In public, in plain words.')),
                ('change', models.CharField(blank=True, help_text='The record that changed, such as recommendation R4.', max_length=200)),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='publishing.edition')),
                ('repeats', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='consultations.submitted')),
                ('submitted', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='disposition', to='consultations.submitted')),
            ],
            options={
                'ordering': ['submitted'],
                'constraints': [failure_lessons.constraints.Unique(fields=('submitted',), name='a_comment_has_one_disposition'), failure_lessons.constraints.Rule(condition=models.Q(('reason', ''), _negated=True), name='a_disposition_gives_its_reason'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('outcome__in', ['accepted', 'accepted-in-part']), _negated=True), models.Q(('change', ''), _negated=True), _connector='OR'), name='an_accepted_comment_names_its_change'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('outcome', 'repeats'), _negated=True), ('repeats__isnull', False), _connector='OR'), name='a_repetition_names_the_other'), failure_lessons.constraints.Rule(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('by')), _negated=True), _connector='OR'), name='two_people_agree_on_a_disposition')],
            },
        ),
        migrations.CreateModel(
            name='PaperCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(max_length=200)),
                ('number', models.PositiveSmallIntegerField()),
                ('vote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='paper_counts', to='consultations.vote')),
            ],
            options={
                'ordering': ['vote', 'choice'],
                'constraints': [failure_lessons.constraints.Unique(fields=('vote', 'choice'), name='an_option_is_counted_on_paper_once')],
            },
        ),
        migrations.CreateModel(
            name='Ballot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(max_length=200)),
                ('answerer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ballots', to='consultations.answerer')),
                ('vote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ballots', to='consultations.vote')),
            ],
            options={
                'ordering': ['vote', 'answerer'],
                'constraints': [failure_lessons.constraints.Unique(fields=('vote', 'answerer'), name='an_answerer_votes_once')],
            },
        ),
        migrations.CreateModel(
            name='WorkshopSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('place', models.CharField(help_text='Where, or: online.', max_length=200)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('pre_reading', models.CharField(blank=True, help_text='Address of a brief on this site.', max_length=2000)),
                ('is_announced', models.BooleanField(default=False, help_text="Readers learn of it with the round's next edition.")),
                ('wall', models.UUIDField(default=uuid.uuid4, editable=False, help_text='In the address of its wall.', unique=True)),
                ('wall_version', models.PositiveIntegerField(default=0, editable=False, help_text='Grows with what the wall shows.')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='consultations.consultationround')),
            ],
            options={
                'ordering': ['round', 'starts_at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='a_workshop_ends_after_it_begins')],
            },
        ),
        migrations.AddField(
            model_name='vote',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='consultations.workshopsession'),
        ),
        migrations.CreateModel(
            name='MinuteLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('form', models.CharField(choices=[('point', 'Point made'), ('decision', 'Decision'), ('open-point', 'Open point')], max_length=10)),
                ('words', models.TextField(max_length=4000)),
                ('who', models.CharField(blank=True, help_text='A role, and never a name.', max_length=200)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='minutes', to='consultations.workshopsession')),
            ],
            options={
                'ordering': ['session', 'position'],
                'constraints': [failure_lessons.constraints.Unique(fields=('session', 'position'), name='minutes_have_one_line_at_a_place'), failure_lessons.constraints.Rule(condition=models.Q(('words', ''), _negated=True), name='a_line_of_minutes_has_words')],
            },
        ),
        migrations.CreateModel(
            name='AgendaItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('begins', models.TimeField()),
                ('words', models.CharField(max_length=300)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agenda', to='consultations.workshopsession')),
            ],
            options={
                'ordering': ['session', 'position'],
                'constraints': [failure_lessons.constraints.Unique(fields=('session', 'position'), name='an_agenda_has_one_item_at_a_place')],
            },
        ),
        migrations.CreateModel(
            name='WorkshopTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('topic', models.CharField(blank=True, max_length=200)),
                ('secret_sha256', models.CharField(blank=True, help_text='Of the link that was shown last.', max_length=64)),
                ('message_uid', models.UUIDField(help_text='The mail with the link that was sent last.', null=True)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tables', to='consultations.workshopsession')),
            ],
            options={
                'ordering': ['session', 'number'],
                'constraints': [failure_lessons.constraints.Unique(fields=('session', 'number'), name='a_table_has_a_number_of_its_own'), failure_lessons.constraints.Rule(condition=models.Q(('secret_sha256__regex', '^([0-9a-f]{64})?$')), name='a_note_takers_link_is_kept_as_a_hash')],
            },
        ),
        migrations.CreateModel(
            name='TableNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('point', 'Point made'), ('decision', 'Decision'), ('open-point', 'Open point')], default='point', max_length=10)),
                ('text', models.TextField(max_length=4000)),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='consultations.workshoptable')),
            ],
            options={
                'ordering': ['table', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('text', ''), _negated=True), name='a_note_has_words')],
            },
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=failure_lessons.constraints.Unique(fields=('session', 'position'), name='a_workshop_has_one_vote_at_a_place'),
        ),
    ]
