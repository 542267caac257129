import django.db.models.deletion
import django.utils.timezone
import failure_lessons.rules
from django.conf import settings
from django.db import migrations, models

from failure_lessons.workbench.recording import record_all
from failure_lessons.workbench.roles import make_groups


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0002_judging'),
        ('workbench', '0004_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                'constraints': [failure_lessons.rules.Rule(condition=models.Q(('check_code__in', ['owner', 'one-action', 'risk', 'measure', 'timescale', 'cost', 'wording', 'weak-action', 'duplicate', 'contradiction', 'conditions', 'counter-evidence'])), name='a_departure_is_from_a_known_check'), failure_lessons.rules.Rule(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('found', ''), _negated=True)), name='a_departure_says_what_was_found_and_why_it_stays'), failure_lessons.rules.Unique(fields=('recommendation', 'check_code', 'found'), name='a_departure_is_explained_once')],
            },
        ),
        migrations.RunPython(record_all, migrations.RunPython.noop),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
