"""From now on every table of evidence records its changes."""

from django.db import migrations

from failure_lessons.workbench.recording import record_all, record_none


class Migration(migrations.Migration):
    dependencies = [
        ("workbench", "0001_history"),
        ("failure_lessons", "0001_people_and_themes"),
        ("literature", "0001_literature"),
        ("casestudies", "0001_case_studies"),
        ("recommendations", "0001_recommendations"),
    ]

    operations = [migrations.RunPython(record_all, record_none)]
