"""django-axes, which slowed down guessing before, is gone: so are the addresses and browsers it kept."""

from django.db import migrations

DROP = """
drop table if exists axes_accessattemptexpiration, axes_accessattempt, axes_accesslog, axes_accessfailurelog cascade;
delete from django_migrations where app = 'axes';
"""


def forget_rights(apps, schema_editor):
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="axes").delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sign_ins_and_password_links"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
        migrations.RunPython(forget_rights, migrations.RunPython.noop),
    ]
