import casestudies.identifiers
import django.db.models.deletion
import failure_lessons.rules
from django.conf import settings
from django.db import migrations, models

from failure_lessons.workbench.roles import make_groups


class Migration(migrations.Migration):

    dependencies = [
        ('casestudies', '0001_case_studies'),
        ('workbench', '0004_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='organisation',
            name='ods',
            field=models.CharField(blank=True, help_text='Code of an NHS body.', max_length=10, validators=[casestudies.identifiers.validate_ods], verbose_name='ODS code'),
        ),
        migrations.AlterField(
            model_name='organisation',
            name='ror',
            field=models.CharField(blank=True, help_text='Research Organization Registry, such as 04h699437.', max_length=9, validators=[casestudies.identifiers.validate_ror], verbose_name='ROR'),
        ),
        migrations.AlterField(
            model_name='organisation',
            name='urn',
            field=models.CharField(blank=True, help_text='Unique reference number of an English school, six digits.', max_length=6, validators=[casestudies.identifiers.validate_urn], verbose_name='URN'),
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
                'constraints': [failure_lessons.rules.Unique(fields=('first', 'second'), name='two_organisations_are_set_apart_once'), failure_lessons.rules.Rule(condition=models.Q(('first__lt', models.F('second'))), name='two_organisations_are_kept_in_one_order')],
            },
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
