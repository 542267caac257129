import casestudies.identifiers
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import failure_lessons.constraints
import failure_lessons.dates
import failure_lessons.vocabularies.term_fields
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('casestudies', '0001_initial'), ('casestudies', '0002_words_and_their_places'), ('casestudies', '0003_bodies')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('literature', '0001_first_release'),
        ('vocabularies', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseStudy',
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
                ('sector', models.CharField(choices=[('education', 'Education'), ('criminal-justice', 'Criminal justice'), ('health', 'Health'), ('cross-sector', 'Cross-sector')], max_length=20)),
                ('start_edtf', failure_lessons.dates.EdtfField(help_text='When the account begins.', max_length=40, verbose_name='from')),
                ('end_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='When it ends. Empty: still going on.', max_length=40, verbose_name='to')),
                ('failure_types', django.contrib.postgres.fields.ArrayField(base_field=failure_lessons.vocabularies.term_fields.TermField(max_length=40, vocabulary='failure-type'), default=list, help_text='What failed.', size=None)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'case studies',
                'ordering': ['title', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('title', ''), _negated=True), name='a_case_study_has_a_title'), failure_lessons.constraints.Rule(condition=models.Q(('sector__in', ['education', 'criminal-justice', 'health', 'cross-sector'])), name='a_case_study_has_a_sector')],
            },
        ),
        migrations.CreateModel(
            name='CaseFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.SlugField(editable=False, max_length=40, unique=True)),
                ('code', models.CharField(help_text='Such as E1-F3. Never change it after publication.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z]+[0-9]+-F[0-9]+\\Z', 'Write a code such as E1-F3.')])),
                ('statement', models.TextField(help_text='One sentence.')),
                ('explanation', models.TextField(blank=True)),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('relevance_to_nhs', models.TextField(blank=True, verbose_name='relevance to the NHS')),
                ('themes', models.ManyToManyField(blank=True, related_name='case_findings', to='vocabularies.theme')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='casestudies.casestudy')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('statement', ''), _negated=True), name='a_case_finding_has_a_statement'), failure_lessons.constraints.Rule(condition=models.Q(('phase__in', ['prevention', 'identification', 'management', 'resolution'])), name='a_case_finding_has_a_phase')],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('title', models.CharField(max_length=300)),
                ('notes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Cautions, one a line.', size=None)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['title', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('key', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z][a-z0-9_]*\\Z', 'Lower case with underscores: it names a column in R.')])),
                ('label', models.CharField(max_length=100)),
                ('definition', models.TextField()),
                ('is_outcome', models.BooleanField(default=False)),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='casestudies.comparison')),
            ],
            options={
                'ordering': ['comparison', 'is_outcome', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('comparison', 'key'), name='a_comparison_has_each_condition_once'), failure_lessons.constraints.Unique(condition=models.Q(('is_outcome', True)), fields=('comparison',), name='a_comparison_has_one_outcome')],
            },
        ),
        migrations.CreateModel(
            name='Calibration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('score', models.DecimalField(decimal_places=2, max_digits=3, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1'))])),
                ('reason', models.TextField()),
                ('findings', models.ManyToManyField(blank=True, related_name='calibrations', to='casestudies.casefinding')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calibrations', to='casestudies.casestudy')),
                ('condition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calibrations', to='casestudies.condition')),
            ],
            options={
                'ordering': ['condition', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('condition', 'case'), name='a_case_is_scored_once_a_condition'), failure_lessons.constraints.Rule(condition=models.Q(('score__gte', 0), ('score__lte', 1)), name='a_score_lies_between_0_and_1'), failure_lessons.constraints.Rule(condition=models.Q(('reason', ''), _negated=True), name='a_score_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Anchor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.DecimalField(decimal_places=2, max_digits=3, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('1'))])),
                ('text', models.TextField()),
                ('condition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='anchors', to='casestudies.condition')),
            ],
            options={
                'ordering': ['condition', '-score'],
                'constraints': [failure_lessons.constraints.Unique(fields=('condition', 'score'), name='a_score_has_one_anchor'), failure_lessons.constraints.Rule(condition=models.Q(('score__gte', 0), ('score__lte', 1)), name='an_anchor_lies_between_0_and_1')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('date', failure_lessons.dates.EdtfField(help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40)),
                ('earliest', failure_lessons.dates.EdtfBoundField(blank=True, bound='earliest', editable=False, null=True, source='date')),
                ('latest', failure_lessons.dates.EdtfBoundField(blank=True, bound='latest', editable=False, null=True, source='date')),
                ('phase', models.CharField(choices=[('onset', 'Onset'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution'), ('aftermath', 'Aftermath')], max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='casestudies.casestudy')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('title', ''), _negated=True), name='an_event_has_a_title'), failure_lessons.constraints.Rule(condition=models.Q(('phase__in', ['onset', 'identification', 'management', 'resolution', 'aftermath'])), name='an_event_has_a_phase')],
            },
        ),
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=200)),
                ('unit', models.CharField(max_length=100)),
                ('definition', models.TextField(blank=True)),
                ('better', models.CharField(choices=[('higher', 'Higher is better'), ('lower', 'Lower is better')], max_length=10)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='casestudies.casestudy')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('case', 'name'), name='a_case_has_each_indicator_once')],
            },
        ),
        migrations.CreateModel(
            name='IndicatorValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('period', models.CharField(help_text='As the source gives it: a date, or a school or financial year such as 2021-22.', max_length=30)),
                ('value', models.DecimalField(decimal_places=6, max_digits=20)),
                ('note', models.TextField(blank=True, help_text='Cite within the note as [ref: key].')),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='casestudies.indicator')),
            ],
            options={
                'ordering': ['indicator', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('indicator', 'period'), name='an_indicator_has_one_value_a_period')],
            },
        ),
        migrations.CreateModel(
            name='Intervention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('kind', failure_lessons.vocabularies.term_fields.TermField(max_length=40, vocabulary='intervention')),
                ('title', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('start_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='from')),
                ('end_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='to')),
                ('led_by', models.CharField(blank=True, max_length=200)),
                ('effect', models.TextField(blank=True, help_text='What followed, as far as the sources say.')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='casestudies.casestudy')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('title', ''), _negated=True), name='an_intervention_has_a_title')],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=120, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('type', models.CharField(help_text='In plain words, such as academy trust or inspectorate.', max_length=100)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('urn', models.CharField(blank=True, help_text='Unique reference number of an English school, six digits.', max_length=6, validators=[casestudies.identifiers.validate_urn], verbose_name='URN')),
                ('ods', models.CharField(blank=True, help_text='Code of an NHS body.', max_length=10, validators=[casestudies.identifiers.validate_ods], verbose_name='ODS code')),
                ('ror', models.CharField(blank=True, help_text='Research Organization Registry, such as 04h699437.', max_length=9, validators=[casestudies.identifiers.validate_ror], verbose_name='ROR')),
                ('is_class', models.BooleanField(default=False, help_text='Not one body but a class of them, such as integrated care boards: each can be asked.', verbose_name='a class of bodies')),
                ('former_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('start_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='Since when it has existed, where that is known.', max_length=40, verbose_name='from')),
                ('end_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='Until when it existed.', max_length=40, verbose_name='to')),
                ('note', models.TextField(blank=True, help_text='What a reader should know of it, such as what was not looked up.')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('name', ''), _negated=True), name='an_organisation_has_a_name'), failure_lessons.constraints.Unique(condition=models.Q(('urn', ''), _negated=True), fields=('urn',), name='a_urn_belongs_to_one_organisation'), failure_lessons.constraints.Unique(condition=models.Q(('ods', ''), _negated=True), fields=('ods',), name='a_ods_belongs_to_one_organisation'), failure_lessons.constraints.Unique(condition=models.Q(('ror', ''), _negated=True), fields=('ror',), name='a_ror_belongs_to_one_organisation')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('start_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='from')),
                ('end_edtf', failure_lessons.dates.EdtfField(blank=True, help_text='An EDTF date: write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to).', max_length=40, verbose_name='to')),
                ('body_class', models.ForeignKey(limit_choices_to={'is_class': True}, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='casestudies.organisation')),
                ('member', models.ForeignKey(limit_choices_to={'is_class': False}, on_delete=django.db.models.deletion.PROTECT, related_name='classes', to='casestudies.organisation')),
            ],
            options={
                'ordering': ['body_class', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('body_class', 'member'), name='a_body_belongs_to_a_class_once'), failure_lessons.constraints.Rule(condition=models.Q(('body_class', models.F('member')), _negated=True), name='no_class_belongs_to_itself')],
            },
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='casestudies.casestudy')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to='casestudies.organisation')),
            ],
            options={
                'verbose_name': 'organisation',
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('case', 'organisation'), name='an_organisation_is_in_a_case_once')],
            },
        ),
        migrations.AddField(
            model_name='casestudy',
            name='organisations',
            field=models.ManyToManyField(related_name='cases', through='casestudies.Involvement', to='casestudies.organisation'),
        ),
        migrations.CreateModel(
            name='Actor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=200)),
                ('role', models.CharField(choices=[('provider', 'Provider'), ('commissioner', 'Commissioner'), ('regulator', 'Regulator'), ('funder', 'Funder'), ('government-department', 'Government department'), ('improvement-body', 'Improvement body'), ('inquiry', 'Inquiry'), ('other', 'Other')], max_length=30)),
                ('part_played', models.TextField(blank=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='casestudies.casestudy')),
                ('organisation', models.ForeignKey(blank=True, help_text='The organisation this is, where it has a record of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts_played', to='casestudies.organisation')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrganisationsApart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='casestudies.organisation')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='casestudies.organisation')),
            ],
            options={
                'verbose_name_plural': 'organisations apart',
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('first', 'second'), name='two_organisations_are_set_apart_once'), failure_lessons.constraints.Rule(condition=models.Q(('first__lt', models.F('second'))), name='two_organisations_are_kept_in_one_order')],
            },
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locator', models.CharField(blank=True, help_text='Page, paragraph or section, such as “para. 12”. Empty: no page given.', max_length=200)),
                ('quotation', models.TextField(blank=True, help_text='Word for word, at most forty words.')),
                ('read_as', models.CharField(blank=True, choices=[('own-text', 'The text itself'), ('abstract', 'Its abstract'), ('notice', 'A notice about it, such as a press notice or a catalogue entry'), ('summary', 'Somebody’s summary or report of it')], help_text='What was read of it.', max_length=20)),
                ('read_extent', models.CharField(blank=True, choices=[('whole', 'Whole'), ('part', 'In part')], help_text='How much of that was read.', max_length=10, verbose_name='how much')),
                ('read_on', failure_lessons.dates.EdtfField(blank=True, help_text='Day on which it was read.', max_length=40, verbose_name='read on')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('speaker_role', models.CharField(blank=True, help_text='Who speaks, by role rather than by name.', max_length=200)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotes', to='casestudies.casestudy')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='literature.reference')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('quotation', ''), _negated=True), name='a_quote_has_words')],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(choices=[('summary', 'Summary'), ('context', 'Context'), ('warning_signs', 'Warning signs'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution'), ('outcome', 'Outcome'), ('selection_rationale', 'Why this case was chosen')], max_length=20)),
                ('text', models.TextField(help_text='Markdown. Cite within the text as [ref: key].')),
                ('in_short', models.CharField(blank=True, help_text='What a reader must know who reads nothing else. Each phase and the outcome need it.', max_length=300, verbose_name='in one sentence')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='casestudies.casestudy')),
            ],
            options={
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('case', 'name'), name='a_case_has_each_section_once')],
            },
        ),
        migrations.CreateModel(
            name='CaseCitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locator', models.CharField(blank=True, help_text='Page, paragraph or section, such as “para. 12”. Empty: no page given.', max_length=200)),
                ('quotation', models.TextField(blank=True, help_text='Word for word, at most forty words.')),
                ('speaker', models.CharField(blank=True, help_text="Whose words these are, where they are not the author's.", max_length=200, verbose_name='whose words')),
                ('read_as', models.CharField(blank=True, choices=[('own-text', 'The text itself'), ('abstract', 'Its abstract'), ('notice', 'A notice about it, such as a press notice or a catalogue entry'), ('summary', 'Somebody’s summary or report of it')], help_text='What was read of it.', max_length=20)),
                ('read_extent', models.CharField(blank=True, choices=[('whole', 'Whole'), ('part', 'In part')], help_text='How much of that was read.', max_length=10, verbose_name='how much')),
                ('read_on', failure_lessons.dates.EdtfField(blank=True, help_text='Day on which it was read.', max_length=40, verbose_name='read on')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.actor')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='literature.reference')),
                ('finding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.casefinding')),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.event')),
                ('indicator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.indicator')),
                ('figure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.indicatorvalue')),
                ('intervention', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.intervention')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='casestudies.section')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('actor__isnull', True), ('event__isnull', True), ('figure__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('section__isnull', False)), models.Q(('actor__isnull', True), ('event__isnull', False), ('figure__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('section__isnull', True)), models.Q(('actor__isnull', True), ('event__isnull', True), ('figure__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', False), ('section__isnull', True)), models.Q(('actor__isnull', False), ('event__isnull', True), ('figure__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('section__isnull', True)), models.Q(('actor__isnull', True), ('event__isnull', True), ('figure__isnull', True), ('finding__isnull', True), ('indicator__isnull', False), ('intervention__isnull', True), ('section__isnull', True)), models.Q(('actor__isnull', True), ('event__isnull', True), ('figure__isnull', False), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('section__isnull', True)), models.Q(('actor__isnull', True), ('event__isnull', True), ('figure__isnull', True), ('finding__isnull', False), ('indicator__isnull', True), ('intervention__isnull', True), ('section__isnull', True)), _connector='OR'), name='a_case_citation_belongs_to_one_statement')],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('date', failure_lessons.dates.EdtfField(blank=True, help_text='The day, month or year. Empty: not known, or only planned.', max_length=40, verbose_name='on')),
                ('note', models.TextField(blank=True)),
                ('locator', models.CharField(blank=True, max_length=200)),
                ('quotation', models.TextField(blank=True, help_text='Word for word, at most forty words.')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='successors', to='casestudies.organisation')),
                ('reference', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='literature.reference')),
                ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='casestudies.organisation')),
            ],
            options={
                'ordering': ['organisation', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('organisation', 'successor'), name='a_body_succeeds_another_once'), failure_lessons.constraints.Rule(condition=models.Q(('organisation', models.F('successor')), _negated=True), name='no_body_succeeds_itself'), failure_lessons.constraints.Rule(condition=models.Q(('reference__isnull', False), models.Q(('locator', ''), ('quotation', '')), _connector='OR'), name='words_on_a_succession_have_a_source')],
            },
        ),
        migrations.CreateModel(
            name='CaseLookedFor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('how', models.TextField(help_text='Which search, or what was read from end to end.')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vocabularies.theme')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looked_for', to='casestudies.casestudy')),
            ],
            options={
                'verbose_name': 'looked for, and not found',
                'verbose_name_plural': 'looked for, and not found',
                'ordering': ['case', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('case', 'phase', 'theme'), name='a_case_says_once_that_it_looked'), failure_lessons.constraints.Rule(condition=models.Q(('how', ''), _negated=True), name='a_case_says_how_it_looked')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='succession',
            trigger=pgtrigger.compiler.Trigger(name='a_succession_has_no_circle', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    if exists (\n                        with recursive later as (\n                            select new.successor_id as body\n                            union\n                            select s.successor_id\n                            from casestudies_succession s join later on s.organisation_id = later.body\n                            where s.id is distinct from new.id\n                        )\n                        select from later where body = new.organisation_id\n                    ) then\n                        raise exception 'a body would succeed itself in a circle'\n                            using errcode = 'check_violation', constraint = 'a_succession_has_no_circle';\n                    end if;\n                    return new;\n                ", hash='211114101cdc3a21edbaa7aa9320bcd77f2aaa17', operation='INSERT OR UPDATE', pgid='pgtrigger_a_succession_has_no_circle_876f9', table='casestudies_succession', when='BEFORE')),
        ),
    ]
