import django.db.models.deletion
import failure_lessons.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('access', '0001_initial'),
        ('access', '0002_tokens_for_trying_out'),
    ]

    dependencies = [
        ('access', '0001_first_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='token',
            name='created_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='token',
            name='partner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(('scopes', []), _negated=True), name='a_token_may_do_something'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(('scopes__contained_by', ['read', 'webhooks', 'write:case-studies', 'write:findings', 'write:packages', 'write:references'])), name='a_token_has_known_scopes'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='a_token_expires_after_it_was_made'),
        ),
        migrations.AddConstraint(
            model_name='token',
            constraint=failure_lessons.constraints.Rule(condition=models.Q(('hashed', ''), _negated=True), name='a_token_is_kept_as_a_hash'),
        ),
    ]
