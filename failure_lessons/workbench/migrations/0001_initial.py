import django.db.models.deletion
import failure_lessons.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.UUIDField(db_index=True)),
                ('model', models.CharField(help_text='What kind of record, such as casestudies.casestudy.', max_length=80)),
                ('place', models.CharField(blank=True, help_text='A field or a part. Empty: the whole record.', max_length=80)),
                ('text', models.TextField(max_length=4000)),
                ('at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('text', ''), _negated=True), name='a_comment_says_something'), failure_lessons.constraints.Rule(condition=models.Q(models.Q(('resolved_at', None), ('resolved_by', None)), models.Q(('resolved_at__isnull', False), ('resolved_by__isnull', False)), _connector='OR'), name='a_resolved_comment_says_who_resolved_it')],
            },
        ),
    ]
