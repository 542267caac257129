import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import failure_lessons.constraints
import failure_lessons.dates
import failure_lessons.validators.addresses
import failure_lessons.validators.csl
import failure_lessons.validators.identifiers
import failure_lessons.vocabularies.term_fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('literature', '0001_initial'), ('literature', '0002_validated_identifiers_and_dates'), ('literature', '0003_words_and_their_places')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('vocabularies', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='LiteratureReview',
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
                ('question', models.TextField()),
                ('review_type', models.CharField(choices=[('narrative-review', 'Narrative review'), ('scoping-review', 'Scoping review'), ('rapid-review', 'Rapid review'), ('systematic-review', 'Systematic review'), ('evidence-map', 'Evidence map')], max_length=30)),
                ('framework', failure_lessons.vocabularies.term_fields.TermField(blank=True, max_length=40, vocabulary='framework')),
                ('framework_elements', models.JSONField(blank=True, default=dict, help_text="The framework's elements by name, such as setting or perspective.", validators=[failure_lessons.validators.csl.validate_elements])),
                ('sector', models.CharField(choices=[('education', 'Education'), ('criminal-justice', 'Criminal justice'), ('health', 'Health'), ('cross-sector', 'Cross-sector')], max_length=20)),
                ('synthesis', models.TextField(blank=True)),
                ('search_again_by', failure_lessons.dates.EdtfField(blank=True, help_text='When the searches should be run again. The first page of the workbench reminds you.', max_length=40)),
                ('search_due', failure_lessons.dates.EdtfBoundField(blank=True, bound='earliest', editable=False, null=True, source='search_again_by')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['title', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('question', ''), _negated=True)), name='a_review_has_a_title_and_question')],
            },
        ),
        migrations.CreateModel(
            name='EligibilityCriterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('decision', models.CharField(choices=[('include', 'Include'), ('exclude', 'Exclude')], max_length=10)),
                ('text', models.TextField()),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='eligibility_criteria', to='literature.literaturereview')),
            ],
            options={
                'verbose_name_plural': 'eligibility criteria',
                'ordering': ['review', 'position', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.CharField(help_text='Short key that citations use, such as hmip-2018. Never change it.', max_length=60, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Use lower-case letters, digits and single hyphens.')], verbose_name='key')),
                ('type', models.CharField(choices=[('article-journal', 'Journal article'), ('article-magazine', 'Magazine article'), ('article-newspaper', 'Newspaper article'), ('book', 'Book'), ('chapter', 'Chapter'), ('hearing', 'Hearing'), ('interview', 'Interview'), ('legal_case', 'Legal case'), ('legislation', 'Legislation'), ('manuscript', 'Manuscript'), ('paper-conference', 'Conference paper'), ('personal_communication', 'Personal communication'), ('post-weblog', 'Blog post'), ('report', 'Report'), ('speech', 'Speech'), ('thesis', 'Thesis'), ('webpage', 'Web page')], help_text='Kind of work.', max_length=30)),
                ('title', models.CharField(max_length=500)),
                ('author', models.JSONField(blank=True, default=list, help_text='CSL names: [{"family": "Allen", "given": "Rebecca"}] or [{"literal": "Ofsted"}].', validators=[failure_lessons.validators.csl.validate_names], verbose_name='authors')),
                ('issued', models.JSONField(blank=True, help_text='CSL date: {"date-parts": [[2018, 8, 20]]}; add "circa": true when uncertain.', null=True, validators=[failure_lessons.validators.csl.validate_date])),
                ('container_title', models.CharField(blank=True, help_text='Journal, newspaper or site in which the work appeared.', max_length=300)),
                ('publisher', models.CharField(blank=True, max_length=300)),
                ('doi', models.CharField(blank=True, help_text='Without https://doi.org/, such as 10.1080/1234.', max_length=200, validators=[failure_lessons.validators.identifiers.validate_doi], verbose_name='DOI')),
                ('isbn', models.CharField(blank=True, max_length=40, validators=[failure_lessons.validators.identifiers.validate_isbn], verbose_name='ISBN')),
                ('url', models.URLField(blank=True, help_text='Where the work can be read.', max_length=1000, validators=[failure_lessons.validators.addresses.validate_address], verbose_name='address')),
                ('abstract', models.TextField(blank=True, help_text='What the work says, in our own words.')),
                ('note', models.TextField(blank=True, help_text='What a reader should know about this record.')),
                ('csl', models.JSONField(blank=True, default=dict, help_text='Volume, issue, page, number and so on, by CSL name.', validators=[failure_lessons.validators.csl.validate_variables], verbose_name='other CSL variables')),
                ('licence', models.CharField(blank=True, help_text='Licence of the work, where known.', max_length=100)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['slug'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('title', ''), _negated=True), name='a_reference_has_a_title'), failure_lessons.constraints.Rule(condition=models.Q(('type__in', ['article-journal', 'article-magazine', 'article-newspaper', 'book', 'chapter', 'hearing', 'interview', 'legal_case', 'legislation', 'manuscript', 'paper-conference', 'personal_communication', 'post-weblog', 'report', 'speech', 'thesis', 'webpage'])), name='a_reference_has_a_csl_type'), failure_lessons.constraints.Unique(condition=models.Q(('doi', ''), _negated=True), fields=('doi',), name='a_doi_belongs_to_one_reference'), failure_lessons.constraints.Unique(django.db.models.functions.text.Lower('doi'), condition=models.Q(('doi', ''), _negated=True), name='a_doi_belongs_to_one_reference_in_any_case')],
            },
        ),
        migrations.CreateModel(
            name='NotDuplicate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='literature.reference')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='literature.reference')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('first', 'second'), name='a_pair_is_set_apart_once'), failure_lessons.constraints.Rule(condition=models.Q(('first__lt', models.F('second'))), name='a_pair_is_kept_in_one_order')],
            },
        ),
        migrations.CreateModel(
            name='GlossaryTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('term', models.CharField(max_length=100, unique=True)),
                ('definition', models.TextField()),
                ('source_note', models.TextField(blank=True, help_text='What to know about the source, or why there is none.')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reference', models.ForeignKey(blank=True, help_text='Where the definition comes from.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='glossary_terms', to='literature.reference')),
            ],
            options={
                'ordering': ['term', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('reference__isnull', False), models.Q(('source_note', ''), _negated=True), _connector='OR'), name='a_term_names_its_source_or_says_why_not')],
            },
        ),
        migrations.CreateModel(
            name='AppraisalAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tool', failure_lessons.vocabularies.term_fields.TermField(max_length=40, vocabulary='appraisal-tool')),
                ('item', models.CharField(help_text='The code of the question, such as 3 or 1.2.', max_length=20)),
                ('answer', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('cannot-tell', 'Can’t tell')], max_length=12)),
                ('comment', models.TextField(blank=True)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='literature.literaturereview')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appraisal_answers', to='literature.reference')),
            ],
            options={
                'ordering': ['review', 'reference', 'tool', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'reference', 'tool', 'item'), name='a_question_of_a_checklist_is_answered_once'), failure_lessons.constraints.Rule(condition=models.Q(('answer__in', ['yes', 'no', 'cannot-tell'])), name='an_answer_is_yes_no_or_cannot_tell'), failure_lessons.constraints.Rule(condition=models.Q(('tool__in', ['aacods', 'casp-qualitative', 'mmat'])), name='an_answer_belongs_to_a_known_checklist')],
            },
        ),
        migrations.CreateModel(
            name='Appraisal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('tool', failure_lessons.vocabularies.term_fields.TermField(max_length=40, vocabulary='appraisal-tool')),
                ('judgement', models.CharField(choices=[('high', 'High'), ('moderate', 'Moderate'), ('low', 'Low'), ('unclear', 'Unclear')], max_length=10)),
                ('note', models.TextField(blank=True)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='literature.literaturereview')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appraisals', to='literature.reference')),
            ],
            options={
                'ordering': ['review', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'reference', 'tool'), name='a_study_is_appraised_once_a_tool')],
            },
        ),
        migrations.CreateModel(
            name='ReferenceImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('text', models.TextField(blank=True)),
                ('form', models.CharField(max_length=20)),
                ('encoding', models.CharField(max_length=100, verbose_name='character set')),
                ('made_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'To be decided'), ('done', 'Done')], default='open', max_length=10)),
                ('decisions', models.JSONField(blank=True, default=dict, help_text='What to do with a row, by its number.')),
                ('result', models.JSONField(blank=True, default=list, help_text='What was done: action, key and title of each row.')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('state', 'done'), models.Q(('text', ''), _negated=True), _connector='OR'), name='an_open_import_has_its_text')],
            },
        ),
        migrations.CreateModel(
            name='ReviewFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.SlugField(editable=False, max_length=40, unique=True)),
                ('code', models.CharField(help_text='Such as E1-F3. Never change it after publication.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z]+[0-9]+-F[0-9]+\\Z', 'Write a code such as E1-F3.')])),
                ('statement', models.TextField(help_text='One sentence.')),
                ('explanation', models.TextField(blank=True)),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='literature.literaturereview')),
                ('themes', models.ManyToManyField(blank=True, related_name='review_findings', to='vocabularies.theme')),
            ],
            options={
                'ordering': ['review', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('statement', ''), _negated=True), name='a_review_finding_has_a_statement'), failure_lessons.constraints.Rule(condition=models.Q(('phase__in', ['prevention', 'identification', 'management', 'resolution'])), name='a_review_finding_has_a_phase')],
            },
        ),
        migrations.CreateModel(
            name='ReviewCitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locator', models.CharField(blank=True, help_text='Page, paragraph or section, such as “para. 12”. Empty: no page given.', max_length=200)),
                ('quotation', models.TextField(blank=True, help_text='Word for word, at most forty words.')),
                ('speaker', models.CharField(blank=True, help_text="Whose words these are, where they are not the author's.", max_length=200, verbose_name='whose words')),
                ('read_as', models.CharField(blank=True, choices=[('own-text', 'The text itself'), ('abstract', 'Its abstract'), ('notice', 'A notice about it, such as a press notice or a catalogue entry'), ('summary', 'Somebody’s summary or report of it')], help_text='What was read of it.', max_length=20)),
                ('read_extent', models.CharField(blank=True, choices=[('whole', 'Whole'), ('part', 'In part')], help_text='How much of that was read.', max_length=10, verbose_name='how much')),
                ('read_on', failure_lessons.dates.EdtfField(blank=True, help_text='Day on which it was read.', max_length=40, verbose_name='read on')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='literature.reference')),
                ('synthesis_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='synthesis_citations', to='literature.literaturereview')),
                ('finding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='literature.reviewfinding')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('finding__isnull', False), ('synthesis_of__isnull', True)), models.Q(('finding__isnull', True), ('synthesis_of__isnull', False)), _connector='OR'), name='a_review_citation_belongs_to_one_statement')],
            },
        ),
        migrations.CreateModel(
            name='ReviewFindingAssessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreed', models.BooleanField(default=False, help_text='The assessment that is published.')),
                ('methodological_limitations', models.CharField(choices=[('no-or-very-minor-concerns', 'No or very minor concerns'), ('minor-concerns', 'Minor concerns'), ('moderate-concerns', 'Moderate concerns'), ('serious-concerns', 'Serious concerns')], max_length=30)),
                ('methodological_limitations_reason', models.TextField()),
                ('coherence', models.CharField(choices=[('no-or-very-minor-concerns', 'No or very minor concerns'), ('minor-concerns', 'Minor concerns'), ('moderate-concerns', 'Moderate concerns'), ('serious-concerns', 'Serious concerns')], max_length=30)),
                ('coherence_reason', models.TextField()),
                ('adequacy', models.CharField(choices=[('no-or-very-minor-concerns', 'No or very minor concerns'), ('minor-concerns', 'Minor concerns'), ('moderate-concerns', 'Moderate concerns'), ('serious-concerns', 'Serious concerns')], max_length=30)),
                ('adequacy_reason', models.TextField()),
                ('relevance', models.CharField(choices=[('no-or-very-minor-concerns', 'No or very minor concerns'), ('minor-concerns', 'Minor concerns'), ('moderate-concerns', 'Moderate concerns'), ('serious-concerns', 'Serious concerns')], max_length=30)),
                ('relevance_reason', models.TextField()),
                ('overall', models.CharField(choices=[('high', 'High'), ('moderate', 'Moderate'), ('low', 'Low'), ('very-low', 'Very low')], help_text='Chosen, never added up.', max_length=10)),
                ('overall_reason', models.TextField(blank=True)),
                ('confirmed_by', models.ForeignKey(blank=True, editable=False, help_text='Who confirmed it: somebody else.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assessments', to='literature.reviewfinding')),
                ('proposed_by', models.ForeignKey(blank=True, editable=False, help_text='Who wrote down what the raters agreed on.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rater', models.ForeignKey(blank=True, help_text='Empty on an agreed assessment.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('overall__in', ['high', 'moderate', 'low', 'very-low']), ('methodological_limitations__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('methodological_limitations_reason', ''), _negated=True), ('coherence__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('coherence_reason', ''), _negated=True), ('adequacy__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('adequacy_reason', ''), _negated=True), ('relevance__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('relevance_reason', ''), _negated=True)), name='every_level_of_a_review_finding_has_its_reason'), failure_lessons.constraints.Unique(condition=models.Q(('agreed', True)), fields=('finding',), name='a_review_finding_has_one_agreed_assessment'), failure_lessons.constraints.Unique(fields=('finding', 'rater'), name='a_rater_assesses_a_review_finding_once'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('confirmed_by__isnull', True), ('proposed_by__isnull', True)), models.Q(('agreed', False), ('confirmed_by__isnull', True), ('proposed_by__isnull', False), ('rater__isnull', True)), models.Q(('agreed', True), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), ('rater__isnull', True), models.Q(('proposed_by', models.F('confirmed_by')), _negated=True)), _connector='OR'), name='two_people_agree_on_the_confidence_in_a_review_finding'), failure_lessons.constraints.Unique(condition=models.Q(('agreed', False), ('proposed_by__isnull', False)), fields=('finding',), name='a_review_finding_has_one_proposed_assessment')],
            },
        ),
        migrations.CreateModel(
            name='ReviewLookedFor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('how', models.TextField(help_text='Which search, or what was read from end to end.')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looked_for', to='literature.literaturereview')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vocabularies.theme')),
            ],
            options={
                'verbose_name': 'looked for, and not found',
                'verbose_name_plural': 'looked for, and not found',
                'ordering': ['review', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'phase', 'theme'), name='a_review_says_once_that_it_looked'), failure_lessons.constraints.Rule(condition=models.Q(('how', ''), _negated=True), name='a_review_says_how_it_looked')],
            },
        ),
        migrations.CreateModel(
            name='Screening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('stage', models.CharField(choices=[('title-abstract', 'Title and abstract'), ('full-text', 'Full text')], max_length=20)),
                ('decision', models.CharField(choices=[('include', 'Include'), ('exclude', 'Exclude')], max_length=10)),
                ('reason', models.TextField()),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='screenings', to='literature.reference')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='literature.literaturereview')),
            ],
            options={
                'verbose_name': 'screening decision',
                'ordering': ['review', 'position', 'pk'],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'reference', 'stage'), name='a_record_is_screened_once_a_stage'), failure_lessons.constraints.Rule(condition=models.Q(('reason', ''), _negated=True), name='a_screening_decision_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='ScreeningResolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('title-abstract', 'Title and abstract'), ('full-text', 'Full text')], max_length=20)),
                ('decision', models.CharField(choices=[('include', 'Include'), ('exclude', 'Exclude')], max_length=10)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('done', models.BooleanField(default=False, help_text='Whether the decision counts.')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='literature.reference')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resolutions', to='literature.literaturereview')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'reference', 'stage'), name='a_conflict_is_resolved_once'), failure_lessons.constraints.Rule(condition=models.Q(('reason', ''), _negated=True), name='a_resolution_has_a_reason'), failure_lessons.constraints.Rule(condition=models.Q(('confirmed_by__isnull', True), models.Q(('by', models.F('confirmed_by')), _negated=True), _connector='OR'), name='nobody_confirms_their_own_resolution'), failure_lessons.constraints.Rule(condition=models.Q(('decision__in', ['include', 'exclude'])), name='a_resolution_has_a_known_decision')],
            },
        ),
        migrations.CreateModel(
            name='ScreeningVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('title-abstract', 'Title and abstract'), ('full-text', 'Full text')], max_length=20)),
                ('decision', models.CharField(choices=[('include', 'Include'), ('maybe', 'Maybe'), ('exclude', 'Exclude')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='literature.reference')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='literature.literaturereview')),
                ('screener', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'reference', 'stage', 'screener'), name='a_screener_votes_once_on_a_record'), failure_lessons.constraints.Rule(condition=models.Q(('decision', 'exclude'), ('reason', ''), _negated=True), name='a_vote_to_exclude_has_a_reason'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('decision', 'maybe'), _negated=True), ('stage', 'title-abstract'), _connector='OR'), name='maybe_is_for_titles_and_abstracts'), failure_lessons.constraints.Rule(condition=models.Q(('decision__in', ['include', 'maybe', 'exclude'])), name='a_vote_has_a_known_decision'), failure_lessons.constraints.Rule(condition=models.Q(('stage__in', ['title-abstract', 'full-text'])), name='a_vote_has_a_known_stage')],
            },
        ),
        migrations.CreateModel(
            name='Search',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('source', models.CharField(max_length=300)),
                ('platform', models.CharField(blank=True, max_length=300)),
                ('query', models.TextField()),
                ('date_run', failure_lessons.dates.EdtfField(help_text='Day on which the query was run.', max_length=40)),
                ('records_found', models.PositiveIntegerField()),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='searches', to='literature.literaturereview')),
            ],
            options={
                'verbose_name_plural': 'searches',
                'ordering': ['review', 'position', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(help_text='The file it came in, or another way it was found.', max_length=200)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='candidates', to='literature.literaturereview')),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='literature.reference')),
                ('imported', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='candidates', to='literature.referenceimport')),
                ('search', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='candidates', to='literature.search')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('review', 'reference'), name='a_record_waits_for_screening_once')],
            },
        ),
    ]
