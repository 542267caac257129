"""The roles of the workbench as groups. Repeat it in a migration of its own when evidence gets new tables."""

from django.db import migrations

from failure_lessons.workbench.roles import keep_publishers, make_groups


class Migration(migrations.Migration):
    dependencies = [
        ("workbench", "0003_comments"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("failure_lessons", "0002_notices"),
        ("publishing", "0004_review_and_publish"),
        ("partners", "0002_the_group_of_partners"),
        ("webhooks", "0001_webhooks"),
        ("literature", "0001_literature"),
        ("casestudies", "0001_case_studies"),
        ("recommendations", "0001_recommendations"),
    ]

    operations = [
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(keep_publishers, migrations.RunPython.noop),
    ]
