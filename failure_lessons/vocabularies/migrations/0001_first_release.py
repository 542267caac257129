import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import failure_lessons.constraints
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('vocabularies', '0001_initial'), ('vocabularies', '0003_theme_alt_labels')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='VocabularyTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vocabulary', models.CharField(choices=[('failure-type', 'Types of failure'), ('intervention', 'Kinds of intervention'), ('framework', 'Frameworks of a question'), ('appraisal-tool', 'Tools of appraisal')], max_length=20)),
                ('code', models.SlugField(help_text='Stands in addresses, documents and exports, and never changes: lower case, digits, hyphens.', max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z0-9]+(-[a-z0-9]+)*\\Z', 'Write lower-case letters, digits and hyphens.')])),
                ('label', models.CharField(help_text='What readers see, in sentence case. What is published keeps the label that it was published with, until it is published anew.', max_length=100)),
                ('scope_note', models.TextField(blank=True, help_text='What belongs under this term, and what belongs elsewhere.')),
                ('position', models.PositiveSmallIntegerField(default=100, help_text='Its place in forms, the lowest first.')),
                ('retired', models.BooleanField(default=False, help_text='Forms no longer offer it. Where it was chosen it stays, and stays valid.')),
            ],
            options={
                'ordering': ['vocabulary', 'position', 'code'],
                'constraints': [failure_lessons.constraints.Unique(fields=('vocabulary', 'code'), name='a_vocabulary_has_a_code_once'), failure_lessons.constraints.Unique(fields=('vocabulary', 'label'), name='a_vocabulary_has_a_label_once'), failure_lessons.constraints.Rule(condition=models.Q(('label', ''), _negated=True), name='a_term_of_a_vocabulary_has_a_label'), failure_lessons.constraints.Rule(condition=models.Q(('code__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='a_code_is_lower_case_with_hyphens'), failure_lessons.constraints.Rule(condition=models.Q(('vocabulary__in', ['failure-type', 'intervention', 'framework', 'appraisal-tool'])), name='a_term_is_in_a_known_vocabulary')],
            },
        ),
        migrations.CreateModel(
            name='Theme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in-review', 'In review'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=12)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('submitted_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                ('review_note', models.TextField(blank=True, editable=False)),
                ('edited_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(help_text='The code used in addresses and exports. Never change it.', max_length=60, unique=True)),
                ('label', models.CharField(help_text='What readers see, in sentence case.', max_length=100, unique=True)),
                ('scope_note', models.TextField(help_text='What belongs under this theme, and what belongs elsewhere.')),
                ('alt_labels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Other words that readers use for it: a search for one of them finds what stands under the theme.', size=None, verbose_name='also called')),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['label', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('scope_note', ''), _negated=True), name='a_theme_has_a_scope_note')],
            },
        ),
    ]
