"""Notices come at once, once a day or never, where they were on or off."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_first_release"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="notices",
            field=models.CharField(
                choices=[("at-once", "At once"), ("daily", "Once a day, in one mail"), ("none", "Never")],
                default="at-once",
                help_text="Be told by e-mail of your tasks, comments, what waits for review, and what became of your work.",
                max_length=10,
                verbose_name="e-mail notices",
            ),
        ),
        migrations.RunSQL(
            "update accounts_user set notices = case notices when 'true' then 'at-once' else 'none' end",
            "update accounts_user set notices = case notices when 'none' then 'false' else 'true' end",
        ),
    ]
