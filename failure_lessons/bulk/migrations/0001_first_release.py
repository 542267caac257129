import django.db.models.deletion
import failure_lessons.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('bulk', '0001_initial')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('list', models.CharField(help_text='The list it is for, such as literature.reference.', max_length=80)),
                ('read_as', models.CharField(help_text='Excel workbook, or CSV and its character set.', max_length=100)),
                ('rows', models.JSONField(default=dict, help_text='The cells as text, headings first.')),
                ('plan', models.JSONField(default=dict, help_text='What it would change, as it was shown last.')),
                ('decisions', models.JSONField(default=dict, help_text='“sheet” for each conflict that the sheet wins, by row.field.')),
                ('result', models.JSONField(default=dict, help_text='What was done.')),
                ('made_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Waits for you'), ('done', 'Done')], default='open', max_length=10)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('state__in', ['open', 'done'])), name='an_upload_is_open_or_done')],
            },
        ),
    ]
