import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import failure_lessons.constraints
import failure_lessons.dates
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('follow_up', '0001_dossiers')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('casestudies', '0001_first_release'),
        ('literature', '0001_first_release'),
        ('recommendations', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('code', models.CharField(help_text='Such as S12-D1.', max_length=20)),
                ('role', models.CharField(blank=True, max_length=200, verbose_name='post')),
                ('date', failure_lessons.dates.EdtfField(help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='said on')),
                ('claimed', models.CharField(choices=[('promised', 'Promised'), ('under-way', 'Under way'), ('done', 'Done'), ('dropped', 'Given up')], max_length=12)),
                ('what', models.TextField()),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claimed_actions', to='casestudies.organisation')),
            ],
            options={
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('claimed__in', ['promised', 'under-way', 'done', 'dropped'])), name='a_claim_is_known')],
            },
        ),
        migrations.CreateModel(
            name='AllowedMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(blank=True, max_length=20)),
                ('after', models.CharField(max_length=20)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('before', 'after'), name='a_move_is_allowed_once')],
            },
        ),
        migrations.CreateModel(
            name='DueDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('day', models.DateField()),
                ('said_on', failure_lessons.dates.EdtfField(blank=True, help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='said on')),
                ('reason', models.TextField(blank=True, help_text='Why it was moved. The first needs none.')),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='due_dates', to='follow_up.action')),
            ],
            options={
                'ordering': ['action', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('action', 'position'), name='due_dates_stand_in_order')],
            },
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=80, unique=True)),
                ('recommendation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dossiers', to='recommendations.recommendation')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'dossier',
                'ordering': ['slug', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('recommendation',), name='a_recommendation_has_one_dossier')],
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('status', models.CharField(choices=[('provisional', 'Provisional'), ('current', 'Agreed by a second person'), ('past', 'Replaced since')], default='provisional', editable=False, max_length=12)),
                ('implementation', models.CharField(choices=[('cannot-tell', 'Cannot tell'), ('no-progress', 'No progress'), ('some-progress', 'Some progress'), ('on-course', 'On course'), ('done', 'Done'), ('done-differently', 'Done differently'), ('part-done', 'Done in part'), ('not-done', 'Not done'), ('overtaken', 'Overtaken'), ('undone', 'Undone')], max_length=20)),
                ('effect', models.CharField(choices=[('not-known', 'Not known'), ('improved', 'Improved'), ('no-change', 'No change'), ('worse', 'Worse'), ('mixed', 'Mixed'), ('relapsed', 'Improved, then worse again')], default='not-known', max_length=12)),
                ('basis', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('inspection', 'An inspection'), ('audit', 'An audit'), ('data', 'Figures'), ('document', 'An official document'), ('press', 'A press account'), ('tracker', 'A tracker of recommendations'), ('self-report', "The body's own account")], max_length=12), default=list, size=None)),
                ('reason', models.TextField()),
                ('overtaken_by', models.CharField(blank=True, help_text='What took its place, if it was overtaken.', max_length=300)),
                ('known_to', failure_lessons.dates.EdtfField(help_text='The day of the newest evidence.', max_length=40, verbose_name='known to')),
                ('known_earliest', failure_lessons.dates.EdtfBoundField(blank=True, bound='earliest', editable=False, null=True, source='known_to')),
                ('day', models.DateField(verbose_name='assessed on')),
                ('look_again_by', models.DateField(blank=True, null=True)),
                ('agreed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assessor', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('basis__contained_by', ['inspection', 'audit', 'data', 'document', 'press', 'tracker', 'self-report']), ('effect__in', ['not-known', 'improved', 'no-change', 'worse', 'mixed', 'relapsed']), ('implementation__in', ['cannot-tell', 'no-progress', 'some-progress', 'on-course', 'done', 'done-differently', 'part-done', 'not-done', 'overtaken', 'undone']), ('status__in', ['provisional', 'current', 'past'])), name='an_assessment_is_made_of_known_codes'), failure_lessons.constraints.Rule(condition=models.Q(('reason', ''), _negated=True), name='an_assessment_has_a_reason'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('implementation__in', ['done', 'done-differently']), _negated=True), ('basis__overlap', ['inspection', 'audit', 'data', 'document', 'press']), _connector='OR'), name='done_rests_on_more_than_the_bodys_word'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('implementation__in', ['cannot-tell', 'no-progress', 'some-progress', 'on-course']), _negated=True), ('look_again_by__isnull', False), _connector='OR'), name='an_open_assessment_says_when_to_look_again'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('implementation', 'overtaken'), _negated=True), models.Q(('overtaken_by', ''), _negated=True), _connector='OR'), name='overtaken_says_by_what'), failure_lessons.constraints.Rule(condition=models.Q(('known_earliest__isnull', True), ('known_earliest__lte', models.F('day')), _connector='OR'), name='an_assessment_is_not_older_than_its_evidence'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('agreed_by__isnull', True), ('status', 'provisional')), models.Q(models.Q(('status', 'provisional'), _negated=True), models.Q(models.Q(('agreed_by__isnull', True), ('assessor__isnull', True)), ('agreed_by__isnull', False), _connector='OR')), _connector='OR'), name='what_is_agreed_says_who_agreed'), failure_lessons.constraints.Rule(condition=models.Q(('agreed_by__isnull', True), ('assessor__isnull', True), models.Q(('assessor', models.F('agreed_by')), _negated=True), _connector='OR'), name='two_people_assess'), failure_lessons.constraints.Unique(condition=models.Q(('status', 'current')), fields=('dossier',), name='a_dossier_has_one_current_assessment'), failure_lessons.constraints.Unique(condition=models.Q(('status', 'provisional')), fields=('dossier',), name='a_dossier_has_one_provisional_assessment'), failure_lessons.constraints.Unique(fields=('dossier', 'position'), name='assessments_stand_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Addressee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('role', models.CharField(blank=True, help_text='Such as: governor. Never a name.', max_length=200, verbose_name='post')),
                ('asked_day', models.DateField(blank=True, help_text='The day on which we asked.', null=True, verbose_name='asked on')),
                ('asked_how', models.CharField(blank=True, help_text='Such as: by letter to the post.', max_length=200, verbose_name='how')),
                ('proof', models.TextField(blank=True, help_text='How we can prove it. Kept here; readers do not see it.')),
                ('answer_said', models.CharField(blank=True, help_text='In words.', max_length=200, verbose_name='answer asked for')),
                ('answer_due', models.DateField(blank=True, help_text='The day by which an answer was asked for.', null=True)),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked', to='casestudies.organisation')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('dossier', 'body'), name='a_body_is_asked_once_in_a_dossier'), failure_lessons.constraints.Rule(condition=models.Q(('answer_due__isnull', True), models.Q(('answer_due__gte', models.F('asked_day')), ('asked_day__isnull', False)), _connector='OR'), name='nothing_is_due_before_it_was_asked'), failure_lessons.constraints.Rule(condition=models.Q(('asked_day__isnull', True), models.Q(('asked_how', ''), _negated=True), _connector='OR'), name='who_was_asked_was_asked_in_some_way')],
            },
        ),
        migrations.AddField(
            model_name='action',
            name='dossier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup'),
        ),
        migrations.CreateModel(
            name='Judgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('role', models.CharField(blank=True, max_length=200, verbose_name='post')),
                ('date', failure_lessons.dates.EdtfField(help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='judged on')),
                ('says', models.TextField(verbose_name='judgement')),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='casestudies.organisation')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'verbose_name': 'judgement of others',
                'verbose_name_plural': 'judgements of others',
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('day', models.DateField(verbose_name='searched on')),
                ('where', models.CharField(help_text='Where they looked.', max_length=300)),
                ('found', models.CharField(help_text='What they found, such as: no response.', max_length=300)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('where', ''), _negated=True), models.Q(('found', ''), _negated=True)), name='none_found_says_where_we_looked')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('day', models.DateField()),
                ('how', models.CharField(max_length=200)),
                ('proof', models.TextField(blank=True, help_text='How we can prove it. Kept here; readers do not see it.')),
                ('addressee', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='follow_up.addressee')),
            ],
            options={
                'ordering': ['addressee', 'number'],
                'constraints': [failure_lessons.constraints.Unique(fields=('addressee', 'number'), name='each_letter_has_its_number'), failure_lessons.constraints.Rule(condition=models.Q(('number__gte', 2)), name='the_first_letter_is_the_asking')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('day', models.DateField(verbose_name='received on')),
                ('text', models.TextField()),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='casestudies.organisation')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'verbose_name_plural': 'replies',
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('text', ''), _negated=True), name='a_reply_has_words')],
            },
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('code', models.CharField(help_text='Such as S12-A1.', max_length=20)),
                ('role', models.CharField(blank=True, max_length=200, verbose_name='post')),
                ('date', failure_lessons.dates.EdtfField(help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='written on')),
                ('latest', failure_lessons.dates.EdtfBoundField(blank=True, bound='latest', editable=False, null=True, source='date')),
                ('received_day', models.DateField(blank=True, null=True, verbose_name='received on')),
                ('says', models.TextField(help_text='In our words.')),
                ('stance', models.CharField(choices=[('accepted', 'Accepted'), ('accepted-in-principle', 'Accepted in principle'), ('accepted-in-part', 'Accepted in part'), ('not-accepted', 'Not accepted'), ('noted', 'Noted'), ('deferred', 'Will answer later'), ('no-position', 'No position taken')], max_length=24, verbose_name='position')),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='casestudies.organisation')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('dossier', 'code'), name='a_response_has_a_code_of_its_own'), failure_lessons.constraints.Rule(condition=models.Q(('stance__in', ['accepted', 'accepted-in-principle', 'accepted-in-part', 'not-accepted', 'noted', 'deferred', 'no-position'])), name='a_position_is_known'), failure_lessons.constraints.Rule(condition=models.Q(('says', ''), _negated=True), name='a_response_says_something')],
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('measure', models.TextField(blank=True, help_text='The measure of the recommendation that it answers.')),
                ('name', models.CharField(max_length=200)),
                ('unit', models.CharField(max_length=100)),
                ('definition', models.TextField(blank=True)),
                ('better', models.CharField(choices=[('higher', 'Higher is better'), ('lower', 'Lower is better')], max_length=10)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='follow_up.followup')),
            ],
            options={
                'verbose_name_plural': 'series',
                'ordering': ['dossier', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('dossier', 'name'), name='a_dossier_has_each_series_once')],
            },
        ),
        migrations.CreateModel(
            name='SeriesValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('period', models.CharField(help_text='As the source gives it.', max_length=30)),
                ('value', models.DecimalField(decimal_places=6, max_digits=20)),
                ('moment', models.CharField(choices=[('before', 'Before'), ('after', 'After')], help_text='Before what was asked was done, or after.', max_length=6)),
                ('note', models.TextField(blank=True)),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='follow_up.series')),
            ],
            options={
                'ordering': ['series', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('series', 'period'), name='a_series_has_one_value_a_period'), failure_lessons.constraints.Rule(condition=models.Q(('moment__in', ['before', 'after'])), name='a_value_is_of_before_or_after')],
            },
        ),
        migrations.CreateModel(
            name='SourceRecommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=80, unique=True)),
                ('code', models.CharField(help_text='Such as S12. Never change it.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z]+[0-9]+\\Z', 'Write capitals and a number, such as S12.')])),
                ('act', models.CharField(choices=[('recommendation', 'Recommendation'), ('requirement', 'Requirement'), ('direction', 'Direction'), ('request', 'Request')], default='recommendation', max_length=20, verbose_name='what it was')),
                ('made_by_role', models.CharField(blank=True, help_text='A post, never a name.', max_length=200, verbose_name='as')),
                ('made_on', failure_lessons.dates.EdtfField(help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='made on')),
                ('earliest', failure_lessons.dates.EdtfBoundField(blank=True, bound='earliest', editable=False, null=True, source='made_on')),
                ('number', models.CharField(blank=True, help_text='In the source, where it has one.', max_length=20)),
                ('words', models.CharField(choices=[('verbatim', 'Word for word'), ('reported', 'In our words')], default='reported', max_length=10)),
                ('text', models.TextField(help_text='What was asked for.')),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('deadline_said', models.CharField(blank=True, help_text='As the source says it.', max_length=200)),
                ('deadline_day', models.DateField(blank=True, help_text='The day, where the words give one.', null=True)),
                ('set_size', models.PositiveIntegerField(blank=True, help_text='Where several recommendations are taken together.', null=True, verbose_name='how many')),
                ('set_counts', models.JSONField(blank=True, default=list, help_text='Such as [{"label": "met", "count": 12}].', verbose_name='outcomes')),
                ('set_note', models.CharField(blank=True, max_length=300)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='source_recommendations', to='casestudies.casestudy')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recommendations_made', to='casestudies.organisation')),
                ('review', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='source_recommendations', to='literature.literaturereview')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['code', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('case__isnull', False), ('review__isnull', True)), models.Q(('case__isnull', True), ('review__isnull', False)), _connector='OR'), name='a_source_recommendation_stands_in_a_case_or_a_review'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('made_on', ''), _negated=True)), name='a_source_recommendation_says_what_and_when'), failure_lessons.constraints.Rule(condition=models.Q(('act__in', ['recommendation', 'requirement', 'direction', 'request']), ('phase__in', ['prevention', 'identification', 'management', 'resolution']), ('words__in', ['verbatim', 'reported'])), name='a_source_recommendation_is_fully_classified')],
            },
        ),
        migrations.CreateModel(
            name='FollowUpCitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locator', models.CharField(blank=True, help_text='Page, paragraph or section, such as “para. 12”. Empty: no page given.', max_length=200)),
                ('quotation', models.TextField(blank=True, help_text='Word for word, at most forty words.')),
                ('speaker', models.CharField(blank=True, help_text="Whose words these are, where they are not the author's.", max_length=200, verbose_name='whose words')),
                ('read_as', models.CharField(blank=True, choices=[('own-text', 'The text itself'), ('abstract', 'Its abstract'), ('notice', 'A notice about it, such as a press notice or a catalogue entry'), ('summary', 'Somebody’s summary or report of it')], help_text='What was read of it.', max_length=20)),
                ('read_extent', models.CharField(blank=True, choices=[('whole', 'Whole'), ('part', 'In part')], help_text='How much of that was read.', max_length=10, verbose_name='how much')),
                ('read_on', failure_lessons.dates.EdtfField(blank=True, help_text='Day on which it was read.', max_length=40, verbose_name='read on')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('action', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.action')),
                ('assessment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.assessment')),
                ('due_date', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.duedate')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='literature.reference')),
                ('judgement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.judgement')),
                ('response', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.response')),
                ('point', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.seriesvalue')),
                ('source_recommendation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='follow_up.sourcerecommendation')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('action__isnull', True), ('assessment__isnull', True), ('due_date__isnull', True), ('judgement__isnull', True), ('point__isnull', True), ('response__isnull', True), ('source_recommendation__isnull', False)), models.Q(('action__isnull', True), ('assessment__isnull', True), ('due_date__isnull', True), ('judgement__isnull', True), ('point__isnull', True), ('response__isnull', False), ('source_recommendation__isnull', True)), models.Q(('action__isnull', False), ('assessment__isnull', True), ('due_date__isnull', True), ('judgement__isnull', True), ('point__isnull', True), ('response__isnull', True), ('source_recommendation__isnull', True)), models.Q(('action__isnull', True), ('assessment__isnull', True), ('due_date__isnull', False), ('judgement__isnull', True), ('point__isnull', True), ('response__isnull', True), ('source_recommendation__isnull', True)), models.Q(('action__isnull', True), ('assessment__isnull', True), ('due_date__isnull', True), ('judgement__isnull', False), ('point__isnull', True), ('response__isnull', True), ('source_recommendation__isnull', True)), models.Q(('action__isnull', True), ('assessment__isnull', False), ('due_date__isnull', True), ('judgement__isnull', True), ('point__isnull', True), ('response__isnull', True), ('source_recommendation__isnull', True)), models.Q(('action__isnull', True), ('assessment__isnull', True), ('due_date__isnull', True), ('judgement__isnull', True), ('point__isnull', False), ('response__isnull', True), ('source_recommendation__isnull', True)), _connector='OR'), name='a_citation_of_a_dossier_belongs_to_one_statement')],
            },
        ),
        migrations.AddField(
            model_name='followup',
            name='source_recommendation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dossiers', to='follow_up.sourcerecommendation'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duedate',
            trigger=pgtrigger.compiler.Trigger(name='due_dates_are_only_added', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            raise exception 'a due date stays as it was said: add the new one'\n                using errcode = 'restrict_violation', constraint = 'due_dates_are_only_added';\n        ", hash='655f56feea5a7b4256da035f5650b885bb00511b', operation='UPDATE OR DELETE', pgid='pgtrigger_due_dates_are_only_added_89da1', table='follow_up_duedate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duedate',
            trigger=pgtrigger.compiler.Trigger(name='a_moved_date_says_why', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        if new.reason = '' and exists (select from follow_up_duedate where action_id = new.action_id) then\n            raise exception 'a due date that is moved says why' using errcode = 'check_violation', constraint = 'a_moved_date_says_why';\n        end if;\n        return new;\n    ", hash='d0f1a0f6ed0f91a0dbd285b62113ce29434ce2f8', operation='INSERT OR UPDATE', pgid='pgtrigger_a_moved_date_says_why_94bbe', table='follow_up_duedate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='assessments_move_as_allowed', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE prior text;', func="\n            if new.status = 'provisional'\n               or (tg_op = 'UPDATE' and old.status <> 'provisional' and old.implementation = new.implementation)\n            then\n                return new;\n            end if;\n            select implementation into prior from follow_up_assessment\n            where dossier_id = new.dossier_id and status <> 'provisional' and id is distinct from new.id\n                  and position < new.position\n            order by position desc limit 1;\n            if not exists (\n                select from follow_up_allowedmove m\n                where m.before = coalesce(prior, '') and m.after = new.implementation\n            ) then\n                raise exception 'an assessment cannot move from “%” to “%”', coalesce(prior, 'none'),\n                    new.implementation\n                    using errcode = 'check_violation', constraint = 'assessments_move_as_allowed';\n            end if;\n            return new;\n        ", hash='463b4739d865062926ca6b99015b354962cbbeb4', operation='INSERT OR UPDATE', pgid='pgtrigger_assessments_move_as_allowed_14b7f', table='follow_up_assessment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='an_assessment_has_a_reason_and_a_source', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n        if exists (select from follow_up_assessment where id = new.id)\n            and not exists (select from follow_up_followupcitation where assessment_id = new.id) then\n            raise exception 'an assessment needs a source' using errcode = 'check_violation', constraint = 'an_assessment_has_a_reason_and_a_source';\n        end if;\n        return new;\n    ", hash='bc7b24446a583144d6ad128326ff9edb60ff1bff', operation='INSERT OR UPDATE', pgid='pgtrigger_an_assessment_has_a_reason_and_a_source_70633', table='follow_up_assessment', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=failure_lessons.constraints.Unique(fields=('dossier', 'code'), name='an_action_has_a_code_of_its_own'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='action',
            trigger=pgtrigger.compiler.Trigger(name='an_action_has_a_source', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n        if exists (select from follow_up_action where id = new.id)\n            and not exists (select from follow_up_followupcitation where action_id = new.id) then\n            raise exception 'an action needs a source' using errcode = 'check_violation', constraint = 'an_action_has_a_source';\n        end if;\n        return new;\n    ", hash='c5c3d6cd618baf3b8be70736fcbc54d1acb81b95', operation='INSERT OR UPDATE', pgid='pgtrigger_an_action_has_a_source_8c1c1', table='follow_up_action', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='response',
            trigger=pgtrigger.compiler.Trigger(name='a_response_comes_from_an_addressee_or_its_succe', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        if new.body_id not in (\n    with recursive may(body) as (\n        select body_id from follow_up_addressee where dossier_id = new.dossier_id\n        union\n        select passed.body from may join (\n            select organisation_id as before, successor_id as body from casestudies_succession\n            union all\n            select body_class_id, member_id from casestudies_membership\n        ) passed on passed.before = may.body\n    )\n    select body from may\n) then\n            raise exception 'nobody who was asked answers in this response' using errcode = 'check_violation', constraint = 'a_response_comes_from_an_addressee_or_its_successor';\n        end if;\n        return new;\n    ", hash='fac4afc87fa851db232bebbc3622abacbabd5217', operation='INSERT OR UPDATE', pgid='pgtrigger_a_response_comes_from_an_addressee_or_its_succe_0306b', table='follow_up_response', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='response',
            trigger=pgtrigger.compiler.Trigger(name='a_response_is_not_older_than_what_it_answers', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        if exists (\n            select from follow_up_followup d join follow_up_sourcerecommendation s on s.id = d.source_recommendation_id\n            where d.id = new.dossier_id and new.latest < s.earliest\n        ) or new.latest < (\n            select min(asked_day) from follow_up_addressee where dossier_id = new.dossier_id and body_id = new.body_id\n        ) then\n            raise exception 'a response would be older than what it answers' using errcode = 'check_violation', constraint = 'a_response_is_not_older_than_what_it_answers';\n        end if;\n        return new;\n    ", hash='8a55118477d508ad462fac952a14586d4ecaa16d', operation='INSERT OR UPDATE', pgid='pgtrigger_a_response_is_not_older_than_what_it_answers_08d97', table='follow_up_response', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='response',
            trigger=pgtrigger.compiler.Trigger(name='a_response_has_a_source', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n        if exists (select from follow_up_response where id = new.id)\n            and not exists (select from follow_up_followupcitation where response_id = new.id) then\n            raise exception 'a response needs a source' using errcode = 'check_violation', constraint = 'a_response_has_a_source';\n        end if;\n        return new;\n    ", hash='5564e503b04e3fd5f9a23377154b10ad090eb36d', operation='INSERT OR UPDATE', pgid='pgtrigger_a_response_has_a_source_195fe', table='follow_up_response', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followupcitation',
            trigger=pgtrigger.compiler.Trigger(name='an_assessment_is_not_older_than_its_sources', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."assessment_id" IS NOT NULL)', declare='DECLARE parts jsonb;', func="\n            select r.issued -> 'date-parts' -> 0 into parts from literature_reference r where r.id = new.reference_id;\n            if parts is not null and jsonb_array_length(parts) > 0 and make_date(\n                (parts ->> 0)::int, coalesce((parts ->> 1)::int, 1), coalesce((parts ->> 2)::int, 1)\n            ) > (select day from follow_up_assessment where id = new.assessment_id) then\n                raise exception 'a source is dated after the assessment that rests on it'\n                    using errcode = 'check_violation', constraint = 'an_assessment_is_not_older_than_its_evidence';\n            end if;\n            return new;\n        ", hash='4329d0f96c4c32cb4cd5cdaa59b63a7e765db9dc', operation='INSERT OR UPDATE', pgid='pgtrigger_an_assessment_is_not_older_than_its_sources_089e2', table='follow_up_followupcitation', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(models.Q(('recommendation__isnull', True), ('source_recommendation__isnull', False)), models.Q(('recommendation__isnull', False), ('source_recommendation__isnull', True)), _connector='OR'), name='a_dossier_follows_one_recommendation'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=failure_lessons.constraints.Unique(fields=('source_recommendation',), name='a_source_recommendation_has_one_dossier'),
        ),
    ]
