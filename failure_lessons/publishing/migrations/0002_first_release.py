import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import failure_lessons.constraints
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('publishing', '0002_library'), ('publishing', '0003_submissions'), ('publishing', '0004_signed_head_and_redaction'), ('publishing', '0005_meaning_of_pins'), ('publishing', '0006_kinds_of_change'), ('publishing', '0007_clock_days'), ('publishing', '0008_list_of_what_is_due'), ('publishing', '0009_orders_and_codes'), ('publishing', '0011_editions_by_day')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('publishing', '0001_text_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=24)),
                ('slug', models.SlugField(db_index=False, max_length=120)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('record_id', models.UUIDField()),
                ('number', models.PositiveIntegerField()),
                ('revision', models.PositiveBigIntegerField(unique=True)),
                ('title', models.CharField(max_length=500)),
                ('summary', models.TextField(blank=True)),
                ('body', models.TextField(blank=True)),
                ('document', models.TextField()),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('terms', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('sort_key', models.CharField(max_length=600)),
                ('search', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('code', 'title', config='evidence', weight='A'), '||', django.contrib.postgres.search.SearchVector('summary', config='evidence', weight='B'), django.contrib.postgres.search.SearchConfig('evidence')), '||', django.contrib.postgres.search.SearchVector('body', config='evidence', weight='C'), django.contrib.postgres.search.SearchConfig('evidence')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('change', models.CharField(blank=True, choices=[('correction-of-form', 'Correction of form'), ('new-evidence', 'New evidence'), ('changed-conclusion', 'Changed conclusion')], max_length=20)),
                ('note', models.TextField(blank=True)),
                ('published_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.TextField(blank=True)),
                ('evidence_changed_at', models.DateTimeField(null=True)),
                ('due_on', models.DateField(null=True)),
                ('look_again_on', models.DateField(null=True)),
                ('published_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['kind', 'sort_key', 'pk'],
                'permissions': [('review_record', 'Can return a record to its author'), ('publish_record', 'Can publish, correct and withdraw records')],
                'indexes': [models.Index(models.F('kind'), models.F('sort_key'), models.F('id'), condition=models.Q(('superseded_at', None), ('withdrawn_at', None)), name='edition_list'), django.contrib.postgres.indexes.GinIndex(fields=['terms'], name='edition_terms'), django.contrib.postgres.indexes.GinIndex(fields=['search'], name='edition_search'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Concat('title', models.Value(' '), 'summary', output_field=models.TextField()), name='gin_trgm_ops'), name='edition_heading'), models.Index(condition=models.Q(('superseded_at', None), ('withdrawn_at', None)), fields=['kind', 'revision'], name='edition_by_publication'), models.Index(condition=models.Q(('superseded_at', None), ('withdrawn_at', None)), fields=['kind', 'published_at'], name='edition_by_day'), models.Index(fields=['kind', 'slug'], name='edition_address'), models.Index(fields=['code'], name='edition_code'), models.Index(fields=['record_id', 'number'], name='edition_record'), models.Index(condition=models.Q(('due_on__isnull', False)), fields=['due_on'], name='edition_due'), models.Index(condition=models.Q(('due_on__isnull', False), ('superseded_at', None), ('withdrawn_at', None)), fields=['kind', 'sort_key', 'id', 'due_on'], name='edition_due_list'), models.Index(condition=models.Q(('look_again_on__isnull', False)), fields=['look_again_on'], name='edition_look'), models.Index(condition=models.Q(('evidence_changed_at__isnull', False)), fields=['evidence_changed_at'], name='edition_marked')],
                'constraints': [failure_lessons.constraints.Unique(fields=('kind', 'record_id', 'number'), name='an_edition_number_is_used_once'), failure_lessons.constraints.Unique(condition=models.Q(('superseded_at', None), ('withdrawn_at', None)), fields=('record_id',), name='a_record_has_one_current_edition'), failure_lessons.constraints.Unique(condition=models.Q(('superseded_at', None), ('withdrawn_at', None)), fields=('kind', 'slug'), name='a_current_address_is_unique'), failure_lessons.constraints.Rule(condition=models.Q(('submitted_by', models.F('published_by')), _negated=True), name='publishing_takes_two_people'), failure_lessons.constraints.Rule(condition=models.Q(('number__gte', 1)), name='edition_numbers_start_at_one'), failure_lessons.constraints.Rule(condition=models.Q(('number__gt', 1), ('change', ''), _connector='OR'), name='a_first_edition_changes_nothing'), failure_lessons.constraints.Rule(condition=models.Q(('withdrawn_at', None), models.Q(('withdrawal_reason', ''), _negated=True), _connector='OR'), name='a_withdrawal_gives_its_reason')],
            },
        ),
        migrations.CreateModel(
            name='EditionCitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meaning', models.CharField(choices=[('rests-on', 'Rests on'), ('about', 'Is about')], default='rests-on', max_length=8)),
                ('cites', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citing', to='publishing.edition')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='publishing.edition')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Unique(fields=('edition', 'cites'), name='an_edition_pins_another_once'), failure_lessons.constraints.Rule(condition=models.Q(('edition', models.F('cites')), _negated=True), name='no_edition_rests_on_itself')],
            },
        ),
        migrations.AddField(
            model_name='edition',
            name='cites',
            field=models.ManyToManyField(related_name='cited_by', through='publishing.EditionCitation', to='publishing.edition'),
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('action', models.CharField(choices=[('published', 'Published'), ('corrected', 'Corrected'), ('withdrawn', 'Withdrawn'), ('redacted', 'Redacted')], max_length=10)),
                ('at', models.DateTimeField()),
                ('note', models.TextField(blank=True)),
                ('former_sha256', models.CharField(blank=True, max_length=64)),
                ('previous_sha256', models.CharField(blank=True, max_length=64)),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='publishing.edition')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'ordering': ['number'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('action', 'redacted'), ('proposed_by__isnull', False), models.Q(('proposed_by', models.F('by')), _negated=True), models.Q(('former_sha256', ''), _negated=True)), models.Q(models.Q(('action', 'redacted'), _negated=True), ('former_sha256', ''), ('proposed_by', None)), _connector='OR'), name='a_redaction_in_the_ledger_takes_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Redaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None)),
                ('reason', models.TextField(help_text='Readers see it. Do not repeat the words.')),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('confirmed_by', None), models.Q(('proposed_by', models.F('confirmed_by')), _negated=True), _connector='OR'), name='redacting_takes_two_people'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('words', [])), _connector='OR'), name='a_confirmed_redaction_keeps_no_words')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('records', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('change', models.CharField(blank=True, choices=[('correction-of-form', 'Correction of form'), ('new-evidence', 'New evidence'), ('changed-conclusion', 'Changed conclusion')], max_length=20)),
                ('words', models.JSONField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['records'], name='submission_records')],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('records', []), _negated=True), name='a_submission_names_its_records')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='editioncitation',
            trigger=pgtrigger.compiler.Trigger(name='pins_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='84ad793fcc821c427f12f8e6add81ab04a4030b5', operation='UPDATE OR DELETE', pgid='pgtrigger_pins_are_never_changed_fc5a6', table='publishing_editioncitation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='editions_are_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='fe724062deb83b7b0e761098d8e9787e13b3e6ac', operation='DELETE', pgid='pgtrigger_editions_are_never_deleted_334c2', table='publishing_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='editions_never_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    if (to_jsonb(new) - array['superseded_at', 'withdrawn_at', 'withdrawal_reason',\n                                              'evidence_changed_at', 'search'])\n                       is distinct from\n                       (to_jsonb(old) - array['superseded_at', 'withdrawn_at', 'withdrawal_reason',\n                                              'evidence_changed_at', 'search'])\n                       or (old.superseded_at is not null and new.superseded_at is distinct from old.superseded_at)\n                       or (old.withdrawn_at is not null and (new.withdrawn_at, new.withdrawal_reason)\n                                                     is distinct from (old.withdrawn_at, old.withdrawal_reason))\n                       or (old.evidence_changed_at is not null\n                           and new.evidence_changed_at is distinct from old.evidence_changed_at)\n                    then\n                        raise exception 'edition % is published and cannot be changed', old.id\n                            using errcode = 'restrict_violation';\n                    end if;\n                    return new;\n                ", hash='96c293bdd14d2ba19187db92b5a3d0e63e9a14e6', operation='UPDATE', pgid='pgtrigger_editions_never_change_2537b', table='publishing_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='the_ledger_is_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6987d1cbd2c73fe3fb7dfadd1826b1fab2aaa897', operation='UPDATE OR DELETE', pgid='pgtrigger_the_ledger_is_never_changed_44953', table='publishing_ledgerentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='the_ledger_has_no_gaps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE last record;', func="\n                    select number, at, sha256 into last from publishing_ledgerentry order by number desc limit 1;\n                    if new.number <> coalesce(last.number, 0) + 1\n                       or new.previous_sha256 <> coalesce(last.sha256, '')\n                       or new.at < coalesce(last.at, new.at)\n                    then\n                        raise exception 'revision % does not follow revision %', new.number, coalesce(last.number, 0)\n                            using errcode = 'restrict_violation';\n                    end if;\n                    return new;\n                ", hash='8bffd28ff1b0135b570dc888c6b112fe20110547', operation='INSERT', pgid='pgtrigger_the_ledger_has_no_gaps_2a4e9', table='publishing_ledgerentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submission',
            trigger=pgtrigger.compiler.Trigger(name='submissions_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a66e0f166507bb5c23aa669b758126a6fba2c78f', operation='UPDATE OR DELETE', pgid='pgtrigger_submissions_are_never_changed_1bde6', table='publishing_submission', when='BEFORE')),
        ),
    ]
