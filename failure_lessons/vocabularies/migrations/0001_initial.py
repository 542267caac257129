import django.db.models.deletion
import failure_lessons.constraints
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['label', 'pk'],
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('scope_note', ''), _negated=True), name='a_theme_has_a_scope_note')],
            },
        ),
    ]
