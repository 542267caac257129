import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import failure_lessons.constraints
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('coding', '0001_initial'), ('coding', '0002_what_a_file_holds_besides')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('casestudies', '0001_first_release'),
        ('literature', '0001_first_release'),
        ('vocabularies', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('guid', models.UUIDField(unique=True, verbose_name='GUID')),
                ('name', models.TextField()),
                ('description', models.TextField(blank=True)),
                ('colour', models.CharField(blank=True, max_length=7, validators=[django.core.validators.RegexValidator('\\A#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\\Z')])),
                ('codable', models.BooleanField(default=True, help_text='Whether text may be coded with it.')),
                ('position', models.PositiveIntegerField(default=0)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='coding.code')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='vocabularies.theme')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('name', ''), _negated=True), name='a_code_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='QdaImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('data', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('result', models.JSONField(blank=True, default=dict, help_text='What was added, by kind.')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'import from analysis software',
                'verbose_name_plural': 'imports from analysis software',
                'ordering': ['-made_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Quotation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('guid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='GUID')),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('exact', models.TextField(verbose_name='words')),
                ('prefix', models.TextField(blank=True)),
                ('suffix', models.TextField(blank=True)),
                ('gaps', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), blank=True, default=list, help_text='Where the words pause and where they go on, in turn, counted from the start of the quotation.', size=None)),
                ('page', models.PositiveIntegerField(help_text='Page of the document, counted from 1.')),
                ('note', models.TextField(blank=True, help_text='What you make of it. Readers never see it.')),
                ('made_at', models.DateTimeField(editable=False)),
                ('made_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['document', 'start', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('end__gt', models.F('start'))), name='a_quotation_has_words'), failure_lessons.constraints.Rule(condition=models.Q(('end', django.db.models.expressions.CombinedExpression(models.F('start'), '+', django.db.models.functions.text.Length('exact')))), name='a_quotation_is_as_long_as_its_words'), failure_lessons.constraints.Rule(condition=models.Q(('page__gte', 1)), name='pages_are_counted_from_1'), failure_lessons.constraints.Rule(condition=models.Q(('gaps__len', 0), ('gaps__len__gte', 2), _connector='OR'), name='a_gap_in_a_quotation_has_a_start_and_an_end')],
            },
        ),
        migrations.CreateModel(
            name='Coding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('guid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='GUID')),
                ('coder', models.CharField(help_text='Who coded it, as their program or their account names them.', max_length=150)),
                ('coded_at', models.DateTimeField()),
                ('code', models.ForeignKey(blank=True, help_text='The code it was imported with.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codings', to='coding.code')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codings', to='vocabularies.theme')),
                ('quotation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codings', to='coding.quotation')),
            ],
            options={
                'verbose_name': 'coded segment',
                'ordering': ['quotation', 'pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('quotation', 'theme', 'code', 'coder'), name='a_coder_codes_a_quotation_once_with_a_theme', nulls_distinct=False), failure_lessons.constraints.Rule(condition=models.Q(('coder', ''), _negated=True), name='a_coding_names_its_coder')],
            },
        ),
        migrations.CreateModel(
            name='SourceDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('guid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='GUID')),
                ('name', models.CharField(help_text='What the file was called.', max_length=200)),
                ('kind', models.CharField(choices=[('pdf', 'PDF'), ('docx', 'Word document'), ('odt', 'OpenDocument text'), ('html', 'Web page'), ('text', 'Plain text')], editable=False, max_length=10)),
                ('sha256', models.CharField(db_index=True, editable=False, max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveIntegerField(editable=False, help_text='Bytes.')),
                ('access', models.CharField(choices=[('private', 'Private: researchers, reviewers and publishers'), ('open', 'Open: everybody who signs in')], default='private', help_text='Readers of the public site never see a document, whatever is chosen here.', max_length=10)),
                ('licence', models.CharField(blank=True, help_text='Why it may be open, such as Open Government Licence v3.0.', max_length=300, verbose_name='licence note')),
                ('note', models.TextField(blank=True, help_text='What a colleague should know about this copy.')),
                ('attached_at', models.DateTimeField(editable=False)),
                ('attached_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='literature.reference')),
            ],
            options={
                'ordering': ['-attached_at', '-pk'],
                'permissions': [('read_private', 'Can read private source documents')],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('name', ''), _negated=True), name='a_source_document_has_a_name'), failure_lessons.constraints.Rule(condition=models.Q(('access', 'private'), models.Q(('licence', ''), _negated=True), _connector='OR'), name='an_open_document_has_a_licence_note'), failure_lessons.constraints.Rule(condition=models.Q(('kind__in', ['pdf', 'docx', 'odt', 'html', 'text'])), name='a_source_document_is_of_a_known_kind')],
            },
        ),
        migrations.AddField(
            model_name='quotation',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotations', to='coding.sourcedocument'),
        ),
        migrations.CreateModel(
            name='SourceFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.BinaryField()),
                ('text', models.TextField()),
                ('pages', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=None)),
                ('labels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('left_out', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, help_text='What the file holds that is not in the text, such as 2 comments.', size=None)),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='file', to='coding.sourcedocument')),
            ],
            options={
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('text', ''), _negated=True), name='a_source_document_has_text'), failure_lessons.constraints.Rule(condition=models.Q(('pages__0', 0)), name='the_first_page_begins_with_the_text')],
            },
        ),
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='casestudies.event')),
                ('finding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='casestudies.casefinding')),
                ('indicator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='casestudies.indicator')),
                ('intervention', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='casestudies.intervention')),
                ('quotation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='coding.quotation')),
                ('review_finding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='literature.reviewfinding')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='casestudies.section')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('event__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('review_finding__isnull', True), ('section__isnull', False)), models.Q(('event__isnull', False), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('review_finding__isnull', True), ('section__isnull', True)), models.Q(('event__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', False), ('review_finding__isnull', True), ('section__isnull', True)), models.Q(('event__isnull', True), ('finding__isnull', True), ('indicator__isnull', False), ('intervention__isnull', True), ('review_finding__isnull', True), ('section__isnull', True)), models.Q(('event__isnull', True), ('finding__isnull', False), ('indicator__isnull', True), ('intervention__isnull', True), ('review_finding__isnull', True), ('section__isnull', True)), models.Q(('event__isnull', True), ('finding__isnull', True), ('indicator__isnull', True), ('intervention__isnull', True), ('review_finding__isnull', False), ('section__isnull', True)), _connector='OR'), name='a_quotation_is_used_in_one_statement'), failure_lessons.constraints.Unique(condition=models.Q(('section__isnull', False)), fields=('quotation', 'section'), name='a_section_uses_a_quotation_once'), failure_lessons.constraints.Unique(condition=models.Q(('event__isnull', False)), fields=('quotation', 'event'), name='an_event_uses_a_quotation_once'), failure_lessons.constraints.Unique(condition=models.Q(('intervention__isnull', False)), fields=('quotation', 'intervention'), name='an_intervention_uses_a_quotation_once'), failure_lessons.constraints.Unique(condition=models.Q(('indicator__isnull', False)), fields=('quotation', 'indicator'), name='an_indicator_uses_a_quotation_once'), failure_lessons.constraints.Unique(condition=models.Q(('finding__isnull', False)), fields=('quotation', 'finding'), name='a_finding_uses_a_quotation_once'), failure_lessons.constraints.Unique(condition=models.Q(('review_finding__isnull', False)), fields=('quotation', 'review_finding'), name='a_review_finding_uses_a_quotation_once')],
            },
        ),
        migrations.AddIndex(
            model_name='quotation',
            index=models.Index(fields=['document', 'page'], name='quotation_page'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='quotation',
            trigger=pgtrigger.compiler.Trigger(name='words_occur_in_the_kept_text', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nif new.exact is distinct from (\n    select substr(kept.text, new.start + 1, new."end" - new.start)\n    from coding_sourcefile kept where kept.document_id = new.document_id\n) then\n    raise exception \'the words of a quotation stand in the kept text at its place\' using errcode = \'check_violation\';\nend if;\nreturn new;\n', hash='004456303d1636d35396e0775534769c8ec88387', operation='INSERT OR UPDATE', pgid='pgtrigger_words_occur_in_the_kept_text_c6731', table='coding_quotation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sourcefile',
            trigger=pgtrigger.compiler.Trigger(name='kept_text_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1a6404d32c97f8bb471cd3ac1c2dbdba67a9cc22', operation='UPDATE', pgid='pgtrigger_kept_text_never_changes_3ecec', table='coding_sourcefile', when='BEFORE')),
        ),
    ]
