from django.db import migrations


def make_the_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.get_or_create(name="partner")


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0001_tokens_and_drafts"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(make_the_group, migrations.RunPython.noop),
    ]
