import failure_lessons.constraints
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('operations', '0001_count_use'), ('operations', '0002_checked_links')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LogRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_line', models.CharField(help_text='Hash of its first line, without the address.', max_length=64, unique=True)),
                ('read_to', models.PositiveBigIntegerField(default=0, help_text='Bytes of whole lines that were counted.')),
                ('read_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CheckedLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=2000, unique=True, verbose_name='address')),
                ('state', models.CharField(choices=[('waiting', 'Not tried yet'), ('reached', 'Reached'), ('unclear', 'Answers, but not to a program'), ('failed', 'Not reached')], default='waiting', max_length=8)),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('words', models.CharField(blank=True, max_length=200, verbose_name='what came back')),
                ('due_at', models.DateTimeField(verbose_name='next try')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='last tried')),
                ('reached_at', models.DateTimeField(blank=True, null=True, verbose_name='last reached')),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='tries that failed since')),
                ('archived_url', models.CharField(blank=True, max_length=2000, verbose_name='archived copy')),
            ],
            options={
                'verbose_name': 'link to a source',
                'verbose_name_plural': 'links to sources',
                'ordering': ['-failures', 'due_at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(models.Q(('failing_since', None), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0)), _connector='OR'), name='a_link_that_fails_says_since_when')],
            },
        ),
        migrations.CreateModel(
            name='UseCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('deed', models.CharField(choices=[('opened', 'Opened'), ('taken', 'Taken away'), ('embedded', 'Embedded'), ('searched', 'Searched'), ('in-vain', 'Searched and not found')], max_length=10)),
                ('kind', models.CharField(blank=True, max_length=24)),
                ('slug', models.CharField(blank=True, max_length=120, verbose_name='record')),
                ('number', models.PositiveBigIntegerField(verbose_name='times')),
            ],
            options={
                'verbose_name': 'use',
                'verbose_name_plural': 'use of the site',
                'ordering': ['-day', 'deed', 'kind', 'slug'],
                'constraints': [failure_lessons.constraints.Unique(models.F('day'), models.F('deed'), models.F('kind'), models.F('slug'), name='one_count_for_each_day_deed_and_record'), failure_lessons.constraints.Rule(condition=models.Q(('number__gt', 0)), name='a_count_is_more_than_nought')],
            },
        ),
        migrations.CreateModel(
            name='VainSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=80)),
                ('day', models.DateField()),
                ('number', models.PositiveBigIntegerField(verbose_name='times')),
            ],
            options={
                'verbose_name': 'search that found nothing',
                'verbose_name_plural': 'searches that found nothing',
                'ordering': ['-day', 'words'],
                'constraints': [failure_lessons.constraints.Unique(models.F('words'), models.F('day'), name='one_count_for_words_and_day')],
            },
        ),
    ]
