import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import failure_lessons.constraints
import failure_lessons.dates
import failure_lessons.vocabularies.term_fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('recommendations', '0001_initial'), ('recommendations', '0002_words_and_their_places'), ('recommendations', '0003_recommendation_plain_summary_and_more'), ('recommendations', '0004_situations')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('casestudies', '0001_first_release'),
        ('literature', '0001_first_release'),
        ('vocabularies', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyContext',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', failure_lessons.dates.EdtfField(help_text='Date of the newest source that was seen, such as 2026-06.', max_length=40, verbose_name='as of')),
                ('exists_already', models.TextField(blank=True, verbose_name='what exists already')),
                ('what_this_adds', models.TextField(blank=True)),
                ('who_holds_the_power', models.TextField(blank=True)),
                ('what_may_change', models.TextField(blank=True)),
                ('review_by', failure_lessons.dates.EdtfField(blank=True, help_text='When it should be looked at again. The first page of the workbench reminds you.', max_length=40)),
                ('review_due', failure_lessons.dates.EdtfBoundField(blank=True, bound='earliest', editable=False, null=True, source='review_by')),
            ],
            options={
                'ordering': ['recommendation', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('as_of', ''), _negated=True), name='a_policy_context_says_as_of_when')],
            },
        ),
        migrations.CreateModel(
            name='ConsultationTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('status', models.TextField(help_text='What has and has not taken place.')),
                ('purpose', models.TextField()),
                ('questions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('rating_scale', models.TextField()),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['title', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Lesson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=80, unique=True)),
                ('code', models.CharField(help_text='Such as LS4. Never change it.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z]+[0-9]+\\Z', 'Write capitals and a number, such as LS4.')])),
                ('title', models.CharField(max_length=300)),
                ('statement', models.TextField(help_text='What was learnt, in one or two sentences.')),
                ('explanation', models.TextField(blank=True)),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('transfer_alike', models.TextField(blank=True, help_text='In what the NHS is like the services the evidence comes from.', verbose_name='alike')),
                ('transfer_differs', models.TextField(blank=True, help_text='In what it differs.', verbose_name='differs')),
                ('transfer_would_change_our_view', models.TextField(blank=True, help_text='Evidence that would make us think again.', verbose_name='would change our view')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('themes', models.ManyToManyField(blank=True, related_name='lessons', to='vocabularies.theme')),
            ],
            options={
                'ordering': ['code', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('statement', ''), _negated=True)), name='a_lesson_has_a_title_and_statement'), failure_lessons.constraints.Rule(condition=models.Q(('phase__in', ['prevention', 'identification', 'management', 'resolution'])), name='a_lesson_has_a_phase')],
            },
        ),
        migrations.CreateModel(
            name='Grounds',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grounds', to='recommendations.lesson')),
            ],
            options={
                'verbose_name': 'lesson it rests on',
                'verbose_name_plural': 'lessons it rests on',
                'ordering': ['recommendation', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LessonAssessment',
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
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assessments', to='recommendations.lesson')),
                ('proposed_by', models.ForeignKey(blank=True, editable=False, help_text='Who wrote down what the raters agreed on.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rater', models.ForeignKey(blank=True, help_text='Empty on an agreed assessment.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('overall__in', ['high', 'moderate', 'low', 'very-low']), ('methodological_limitations__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('methodological_limitations_reason', ''), _negated=True), ('coherence__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('coherence_reason', ''), _negated=True), ('adequacy__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('adequacy_reason', ''), _negated=True), ('relevance__in', ['no-or-very-minor-concerns', 'minor-concerns', 'moderate-concerns', 'serious-concerns']), models.Q(('relevance_reason', ''), _negated=True)), name='every_level_of_a_lesson_has_its_reason'), failure_lessons.constraints.Unique(condition=models.Q(('agreed', True)), fields=('lesson',), name='a_lesson_has_one_agreed_assessment'), failure_lessons.constraints.Unique(fields=('lesson', 'rater'), name='a_rater_assesses_a_lesson_once'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('confirmed_by__isnull', True), ('proposed_by__isnull', True)), models.Q(('agreed', False), ('confirmed_by__isnull', True), ('proposed_by__isnull', False), ('rater__isnull', True)), models.Q(('agreed', True), ('confirmed_by__isnull', False), ('proposed_by__isnull', False), ('rater__isnull', True), models.Q(('proposed_by', models.F('confirmed_by')), _negated=True)), _connector='OR'), name='two_people_agree_on_the_confidence_in_a_lesson'), failure_lessons.constraints.Unique(condition=models.Q(('agreed', False), ('proposed_by__isnull', False)), fields=('lesson',), name='a_lesson_has_one_proposed_assessment')],
            },
        ),
        migrations.CreateModel(
            name='LessonEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('relation', models.CharField(choices=[('supports', 'Supports'), ('qualifies', 'Qualifies'), ('contradicts', 'Contradicts')], max_length=12)),
                ('note', models.TextField(blank=True, help_text='How the finding bears on the lesson.')),
                ('case_finding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bearings', to='casestudies.casefinding')),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='recommendations.lesson')),
                ('review_finding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bearings', to='literature.reviewfinding')),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'ordering': ['lesson', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('case_finding__isnull', False), ('review_finding__isnull', True)), models.Q(('case_finding__isnull', True), ('review_finding__isnull', False)), _connector='OR'), name='lesson_evidence_is_one_finding'), failure_lessons.constraints.Unique(fields=('lesson', 'case_finding'), name='a_case_finding_bears_on_a_lesson_once'), failure_lessons.constraints.Unique(fields=('lesson', 'review_finding'), name='a_review_finding_bears_on_a_lesson_once'), failure_lessons.constraints.Rule(condition=models.Q(('relation__in', ['supports', 'qualifies', 'contradicts'])), name='evidence_has_a_relation')],
            },
        ),
        migrations.CreateModel(
            name='PolicyCitation',
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
                ('context', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='recommendations.policycontext')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=80, unique=True)),
                ('code', models.CharField(help_text='Such as R4. Never change it.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z]+[0-9]+\\Z', 'Write capitals and a number, such as R4.')])),
                ('title', models.CharField(max_length=300)),
                ('statement', models.TextField(help_text='One action: who should do what.')),
                ('plain_summary', models.TextField(blank=True, help_text='The same in short sentences and everyday words: what the problem is, who should do what, how sure we are, what could go wrong. At most 700 characters.', max_length=700, validators=[django.core.validators.MaxLengthValidator(700)])),
                ('short_question', models.CharField(blank=True, help_text='The question that it answers. At most 110 characters.', max_length=110)),
                ('short_action', models.CharField(blank=True, help_text='What to do, without who and by when. At most 160 characters.', max_length=160)),
                ('short_steps', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='At most four steps of 80 characters.', size=4)),
                ('short_sureness', models.CharField(blank=True, help_text='The confidence in one word, then its reason. At most 180 characters.', max_length=180, verbose_name='how sure, and why')),
                ('short_against', models.CharField(blank=True, help_text='With its codes. At most 180 characters.', max_length=180, verbose_name='what speaks against it')),
                ('rationale', models.TextField(blank=True)),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Steps.', size=None)),
                ('audiences', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('national-policymaker', 'National policymaker'), ('regulator', 'Regulator'), ('commissioner', 'Commissioner'), ('provider-board', 'Provider board'), ('improvement-body', 'Improvement body')], max_length=30), default=list, size=None)),
                ('level', models.CharField(choices=[('national', 'National'), ('system', 'System'), ('provider', 'Provider')], max_length=10)),
                ('phase', models.CharField(choices=[('prevention', 'Prevention'), ('identification', 'Identification'), ('management', 'Management'), ('resolution', 'Resolution')], max_length=20)),
                ('failure_types', django.contrib.postgres.fields.ArrayField(base_field=failure_lessons.vocabularies.term_fields.TermField(max_length=40, vocabulary='failure-type'), default=list, size=None)),
                ('owner', models.CharField(help_text='The body or post that must act.', max_length=200)),
                ('timescale_label', models.CharField(help_text='Such as: within 12 months.', max_length=200, verbose_name='timescale')),
                ('timescale_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months')),
                ('measures', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='How we would know that it worked.', size=None)),
                ('resources', models.TextField(blank=True, verbose_name='what it takes')),
                ('cost', models.CharField(blank=True, choices=[('low-cost', 'Low cost'), ('moderate-cost', 'Moderate cost'), ('high-cost', 'High cost'), ('unclear-cost', 'Cost cannot be told')], help_text='How much money it takes.', max_length=20)),
                ('worse_off', models.TextField(blank=True, help_text='Whom it may harm or cost, as far as the evidence says.', verbose_name='who could be worse off')),
                ('conditions', models.TextField(blank=True, help_text='What has to be in place for it to work.')),
                ('risks', models.TextField(blank=True, help_text='What may go wrong if it is done.')),
                ('counter_evidence', models.TextField(blank=True, help_text='The evidence against it.')),
                ('strength', models.CharField(choices=[('strong', 'Strong'), ('conditional', 'Conditional'), ('consider', 'For consideration')], max_length=12)),
                ('strength_reason', models.TextField(blank=True, help_text='Why this strength and no other.', verbose_name='why this strength')),
                ('confidence', models.CharField(choices=[('high', 'High'), ('moderate', 'Moderate'), ('low', 'Low'), ('very-low', 'Very low')], max_length=10)),
                ('kind', models.CharField(choices=[('policy-change', 'Policy change'), ('process', 'Process'), ('information', 'Information'), ('capability', 'Capability'), ('training', 'Training'), ('other', 'Other')], max_length=20)),
                ('wording', models.CharField(choices=[('must', 'Must'), ('should', 'Should'), ('consider', 'Consider')], max_length=10)),
                ('lessons', models.ManyToManyField(related_name='recommendations', through='recommendations.Grounds', to='recommendations.lesson')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['code', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('statement', ''), _negated=True), models.Q(('owner', ''), _negated=True)), name='a_recommendation_says_who_should_do_what'), failure_lessons.constraints.Rule(condition=models.Q(('audiences__contained_by', ['national-policymaker', 'regulator', 'commissioner', 'provider-board', 'improvement-body'])), name='a_recommendation_has_known_audiences'), failure_lessons.constraints.Rule(condition=models.Q(('confidence__in', ['high', 'moderate', 'low', 'very-low']), ('level__in', ['national', 'system', 'provider']), ('phase__in', ['prevention', 'identification', 'management', 'resolution']), ('strength__in', ['strong', 'conditional', 'consider']), ('wording__in', ['must', 'should', 'consider'])), name='a_recommendation_is_fully_classified'), failure_lessons.constraints.Rule(condition=models.Q(('strength', 'strong'), ('wording', 'consider'), _negated=True), name='a_strong_recommendation_is_not_worded_consider')],
            },
        ),
        migrations.AddField(
            model_name='policycontext',
            name='recommendation',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='policy_context', to='recommendations.recommendation'),
        ),
        migrations.AddField(
            model_name='grounds',
            name='recommendation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grounds', to='recommendations.recommendation'),
        ),
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('check_code', models.CharField(choices=[('owner', 'Names one body or post that must act'), ('one-action', 'Asks for one action'), ('risk', 'Says which risk it addresses'), ('measure', 'Can be measured'), ('timescale', 'Says by when'), ('cost', 'States what it costs'), ('wording', 'Words as strong as the evidence'), ('weak-action', 'More than training or a text'), ('duplicate', 'Differs from other recommendations'), ('contradiction', 'Agrees with other recommendations, or says that it does not'), ('conditions', 'Says what has to be in place'), ('counter-evidence', 'Says what speaks against it')], max_length=20, verbose_name='check')),
                ('found', models.CharField(help_text='What the check found, with the words it is about.', max_length=500)),
                ('reason', models.TextField(help_text='Why it stays so. Readers see it.')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, help_text='When.')),
                ('by', models.ForeignKey(blank=True, help_text='Who gave the reason. Empty: it came with a package.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='departures', to='recommendations.recommendation')),
            ],
            options={
                'ordering': ['recommendation', 'check_code', 'found', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('check_code__in', ['owner', 'one-action', 'risk', 'measure', 'timescale', 'cost', 'wording', 'weak-action', 'duplicate', 'contradiction', 'conditions', 'counter-evidence'])), name='a_departure_is_from_a_known_check'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('found', ''), _negated=True)), name='a_departure_says_what_was_found_and_why_it_stays'), failure_lessons.constraints.Unique(fields=('recommendation', 'check_code', 'found'), name='a_departure_is_explained_once')],
            },
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(choices=[('same-as', 'Same as'), ('overlaps', 'Overlaps'), ('contradicts', 'In tension with'), ('builds-on', 'Builds on'), ('replaces', 'Replaces')], max_length=12)),
                ('note', models.TextField(blank=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relations', to='recommendations.recommendation')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relations_from', to='recommendations.recommendation')),
            ],
            options={
                'ordering': ['source', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('source', models.F('target')), _negated=True), name='no_recommendation_relates_to_itself'), failure_lessons.constraints.Rule(condition=models.Q(('type__in', ['same-as', 'overlaps', 'contradicts', 'builds-on', 'replaces'])), name='a_relation_has_a_known_type'), failure_lessons.constraints.Unique(fields=('source', 'target', 'type'), name='a_relation_is_stated_once'), failure_lessons.constraints.Unique(django.db.models.functions.comparison.Least('source', 'target'), django.db.models.functions.comparison.Greatest('source', 'target'), models.F('type'), condition=models.Q(('type__in', ['same-as', 'overlaps', 'contradicts'])), name='a_symmetric_relation_is_stated_once_a_pair')],
            },
        ),
        migrations.CreateModel(
            name='Situation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='Part of the address. Never change it.', max_length=80, unique=True)),
                ('code', models.CharField(help_text='Such as SIT4. Never change it.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Z]+[0-9]+\\Z', 'Write capitals and a number, such as SIT4.')])),
                ('title', models.CharField(help_text='The situation in a few words: A merger is proposed.', max_length=300)),
                ('question', models.CharField(help_text='What a reader in this situation asks, as they would ask it.', max_length=300)),
                ('answer', models.TextField(help_text='In two to four sentences, each with the codes of what it rests on, such as (R1, LS4).', verbose_name='short answer')),
                ('confidence', models.CharField(choices=[('high', 'High'), ('moderate', 'Moderate'), ('low', 'Low'), ('very-low', 'Very low')], max_length=10, verbose_name='how sure')),
                ('confidence_reason', models.TextField(help_text='Why no surer, and why no less sure.', verbose_name='why this sure')),
                ('counter_evidence', models.TextField(help_text='With its codes.', verbose_name='what speaks against it')),
                ('steps', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None, verbose_name='what to do on Monday')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='So that searching for them finds it.', size=None, verbose_name='words readers use for it')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['code', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('question', ''), _negated=True), models.Q(('answer', ''), _negated=True)), name='a_situation_has_a_question_and_an_answer'), failure_lessons.constraints.Rule(condition=models.Q(('confidence__in', ['high', 'moderate', 'low', 'very-low'])), name='a_situation_says_how_sure_we_are'), failure_lessons.constraints.Rule(condition=models.Q(('confidence_reason', ''), _negated=True), name='a_situation_says_why_we_are_this_sure')],
            },
        ),
        migrations.CreateModel(
            name='SituationGrounds',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('lesson', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='situation_grounds', to='recommendations.lesson')),
                ('recommendation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='situation_grounds', to='recommendations.recommendation')),
                ('situation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grounds', to='recommendations.situation')),
            ],
            options={
                'verbose_name': 'recommendation or lesson it rests on',
                'verbose_name_plural': 'recommendations and lessons it rests on',
                'ordering': ['situation', 'position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('lesson__isnull', True), ('recommendation__isnull', False)), models.Q(('lesson__isnull', False), ('recommendation__isnull', True)), _connector='OR'), name='a_situation_rests_on_a_recommendation_or_a_lesson'), failure_lessons.constraints.Unique(fields=('situation', 'recommendation'), name='a_situation_rests_on_a_recommendation_once'), failure_lessons.constraints.Unique(fields=('situation', 'lesson'), name='a_situation_rests_on_a_lesson_once')],
            },
        ),
        migrations.CreateModel(
            name='StakeholderGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('sector', models.CharField(max_length=30)),
                ('role', models.CharField(max_length=200)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stakeholder_groups', to='recommendations.consultationtemplate')),
            ],
            options={
                'ordering': ['template', 'position', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='grounds',
            constraint=failure_lessons.constraints.Unique(fields=('recommendation', 'lesson'), name='a_recommendation_rests_on_a_lesson_once'),
        ),
    ]
