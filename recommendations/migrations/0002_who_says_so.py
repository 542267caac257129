
import failure_lessons.publishing.csl_names
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0001_first_release'),
    ]

    operations = [
        migrations.AddField(
            model_name='lesson',
            name='authors',
            field=failure_lessons.publishing.csl_names.NamesListField(blank=True, default=list, help_text='Who wrote it: they are named when it is cited.'),
        ),
        migrations.AddField(
            model_name='lesson',
            name='contact',
            field=models.CharField(blank=True, help_text='Where readers write to about it.', max_length=200),
        ),
        migrations.AddField(
            model_name='lesson',
            name='funding',
            field=models.TextField(blank=True, help_text='Who paid for the work, and what part they had in it.'),
        ),
        migrations.AddField(
            model_name='lesson',
            name='interests',
            field=models.TextField(blank=True, help_text='Interests of the authors, or that they have none.'),
        ),
        migrations.AddField(
            model_name='lesson',
            name='reviewers',
            field=failure_lessons.publishing.csl_names.NamesListField(blank=True, default=list, help_text='Who read it critically before publication.'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='authors',
            field=failure_lessons.publishing.csl_names.NamesListField(blank=True, default=list, help_text='Who wrote it: they are named when it is cited.'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='contact',
            field=models.CharField(blank=True, help_text='Where readers write to about it.', max_length=200),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='funding',
            field=models.TextField(blank=True, help_text='Who paid for the work, and what part they had in it.'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='interests',
            field=models.TextField(blank=True, help_text='Interests of the authors, or that they have none.'),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='reviewers',
            field=failure_lessons.publishing.csl_names.NamesListField(blank=True, default=list, help_text='Who read it critically before publication.'),
        ),
        migrations.AddField(
            model_name='situation',
            name='authors',
            field=failure_lessons.publishing.csl_names.NamesListField(blank=True, default=list, help_text='Who wrote it: they are named when it is cited.'),
        ),
        migrations.AddField(
            model_name='situation',
            name='contact',
            field=models.CharField(blank=True, help_text='Where readers write to about it.', max_length=200),
        ),
        migrations.AddField(
            model_name='situation',
            name='funding',
            field=models.TextField(blank=True, help_text='Who paid for the work, and what part they had in it.'),
        ),
        migrations.AddField(
            model_name='situation',
            name='interests',
            field=models.TextField(blank=True, help_text='Interests of the authors, or that they have none.'),
        ),
        migrations.AddField(
            model_name='situation',
            name='reviewers',
            field=failure_lessons.publishing.csl_names.NamesListField(blank=True, default=list, help_text='Who read it critically before publication.'),
        ),
    ]
