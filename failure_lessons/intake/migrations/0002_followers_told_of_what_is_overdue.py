import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_intake")]

    operations = [
        migrations.AddField(
            model_name="following",
            name="seen_day",
            field=models.DateField(default=django.utils.timezone.localdate),
        )
    ]
